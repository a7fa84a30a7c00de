import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'yaml';
import { compileRuleSet } from './compile.ts';

const folder = new URL('../../rules/', import.meta.url);
const names = readdirSync(folder).filter((name) => /(?<!\.cases)\.yaml$/.test(name));
const files = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));
const shop = files['shop.yaml'] ?? '';

/** Raised by hand for the long run: RUNS=5000 node --test shared/policy/mutated-rules.test.ts */
const RUNS = Number(process.env.RUNS ?? 400);

type Mutation = (text: string) => string;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const cut = fc.tuple(place, fc.integer({ min: 1, max: 60 })).map(
  ([at, length]): Mutation =>
    (text) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + text.slice(start + length);
    },
);
const scraps = [
  '\n',
  ' ',
  '\t',
  ':',
  '- ',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  '#',
  '|',
  '>',
  '&a ',
  '*a',
  '!!js/function ',
  '<<: ',
  '%',
  '£',
  '€9',
  '15%',
  'end: true\n',
  '__proto__: {}\n',
  'constructor: 1\n',
  '\u0000',
  '\ud800',
  '🎁',
  '99999999999999999999',
  'matches("(a+)+$")',
  '?',
  '---\n',
  '...\n',
  'null',
  '.inf',
  '0x1F',
  '\u202e',
];
const insert = fc.tuple(place, fc.constantFrom(...scraps)).map(
  ([at, scrap]): Mutation =>
    (text) => {
      const start = Math.floor(at * text.length);
      return text.slice(0, start) + scrap + text.slice(start);
    },
);
const lines = fc.tuple(place, fc.constantFrom('drop', 'double', 'indent', 'swap')).map(
  ([at, what]): Mutation =>
    (text) => {
      const all = text.split('\n');
      const index = Math.floor(at * (all.length - 1));
      const line = all[index] ?? '';
      if (what === 'drop') all.splice(index, 1);
      else if (what === 'double') all.splice(index, 0, line);
      else if (what === 'indent') all[index] = `  ${line}`;
      else all.splice(index, 2, all[index + 1] ?? '', line);
      return all.join('\n');
    },
);
const mutations = fc.array(fc.oneof(cut, insert, lines), { minLength: 1, maxLength: 3 });

/** How many rules the text holds by a reading of its own: a set with fewer would be a part of one. */
function rulesIn(text: string): number {
  return (parse(text) as { rules?: unknown[] }).rules?.length ?? 0;
}

describe('mutated rule files', () => {
  test(`${RUNS} mutations: refused with a place, or whole; never a throw, never a part`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), mutations, (name, steps) => {
        const text = steps.reduce((before, step) => step(before), files[name] ?? '');
        const set = { 'shop.yaml': shop, 'other.yaml': 'rules: []\nend: true', [name]: text };
        const result = compileRuleSet(set, 'h');
        if ('policy' in result) {
          const topics = Object.entries(set).filter(([file]) => file !== 'shop.yaml');
          const expected = topics.reduce((sum, [, content]) => sum + rulesIn(content), 0);
          assert.equal(result.policy.rules.filter((rule) => rule.file !== 'shop.yaml').length, expected);
          return;
        }
        assert.ok(result.errors.length > 0);
        for (const error of result.errors) {
          assert.ok(error.message.length > 0 && !error.message.includes('could not be read'), error.message);
          assert.ok(error.line >= 1 && error.line <= text.split('\n').length + 1, `${error.file}:${error.line}`);
        }
      }),
      { numRuns: RUNS },
    );
  });

  for (const name of names) {
    test(`${name} cut short anywhere is refused`, () => {
      const text = files[name] ?? '';
      const whole = text.indexOf('end: true') + 'end: true'.length;
      for (let length = 0; length < whole; length += 13) {
        const result = compileRuleSet(
          { 'shop.yaml': shop, 'other.yaml': 'rules: []\nend: true', [name]: text.slice(0, length) },
          'h',
        );
        assert.ok('errors' in result, `taken at ${length} of ${whole}`);
      }
    });
  }
});
