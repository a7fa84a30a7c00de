import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { runCases } from './run-cases.ts';

const RULES = ruleFile(`  - id: margin-floor
    kind: guardrail
    on: sku
    assert: projected.margin >= 15%
    else: adjust
    whenUnknown: deny
    why: Keep the margin.
`);

/** Runs one file of cases against a shop with one rule; the cases as the items of the list. */
function run(cases: string, given = '') {
  return runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': `${given}cases:\n${cases}end: true\n` });
}

const FACTS = 'given: { facts: { sku:A: { price: £10, cost: £6 } } }\n';

/** One case with these lines. */
function one(lines: string): string {
  return `  - case: it\n${lines
    .trim()
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}`;
}

describe('a fault in a file of cases is named with its place', () => {
  const table: readonly [string, string, string][] = [
    [
      'an unknown key of a case',
      one('intent: { pricing: { price.set: { sku: A, price: £8 } } }'),
      'a.cases.yaml:4:5: unknown key "intent". Did you mean "intents"?',
    ],
    [
      'an unknown action',
      one('intents: { pricing: { price.sett: { sku: A, price: £8 } } }'),
      'a.cases.yaml:4:27: unknown action "price.sett". Did you mean "price.set"?',
    ],
    [
      'an unknown agent',
      one('intents: { prizing: { price.set: { sku: A, price: £8 } } }'),
      'a.cases.yaml:4:16: unknown agent "prizing". Did you mean "pricing"?',
    ],
    [
      'an unknown parameter',
      one('intents: { pricing: { price.set: { sku: A, prise: £8 } } }'),
      'a.cases.yaml:4:48: unknown field "prise". Did you mean "price"?',
    ],
    [
      'a figure without its unit',
      one('intents: { pricing: { price.set: { sku: A, price: 8 } } }'),
      'a.cases.yaml:4:48: unknown field "price". "price" is written as money, such as £12.50.',
    ],
    [
      'an unknown objective',
      one('intents: { pricing: { price.set: { sku: A, price: £8 }, objective: growht } }'),
      'a.cases.yaml:4:72: unknown objective "growht". Did you mean "growth"?',
    ],
    [
      'an unknown fact',
      one('given: { facts: { sku:A: { prices: £8 } } }'),
      'a.cases.yaml:4:32: unknown fact "prices". Did you mean "price"?',
    ],
    [
      'a fact of another unit',
      one('given: { facts: { sku:A: { price: 15% } } }'),
      'a.cases.yaml:4:39: price is written as money, such as £12.50',
    ],
    [
      'a resource that is none',
      one('given: { facts: { skus:A: { price: £8 } } }'),
      'a.cases.yaml:4:23: "skus:A" is not a resource key such as "sku:85123A"',
    ],
    [
      'an unknown verdict',
      one('intents: { pricing: { price.set: { sku: A, price: £8 } } }\nexpect: { pricing: grantd }'),
      'a.cases.yaml:5:24: unknown verdict "grantd". Did you mean "granted"?',
    ],
    [
      'two verdicts at once',
      one(
        'intents: { pricing: { price.set: { sku: A, price: £8 } } }\nexpect: { pricing: { granted: true, denied: true } }',
      ),
      'a.cases.yaml:5:24: expect exactly one of granted, adjusted, merged, deferred, denied, escalated',
    ],
    [
      'more expectations than wishes',
      one('intents: { pricing: { price.set: { sku: A, price: £8 } } }\nexpect: { pricing: [granted, denied] }'),
      'a.cases.yaml:5:24: pricing has 1 intents here, and 2 are expected',
    ],
    [
      'an unknown event',
      one('on: { order.canceled: order:1 }'),
      'a.cases.yaml:4:11: unknown event "order.canceled". Did you mean "order.cancelled"?',
    ],
    [
      'an end of an action of an agent that there is not',
      one('on: { action.done: prizing }'),
      'a.cases.yaml:4:24: unknown agent "prizing". Did you mean "pricing"?',
    ],
    [
      'an event about nothing that there is',
      one('on: { order.cancelled: 1 }'),
      'a.cases.yaml:4:28: "1" is nothing that order.cancelled can be about here',
    ],
    ['a time that is none', one('given: { now: tomorrow }'), 'a.cases.yaml:4:19: "tomorrow" is not a time'],
    [
      'an action without what it is about',
      one('intents: { pricing: { price.set: { sku: A } } }'),
      'a.cases.yaml:4:38: price.set needs "price"',
    ],
    [
      'a flex without a range',
      one('intents: { pricing: { price.set: { sku: A, price: £8 }, flex: { price: £9 } } }'),
      'a.cases.yaml:4:67: flex names one parameter and its range, such as { price: £8 to £9 }',
    ],
    [
      'a claim in a state that there is not',
      one('given: { claims: [{ pricing: { price.set: { sku: A, price: £8 }, state: doen } }] }'),
      'a.cases.yaml:4:34: a claim has a "since" and a state: pending, calling, done, unknown. Did you mean "done"?',
    ],
    [
      'a sum that is none',
      one('given: { counted: { margin-floor: much } }'),
      'a.cases.yaml:4:39: name a rule and a sum, such as refunds-a-day: £250',
    ],
  ];
  for (const [name, cases, expected] of table)
    test(name, () => {
      const { errors, cases: run_ } = run(cases, FACTS);
      assert.equal(errors[0] && ruleErrorText(errors[0]), expected);
      assert.equal(run_, 0, 'a case at fault says nothing about the rules');
    });

  test('the other cases of the file are run', () => {
    const good = one('intents: { pricing: { price.set: { sku: A, price: £8 } } }\nexpect: { pricing: granted }');
    for (const bad of [one('on: { order.canceled: order:1 }'), one('onn: {}')]) {
      const report = run(good + bad + good, FACTS);
      assert.deepEqual([report.errors.length, report.cases, report.passed], [1, 2, 2]);
    }
  });

  test('a fault in what all cases share is told once, and no case is run', () => {
    const report = run(one('on: { schedule.due: schedule:x }').repeat(3), FACTS.replace('cost', 'costs'));
    assert.deepEqual([report.errors.length, report.cases], [1, 0]);
  });

  test('a half-saved file', () => {
    const half = runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': 'cases: []\n' });
    assert.match(
      ruleErrorText(half.errors[0]!),
      /^a\.cases\.yaml:1:1: the file does not end with the line "end: true"/,
    );
  });

  test('a rule file at fault runs nothing', () => {
    const broken = runCases({
      'shop.yaml': TEST_SHOP,
      'a.yaml': 'rules: [{}]\nend: true\n',
      'a.cases.yaml': one('on: {}'),
    });
    assert.deepEqual([broken.cases, broken.errors.length], [0, 1]);
  });
});

