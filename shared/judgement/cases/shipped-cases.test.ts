import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseDocument } from 'yaml';
import { compileRuleSet } from '#shared/policy/compile.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { playCase } from './play.ts';
import { CASES_ENDING, readCases } from './read.ts';
import { namedIn, runCases } from './run-cases.ts';

const folder = new URL('../../../rules/', import.meta.url);
const files: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
);
const rules = Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith(CASES_ENDING)));

/** The combinations beyond pairs, by the names that the cases give them. */
const COMBINATIONS = ['three together', 'halves', 'groups', 'plan, person, wish', 'cause gone'];

describe('the shipped cases', () => {
  const report = runCases(files);

  test('all pass', () => {
    assert.deepEqual(report.errors.map(ruleErrorText), []);
    const failed = report.results.filter((result) => !result.passed);
    assert.deepEqual(
      failed.map(({ file, line, name, differences }) => ({ at: `${file}:${line}`, name, differences })),
      [],
    );
    assert.deepEqual([report.passed, report.failed], [report.cases, 0]);
    assert.ok(report.cases >= 120, `${report.cases} cases`);
  });

  test('hold every conflict of the catalogue and every combination, each with near misses', () => {
    const { cases } = readCases(files);
    const misses = new Map<string, number>();
    const hits = new Map<string, number>();
    for (const { written } of cases) {
      const number = String(written.number);
      const refused = /denied|deferred|escalated|adjusted|voided/.test(
        JSON.stringify([written.expect, written.effects, written.then]),
      );
      const count = refused ? hits : misses;
      count.set(number, (count.get(number) ?? 0) + 1);
    }
    for (const number of [...Array.from({ length: 27 }, (_, index) => String(index + 1)), ...COMBINATIONS]) {
      assert.ok((hits.get(number) ?? 0) >= 1, `conflict ${number} has no case`);
      assert.ok((misses.get(number) ?? 0) >= 1, `conflict ${number} has no near miss`);
    }
  });
});

test("the cases in the merchants' guide pass with the shipped rules", () => {
  const guide = readFileSync(new URL('README.md', folder), 'utf8');
  const examples = [...guide.matchAll(/```yml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  assert.equal(examples.length, 1);
  const report = runCases({ ...rules, 'mine.cases.yaml': examples[0] ?? '' });
  assert.deepEqual(report.errors.map(ruleErrorText), []);
  assert.deepEqual(
    report.results.flatMap((result) => result.differences),
    [],
  );
  assert.equal(report.passed, 4);
});

/** The rule set without one rule of one file. */
function without(file: string, index: number): Policy {
  const document = parseDocument(files[file] ?? '');
  document.deleteIn(['rules', index]);
  const compiled = compileRuleSet({ ...rules, [file]: String(document) }, 'without');
  if ('errors' in compiled) assert.fail(compiled.errors.map(ruleErrorText).join('\n'));
  return compiled.policy;
}

describe('every shipped rule is needed', () => {
  const { cases } = readCases(files);
  for (const file of Object.keys(rules)) {
    const listed = (parseDocument(files[file] ?? '').toJS() as { rules?: { id: string }[] }).rules ?? [];
    for (const [index, { id }] of listed.entries()) {
      test(`${id}: without it another verdict is given somewhere`, () => {
        const policy = without(file, index);
        const likelyFirst = cases.toSorted((a, b) => Number(namedIn(b).includes(id)) - Number(namedIn(a).includes(id)));
        const changed = likelyFirst.find((read) =>
          // Not only another name under the same verdict: what happens is different.
          playCase(read, policy)?.differences.some(({ expected, got }) => firstWord(expected) !== firstWord(got)),
        );
        assert.ok(changed, `${file}: no case is decided differently without ${id}`);
      });
    }
  }
});

function firstWord(text: string): string {
  return text.split(/[\s,]/)[0] ?? '';
}
