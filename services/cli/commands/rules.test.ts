import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TEST_SHOP } from '#shared/policy/testing.ts';
import { Api } from '../api.ts';
import { type Command, EXIT, RULES_EXIT, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { rulesCheck } from './rules-check.ts';
import { rulesDiff } from './rules-diff.ts';
import { rulesTest } from './rules-test.ts';

const SHIPPED = fileURLToPath(new URL('../../../rules', import.meta.url));

const FLOOR = `rules:
  - id: margin-floor
    kind: guardrail
    on: sku
    assert: projected.margin >= 15%
    else: adjust
    whenUnknown: deny
    why: Nothing below 15 %.
end: true
`;

describe('commands about rule files', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'parley-rules-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A folder of rules that holds these files beside the test shop. */
  function rulesOf(name: string, files: Readonly<Record<string, string>>): string {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'shop.yaml'), TEST_SHOP);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(join(path, file, '..'), { recursive: true });
      writeFileSync(join(path, file), text);
    }
    return path;
  }

  async function run(
    command: Command,
    operands: string[],
    options: Record<string, string | boolean> = {},
    answer?: unknown,
  ) {
    let text = '';
    const output = new Output(options.json === true, { write: (part) => (text += part) }, { write: () => {} });
    const fetcher = (async () => {
      if (answer === undefined) throw new Error('no system runs');
      return Response.json(answer);
    }) as unknown as typeof fetch;
    const code = await command.run({ operands, options, api: new Api('http://127.0.0.1:1', fetcher), output });
    return { code, text, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
  }

  describe('rules check', () => {
    test('the shipped rules load, and no finding is an error', async () => {
      const { code, last } = await run(rulesCheck, [SHIPPED], { json: true });
      assert.deepEqual(
        last().findings.filter((finding: { level: string }) => finding.level === 'error'),
        [],
      );
      assert.equal(code, RULES_EXIT.fine);
      assert.equal(last().ok, true);
    });

    test('a fault comes with its place, its line, a caret and a guess', async () => {
      const path = rulesOf('fault', { 'money.yaml': FLOOR.replace('projected.margin', 'projected.margn') });
      const { code, text } = await run(rulesCheck, [path]);
      assert.equal(code, RULES_EXIT.unloadable);
      assert.match(text, /^money\.yaml:5:\d+: unknown field "margn"\. Did you mean "margin"\?/);
      const [, source, caret] = text.split('\n');
      const column = Number(/^money\.yaml:5:(\d+)/.exec(text)?.[1]);
      assert.ok(source?.endsWith('assert: projected.margn >= 15%'));
      assert.equal(caret!.length - 1 - caret!.indexOf('| ') - 2, column - 1, 'the caret stands under the column');
    });

    test('faults as JSON', async () => {
      const path = rulesOf('json', { 'money.yaml': 'rules: []\n' });
      const { code, last } = await run(rulesCheck, [path], { json: true });
      assert.equal(code, RULES_EXIT.unloadable);
      assert.deepEqual([last().ok, last().loads, last().faults.length], [false, false, 1]);
      assert.equal(last().faults[0].file, 'money.yaml');
    });

    test('an error of the analysis ends with 4; a warning only when it is strict', async () => {
      const clash = FLOOR.replace(
        'end: true',
        '  - id: ceiling\n    kind: guardrail\n    on: sku\n    assert: projected.margin <= 5%\n    else: deny\n    whenUnknown: allow\n    why: w\nend: true',
      );
      const broken = await run(rulesCheck, [rulesOf('clash', { 'money.yaml': clash })]);
      assert.equal(broken.code, RULES_EXIT.found);
      assert.match(broken.text, /error contradicting {2}money\.yaml:9: ceiling/);
      assert.match(broken.text, /For example: sku:/);
      const late =
        'rules:\n  - { id: old, kind: temporal, scope: { action: campaign.send }, freeze: { from: 2010-12-01, to: 2010-12-24 }, why: w }\nend: true\n';
      const path = rulesOf('late', { 'timing.yaml': late });
      assert.equal((await run(rulesCheck, [path])).code, RULES_EXIT.fine);
      assert.equal((await run(rulesCheck, [path], { strict: true })).code, RULES_EXIT.found);
    });

    test("a store's own file is named by its path, and a shared fault once", async () => {
      const path = rulesOf('stores', {
        'money.yaml': FLOOR,
        'paris/money.yaml': FLOOR.replace('assert:', 'asert:'),
        'rome/timing.yaml': 'rules: []\nend: true\n',
      });
      const { text } = await run(rulesCheck, [path]);
      assert.match(text, /^paris\/money\.yaml:\d+:\d+: /m);
      assert.ok(!/^money\.yaml/m.test(text));
    });

    test('a file or a missing folder is a mistake of usage', async () => {
      await assert.rejects(run(rulesCheck, [join(SHIPPED, 'shop.yaml')]), UsageError);
      await assert.rejects(run(rulesCheck, [join(folder, 'nowhere')]), /There is no folder/);
    });
  });

  describe('rules test', () => {
    test('the shipped cases pass', async () => {
      const { code, last } = await run(rulesTest, [SHIPPED], { json: true });
      assert.equal(code, RULES_EXIT.fine);
      assert.deepEqual(Object.keys(last()), ['passed', 'failed', 'cases', 'rules']);
      assert.equal(last().failed, 0);
      assert.ok(last().cases >= 120, `${last().cases} cases`);
    });

    test('a case that comes out otherwise is shown with what it expected and what it got', async () => {
      const path = join(folder, 'changed');
      cpSync(SHIPPED, path, { recursive: true });
      const money = join(path, 'money.yaml');
      writeFileSync(
        money,
        readFileSync(money, 'utf8').replace('assert: projected.margin >= 15%', 'assert: projected.margin >= 5%'),
      );
      const { code, text } = await run(rulesTest, [path]);
      assert.equal(code, RULES_EXIT.found);
      assert.match(text, /^FAILS {2}[\w-]+\.cases\.yaml:\d+ {2}/m);
      assert.match(text, /^ {4}expected {2}.+\n {4}got {7}.+/m);
      const only = await run(rulesTest, [path], { only: 'no-such-case' });
      assert.equal(only.code, RULES_EXIT.fine);
      const some = await run(rulesTest, [path], { only: 'margin-floor', json: true });
      assert.ok(some.last().cases > 0 && some.last().cases < 60);
    });

    const caseOf = (name: string, lines: string) => `  - case: ${name}\n    ${lines}\n`;
    const casesOf = (...cases: string[]) => `cases:\n${cases.join('')}end: true\n`;
    const calm = 'conflict: none';

    test('a limit that asks nobody any more: the case fails that waits for an answer, and the others are run', async () => {
      const path = join(folder, 'unasked');
      cpSync(SHIPPED, path, { recursive: true });
      const money = join(path, 'money.yaml');
      writeFileSync(money, readFileSync(money, 'utf8').replace('impact.cash > £100', 'impact.cash > £150'));
      const whole = await run(rulesTest, [SHIPPED], { json: true });
      const { code, last, text } = await run(rulesTest, [path], { json: true });
      assert.equal(code, RULES_EXIT.found, text);
      assert.equal(last().cases, whole.last().cases);
      assert.match(text, /"expected":"a question that is open","got":"nobody is asked"/);
    });

    test('a case at fault is told, the others are run; only some cases means only their faults', async () => {
      const path = rulesOf('one-at-fault', {
        'money.yaml': FLOOR,
        'bad.cases.yaml': casesOf(caseOf('broken', 'intnts: {}'), caseOf('whole', calm)),
        'good.cases.yaml': casesOf(caseOf('candles', calm)),
      });
      const all = await run(rulesTest, [path]);
      assert.equal(all.code, RULES_EXIT.unloadable);
      assert.match(all.text, /^1 fault in the cases: what is at fault was not run\.\n2 cases: 2 passed, 0 failed\n$/m);
      const some = await run(rulesTest, [path], { only: 'candles' });
      assert.deepEqual([some.code, some.text], [RULES_EXIT.fine, '1 case: 1 passed, 0 failed\n']);
      const beside = await run(rulesTest, [path], { only: 'whole' });
      assert.equal(beside.code, RULES_EXIT.unloadable);
      const none = await run(rulesTest, [path], { only: 'nosuch' });
      assert.match(none.text, /No case in .* matches "nosuch"\.\n$/);
    });

    test('a failing case without a number, and a folder with few cases', async () => {
      const floors = Array.from({ length: 9 }, (_, n) =>
        FLOOR.replace('margin-floor', `floor-${n}`).split('\n').slice(1, 8),
      );
      const path = rulesOf('few', {
        'money.yaml': `rules:\n${floors.flat().join('\n')}\nend: true\n`,
        'a.cases.yaml': casesOf(caseOf('odd', 'conflict: direct')),
      });
      const { code, text } = await run(rulesTest, [path]);
      assert.equal(code, RULES_EXIT.found);
      assert.match(text, /^FAILS {2}a\.cases\.yaml:2 {2}odd$/m);
      assert.match(text, /^Cases name 0 rules as the one that decides; none names floor-0, .*, floor-4 and 4 more$/m);
    });

    test('rules that do not load are said so in a sentence', async () => {
      const path = rulesOf('half', { 'money.yaml': FLOOR.replace('end: true\n', '') });
      for (const command of [rulesTest, rulesCheck])
        assert.match((await run(command, [path])).text, /^The rules in .*half do not load: 1 fault\./m);
    });

    test('rules or cases that do not load end with 3, and the last line is the same object', async () => {
      for (const [name, files] of Object.entries({
        rules: { 'money.yaml': FLOOR.replace('end: true\n', '') },
        cases: { 'money.yaml': FLOOR, 'money.cases.yaml': 'cases: [{ case: x, intnts: {} }]\nend: true\n' },
      })) {
        const { code, last, text } = await run(rulesTest, [rulesOf(`unloadable-${name}`, files)], { json: true });
        assert.equal(code, RULES_EXIT.unloadable, text);
        assert.deepEqual(last(), { passed: 0, failed: 0, cases: 0, rules: 0 });
      }
    });
  });

  describe('rules diff', () => {
    test('two folders', async () => {
      const [old, now] = [
        rulesOf('a', { 'money.yaml': FLOOR }),
        rulesOf('b', { 'money.yaml': FLOOR.replace('15%', '12%') }),
      ];
      const { code, text } = await run(rulesDiff, [old, now]);
      assert.equal(code, RULES_EXIT.fine);
      assert.match(text, /^margin-floor: assert 15% -> 12%\n1 difference from /);
      assert.match((await run(rulesDiff, [old, old])).text, /They are the same/);
      assert.equal((await run(rulesDiff, [old, now], { json: true })).last().changes[0].rule, 'margin-floor');
    });

    test('a stored set against a folder; what is neither is a mistake', async () => {
      const files = { 'shop.yaml': TEST_SHOP, 'money.yaml': FLOOR };
      const now = rulesOf('c', { 'money.yaml': FLOOR.replace('15%', '12%') });
      const { text } = await run(rulesDiff, ['436e05d402c7', now], {}, { hash: '436e05d402c7', files });
      assert.match(text, /^margin-floor: assert 15% -> 12%/);
      await assert.rejects(run(rulesDiff, ['nothing', now]), /no folder and no hash/);
    });

    test('a side that does not load', async () => {
      const [old, now] = [rulesOf('d', { 'money.yaml': FLOOR }), rulesOf('e', { 'money.yaml': 'rules: [' })];
      assert.equal((await run(rulesDiff, [old, now])).code, RULES_EXIT.unloadable);
    });
  });

  test('their help says what their exit codes mean', () => {
    for (const command of [rulesCheck, rulesTest, rulesDiff]) {
      assert.match(command.exits ?? '', new RegExp(`${RULES_EXIT.unloadable} .*load`));
      assert.ok(command.exits?.includes(`${EXIT.usage} wrong usage`));
    }
  });
});