describe('a case that fails says what was expected and what came', () => {
  const price = (expect: string, rest = '') =>
    one(`intents: { pricing: { price.set: { sku: A, price: £6.50 }${rest} } }\nexpect: { pricing: ${expect} }`);
  const flexible = ', flex: { price: £6.50 to £10 }';

  const table: readonly [string, string, string, string][] = [
    [
      'another verdict',
      price('granted'),
      'granted',
      'denied by margin-floor because "projected margin 7.69 % is below 15 %"',
    ],
    [
      'another figure',
      price('{ adjusted: { price: £7 } }', flexible),
      'adjusted price £7.00',
      'adjusted price £7.06 covering A by margin-floor because "projected margin 7.69 % is below 15 %"',
    ],
    [
      'another reason',
      price('{ denied: by margin-floor, because: stock }'),
      'denied by margin-floor because "stock"',
      'denied by margin-floor because "projected margin 7.69 % is below 15 %"',
    ],
    [
      'a rule that there is not',
      price('{ denied: by margin-flor }'),
      'denied by margin-flor (there is no such rule. Did you mean "margin-floor"?)',
      'denied by margin-floor because "projected margin 7.69 % is below 15 %"',
    ],
    [
      'another time',
      price('{ deferred: until 2011-10-06 07:00 }'),
      'deferred until 2011-10-06 07:00',
      'denied by margin-floor because "projected margin 7.69 % is below 15 %"',
    ],
  ];
  for (const [name, cases, expected, got] of table)
    test(name, () => {
      const report = run(cases, FACTS);
      assert.deepEqual(report.errors, []);
      const [difference] = report.results[0]?.differences ?? [];
      assert.deepEqual([report.failed, difference?.about], [1, 'pricing price.set sku:A']);
      assert.deepEqual([difference?.expected, difference?.got], [expected, got]);
    });

  test('a sum of a rule that there is not', () => {
    const report = run(one('given: { counted: { margin-flor: £8 } }'));
    const got = 'there is no such rule. Did you mean "margin-floor"?';
    assert.deepEqual(report.errors, []);
    assert.deepEqual(report.results[0]?.differences, [
      { about: 'given counted margin-flor', expected: 'a rule of this name', got },
    ]);
  });

  test('a step whose question the rules no longer ask, or whose action they no longer grant', () => {
    const wish = 'intents: { pricing: { price.set: { sku: A, price: £6.50 } } }';
    const table: readonly [string, string, string][] = [
      ['escalation.due: default', 'a question that is open', 'nobody is asked'],
      ['ruling.given: proposed', 'a question that is open', 'nobody is asked'],
      ['action.done: pricing', 'an action of pricing that is done', 'pricing has no action that stands'],
    ];
    for (const [on, expected, got] of table) {
      const report = run(
        one(`${wish}\nthen:\n  - on: { ${on} }\n    effects: { question: ruled }\n  - effects: { revoked: x }`),
      );
      assert.deepEqual([report.errors, report.failed], [[], 1]);
      assert.deepEqual(report.results[0]?.differences, [{ about: `step 2: on ${on}`, expected, got }]);
    }
  });

  test('a conflict that is none, and an effect that does not come, in the step where it is', () => {
    const report = run(
      one('conflict: direct\nthen:\n  - on: { price.changed: sku:A, amount: £9 }\n    effects: { respected: none }'),
      FACTS,
    );
    assert.deepEqual(report.results[0]?.differences, [
      { about: 'conflict', expected: 'direct', got: 'none' },
      { about: 'step 2: respected', expected: 'none', got: 'sku:A price' },
    ]);
  });

  test('counts cases, and rules that a case names', () => {
    const report = run(price('{ denied: by margin-floor }') + price('granted'), FACTS);
    const { passed, failed, cases, rules, unnamed } = report;
    assert.deepEqual(
      { passed, failed, cases, rules, unnamed },
      { passed: 1, failed: 1, cases: 2, rules: 1, unnamed: [] },
    );
    assert.deepEqual(
      report.results.map((result) => result.line),
      [3, 6],
    );
    assert.deepEqual(report.results[0]?.deciders, ['margin-floor']);
  });
});

