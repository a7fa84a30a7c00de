import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileRuleSet } from './compile.ts';
import { ruleErrorText } from './rule-error.ts';
import { ruleFile, TEST_SHOP } from './testing.ts';

function errorsOf(files: Readonly<Record<string, string>>): readonly string[] {
  const result = compileRuleSet(files, 'h');
  return 'policy' in result ? [] : result.errors.map(ruleErrorText);
}

function topic(text: string): readonly string[] {
  return errorsOf({ 'shop.yaml': TEST_SHOP, 'a.yaml': text });
}

/** One rule in block style, from line 4 on. */
function body(...lines: readonly string[]): readonly string[] {
  return topic(ruleFile(['  - id: x', '    why: w', ...lines.map((line) => `    ${line}`)].join('\n')));
}

const GUARD = ['kind: guardrail', 'on: sku', 'else: adjust', 'whenUnknown: deny'];

describe('faults in rule files, each with its place and a way out', () => {
  const files: readonly [what: string, text: string, errors: readonly string[]][] = [
    [
      'an empty file',
      ' \n',
      ['a.yaml:1:1: the file is empty; a rule file that holds no rules says "rules: []" and "end: true"'],
    ],
    [
      'half saved',
      'rules:\n  - id: x\n',
      ['a.yaml:2:1: the file does not end with the line "end: true", so it may be half saved'],
    ],
    [
      'half saved in its last line',
      'rules: []\nend: tru',
      ['a.yaml:2:1: the file does not end with the line "end: true", so it may be half saved'],
    ],
    ['a key twice', 'rules: []\nend: true\nend: true\n', ['a.yaml:3:1: this key stands here twice']],
    ['an alias', 'rules: &a [*a]\nend: true\n', ['a.yaml:1:12: aliases (*name) are not allowed in rule files']],
    [
      'a key of the prototype',
      'rules: []\n__proto__: {}\nend: true\n',
      ['a.yaml:2:1: the key "__proto__" is not allowed'],
    ],
    ['a key that is no text', 'rules: []\n1: x\nend: true\n', ['a.yaml:2:1: every key must be text']],
    ['a tab', 'rules:\n\t- id: x\nend: true\n', ['a.yaml:2:1: indent with spaces, not with tabs']],
    ['control characters', 'rules: []\u0000\nend: true\n', ['a.yaml:1:1: the file is not plain UTF-8 text']],
    [
      'a mistyped key of the file',
      'ruls: []\nend: true\n',
      ['a.yaml:1:1: "rules" is missing', 'a.yaml:1:1: unknown key "ruls". Did you mean "rules"?'],
    ],
    ['no list', 'rules: 3\nend: true\n', ['a.yaml:1:8: "rules" must be a list, not a number']],
    [
      'no rule',
      'rules: [3]\nend: true\n',
      [
        'a.yaml:1:9: a rule says its kind: priority, temporal, threshold, guardrail, redundancy, sequence, autonomy, damping',
      ],
    ],
  ];
  for (const [what, text, errors] of files) test(what, () => assert.deepEqual(topic(text), errors));

  const rules: readonly [what: string, lines: readonly string[], errors: readonly string[]][] = [
    ['a mistyped kind', ['kind: guardrial'], ['a.yaml:4:11: unknown kind "guardrial". Did you mean "guardrail"?']],
    [
      'a mistyped key and a mistyped value',
      ['kind: guardrail', 'on: sku', 'asert: projected.margin >= 15%', 'else: adjst', 'whenUnknown: deny'],
      [
        'a.yaml:2:5: "assert" is missing',
        'a.yaml:6:5: unknown key "asert". Did you mean "assert"?',
        'a.yaml:7:11: "else" must be one of adjust, deny, ask. Did you mean "adjust"?',
      ],
    ],
    [
      'a mistyped field',
      [...GUARD, 'assert: projected.margn >= 15%'],
      ['a.yaml:8:23: unknown field "margn". Did you mean "margin"?'],
    ],
    [
      'a mistyped field in quotes',
      [...GUARD, 'assert: "projected.margn >= 15%"'],
      ['a.yaml:8:24: unknown field "margn". Did you mean "margin"?'],
    ],
    [
      'a number without its unit',
      [...GUARD, 'assert: projected.margin >= 15'],
      ['a.yaml:8:33: projected.margin is a percentage (15%) and cannot be compared with a plain number'],
    ],
    [
      'another currency',
      [...GUARD, 'assert: projected.net >= €15'],
      ['a.yaml:8:30: "€15" is in EUR, but the shop trades in GBP; write an amount such as £5,000 or 5000 GBP'],
    ],
    [
      'a fault behind a translated amount',
      [...GUARD, 'assert: projected.net >= £5,000 && projected.cos < £1'],
      ['a.yaml:8:50: unknown field "cos". Did you mean "cost"?'],
    ],
    [
      'a figure that is not known of that kind of thing',
      ['kind: guardrail', 'on: customer', 'else: deny', 'whenUnknown: deny', 'assert: projected.margin >= 15%'],
      [
        'a.yaml:8:13: projected.margin is not known of a customer; known are projected.disputed, projected.contacts, projected.complaint, projected.consent, projected.sinceOrder, projected.coupons, projected.offered, projected.outdated, projected.overpromised, projected.spend, projected.states',
      ],
    ],
    [
      'days beside the business hours',
      ['kind: temporal', 'only: business-hours', 'days: [monday]'],
      ['a.yaml:6:11: the days of the business hours stand in shop.yaml'],
    ],
    [
      'spacing without a value to space',
      ['kind: temporal', 'spacing: 24h', 'scope: { action: [price.set, campaign.send] }'],
      ['a.yaml:5:14: "spacing" needs a scope with actions that set a value, such as scope: { action: price.set }'],
    ],
    [
      'spacing longer than a value is kept',
      ['kind: temporal', 'spacing: 7 days', 'scope: { action: price.set }'],
      ['a.yaml:5:14: shop.yaml keeps a price for 48 h only; raise its dwell of price to 7 days'],
    ],
    [
      'an ask that nobody reads',
      [...GUARD, 'assert: projected.net >= £5', 'ask: { tier: owner, within: 4h }'],
      ['a.yaml:9:10: nobody is ever asked: neither "else" nor "whenUnknown" says ask'],
    ],
    [
      'two limits',
      ['kind: threshold', 'when: impact.cash > £1 && impact.units > 3'],
      [
        'a.yaml:5:11: a threshold names exactly one measure above one limit, such as impact.cash > £100, joined to anything else by &&',
      ],
    ],
    [
      'per without over',
      ['kind: threshold', 'when: impact.cash > £100', 'per: agent'],
      ['a.yaml:6:10: "per" says for whom is added up; say over which time with "over", such as over: 24h'],
    ],
    [
      'a stake that is added up',
      ['kind: threshold', 'when: conflict.stake.cash > £100', 'over: 24h'],
      [
        'a.yaml:5:11: a limit over a time adds up single intents; write impact.revenue instead of conflict.stake.revenue',
      ],
    ],
    [
      'mistyped names in a scope',
      [
        'kind: threshold',
        'when: impact.cash > £1',
        'scope: { action: price.sett, agent: pricng, objective: [marign] }',
      ],
      [
        'a.yaml:6:22: unknown action "price.sett". Did you mean "price.set"?',
        'a.yaml:6:41: unknown agent "pricng". Did you mean "pricing"?',
        'a.yaml:6:60: unknown objective "marign". Did you mean "margin"?',
      ],
    ],
    [
      'a mistyped tier',
      ['kind: threshold', 'when: impact.cash > £1', 'ask: { tier: tradng, within: 4h }'],
      ['a.yaml:6:18: unknown tier "tradng"; shop.yaml has trading, owner. Did you mean "trading"?'],
    ],
    [
      'a second tier that is never asked',
      ['kind: threshold', 'when: impact.cash > £1', 'ask: { tier: trading, within: 4h, remind: never, then: owner }'],
      ['a.yaml:6:60: "owner" is asked with the reminder, but "remind" is never'],
    ],
    [
      'a mistyped length of time',
      ['kind: temporal', 'lead: 4 busines hours'],
      ['a.yaml:5:11: "4 busines hours" is not a length of time; write for example 24h, 7 days or 4 business hours'],
    ],
    [
      'two forms',
      ['kind: temporal', 'quiet: 22:00-07:00', 'lead: 24h'],
      [
        'a.yaml:6:11: a temporal rule has exactly one of quiet, only, freeze, lead, wait, within, spacing, planned-first',
      ],
    ],
    [
      'an unknown event',
      ['kind: temporal', 'wait: { after: order.place, for: 1h }'],
      ['a.yaml:5:20: unknown event type "order.place". Did you mean "order.placed"?'],
    ],
    [
      'a key that would change nothing',
      ['kind: temporal', 'lead: 24h', 'then: defer'],
      ['a.yaml:6:11: "then" has no meaning with lead'],
    ],
    [
      'a mistyped objective',
      ['kind: priority', 'objectives: [safty, margin]'],
      [
        'a.yaml:5:18: this entry must be one of safety, promise-keeping, margin, availability, customer-care, growth, clearance. Did you mean "safety"?',
      ],
    ],
    [
      'an objective twice',
      ['kind: priority', 'objectives: [safety, safety]'],
      ['a.yaml:5:17: "safety" stands in "objectives" twice'],
    ],
    [
      'a text that begins with !',
      [...GUARD, 'assert: !has(projected.net)'],
      ['a.yaml:8:13: a text that begins with "!" must stand in quotes'],
    ],
  ];
  for (const [what, lines, errors] of rules) test(what, () => assert.deepEqual(body(...lines), errors));

  const scoped = (scope: string) => [...GUARD, `scope: ${scope}`, 'assert: has(projected.net)'];
  const scopes: readonly [scope: string, error: string][] = [
    ['{ sku: sku:85123A }', 'a.yaml:8:19: write "85123A", without "sku:"'],
    ['{ category: [bags, category:cups] }', 'a.yaml:8:24: write "cups", without "category:"'],
    ['{ sku: 85123 }', 'a.yaml:8:19: "sku" must be a text or a list of texts; write "85123" in quotes'],
  ];
  for (const [scope, error] of scopes) test(`scope: ${scope}`, () => assert.deepEqual(body(...scoped(scope)), [error]));

  test('what would not be read, or not be known to be whole', () => {
    assert.deepEqual(topic('rules: []\nend: true\n---\nrules: []\nend: true\n'), [
      'a.yaml:3:1: what follows "---" would not be read; take the line away, or make it a file of its own',
    ]);
    assert.deepEqual(topic('end: true\nrules: []\n'), [
      'a.yaml:1:1: "end: true" must be the last line of the file, or it does not say that it is whole',
    ]);
  });

  test('an id that another file has', () => {
    const rule = ruleFile('  - { id: x, kind: priority, why: w, agents: [orders] }');
    assert.deepEqual(errorsOf({ 'shop.yaml': TEST_SHOP, 'a.yaml': rule, 'b.yaml': rule }), [
      'b.yaml:2:11: the id "x" is already used at a.yaml:2',
    ]);
  });

  test('faults of every file are told at once', () => {
    const errors = errorsOf({
      'shop.yaml': TEST_SHOP,
      'a.yaml': 'rules: 3\nend: true',
      'b.yaml': '',
      'c.yaml': 'rules: []\nend: true',
    });
    assert.deepEqual(
      errors.map((error) => error.slice(0, 8)),
      ['a.yaml:1', 'b.yaml:1'],
    );
  });

  const shops: readonly [what: string, from: string, to: string, error: string][] = [
    ['zone', 'Europe/London', 'Europe/Londn', 'shop.yaml:3:7: not a time zone; write for example Europe/London'],
    ['currency', 'GBP', 'Pounds', 'shop.yaml:2:11: "currency": write three capital letters such as GBP'],
    ['swapped letters', 'GBP', 'GPB', 'shop.yaml:2:11: there is no currency "GPB". Did you mean "GBP"?'],
    ['a day', 'weekdays:', 'saterday:', 'shop.yaml:4:10: unknown key "saterday". Did you mean "saturday"?'],
    [
      'the zone of the machine',
      'Europe/London',
      'local',
      'shop.yaml:3:7: not a time zone; write for example Europe/London',
    ],
    [
      'address',
      'tess@example.com',
      'tess',
      'shop.yaml:6:28: "address": write a mail address such as owner@example.com',
    ],
    ['key', 'respect:', 'respct:', 'shop.yaml:11:1: unknown key "respct". Did you mean "respect"?'],
    [
      'tier',
      'trading: trading',
      'trading: tradin',
      'shop.yaml:8:19: nobody is called or has the role "tradin". Did you mean "trading"?',
    ],
    ['hours', '09:00-17:00', '17:00-09:00', 'shop.yaml:4:20: business hours must end on the day on which they begin'],
    ['never open', '{ weekdays: 09:00-17:00 }', '{}', 'shop.yaml:4:8: the shop is never open; give at least one day'],
    [
      'asking',
      'tier: owner',
      'tier: ownr',
      'shop.yaml:9:14: unknown tier "ownr"; shop.yaml has trading, owner. Did you mean "owner"?',
    ],
    [
      'schedule',
      'end: true',
      'schedules: { a: at 25:00 }\nend: true',
      'shop.yaml:14:17: "25:00" is not a time of day; write for example 07:00',
    ],
    [
      'holiday',
      'end: true',
      'holidays: [2011-02-30]\nend: true',
      'shop.yaml:14:12: write a date such as 2011-12-26, or 12-25 for every year',
    ],
    [
      'budget',
      'end: true',
      'budgets: { g: { amount: £5, over: 24h, counts: refund.isue } }\nend: true',
      'shop.yaml:14:48: unknown action "refund.isue". Did you mean "refund.issue"?',
    ],
    [
      'end',
      'end: true\n',
      '',
      'shop.yaml:13:1: the file does not end with the line "end: true", so it may be half saved',
    ],
  ];
  for (const [what, from, to, error] of shops) {
    test(`shop.yaml: ${what}`, () => {
      const errors = errorsOf({ 'shop.yaml': TEST_SHOP.replace(from, to), 'a.yaml': 'rules: []\nend: true' });
      assert.ok(errors.includes(error), errors.join('\n'));
    });
  }

  test('a missing shop.yaml and a folder without rules', () => {
    assert.deepEqual(errorsOf({ 'a.yaml': 'rules: []\nend: true' }), [
      'shop.yaml: the file is missing; it says who the shop is',
    ]);
    assert.deepEqual(errorsOf({ 'shop.yaml': TEST_SHOP }), ['rules: there is no rule file beside shop.yaml']);
  });

  test('a file that is too large, and nesting that is too deep', () => {
    assert.match(topic(`# ${'x'.repeat(300_000)}\nrules: []\nend: true`)[0] ?? '', /larger than 256 KB/);
    assert.equal(topic(`rules: ${'['.repeat(20_000)}${']'.repeat(20_000)}\nend: true`).length > 0, true);
  });

  test('a name of an agent that the shop has beside those of the house', () => {
    const rule = ruleFile('  - { id: x, kind: priority, why: w, agents: [courier] }');
    assert.equal(topic(rule).length, 1);
    const shop = TEST_SHOP.replace('end: true', 'agents: [courier]\nend: true');
    assert.deepEqual(errorsOf({ 'shop.yaml': shop, 'a.yaml': rule }), []);
  });
});