describe('values are written as people write them', () => {
  const table: readonly [string, string][] = [
    ['a number where a name is wanted', 'sku: 22423, price: £8'],
    ['money with decimals', 'sku: A, price: £7.99'],
    ['money by its currency', 'sku: A, price: 8 GBP'],
  ];
  for (const [name, params] of table)
    test(name, () => {
      const given = 'given: { facts: { sku:A: { price: £10, cost: £6 }, sku:22423: { price: £10, cost: £6 } } }\n';
      const report = run(
        one(`intents: { pricing: { price.set: { ${params} } } }\nexpect: { pricing: granted }`),
        given,
      );
      assert.deepEqual(report.errors.map(ruleErrorText), []);
      assert.deepEqual(report.results[0]?.differences, []);
    });

  test('what an action needs and does not matter to the case may be left out', () => {
    const wishes = [
      'orders: { order.hold: { order: 1 } }',
      'orders: { order.tag: { order: 1 } }',
      'support: { notice.send: { customer: 1 } }',
      'marketing: { coupon.give: { customer: 1, discount: 5% } }',
      'orders: { order.upgrade: { order: 1, cost: £5 } }',
    ];
    for (const wish of wishes)
      assert.deepEqual(run(one(`intents: { ${wish} }`), FACTS).errors.map(ruleErrorText), [], wish);
  });

  test('times: on the shop clock, and as distances', () => {
    const report = run(
      one(
        [
          'given: { now: 2011-12-05 11:00, claims: [{ person: { price.set: { sku: A, price: £9 } , since: 6 days ago } }] }',
          'intents: { pricing: { price.set: { sku: A, price: £8 } } }',
          'expect: { pricing: { denied: by respect, because: "2011-12-06T11:00:00.000Z" } }',
          'then: [{ after: 25h, intents: { pricing: { price.set: { sku: A, price: £8 } } }, expect: { pricing: granted } }]',
        ].join('\n'),
      ),
      FACTS,
    );
    assert.deepEqual(report.errors.map(ruleErrorText), []);
    assert.deepEqual(report.results[0]?.differences, []);
  });
});
