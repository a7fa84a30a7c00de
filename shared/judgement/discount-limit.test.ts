import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { runCases } from './cases/run-cases.ts';

const RULES = ruleFile(`  - id: a-quarter-at-most
    kind: guardrail
    on: sku
    scope: { action: promotion.launch }
    assert: projected.discount <= 25%
    else: adjust
    whenUnknown: allow
    why: A quarter is the most.
`);

/** Prices at which a share of the price is no whole number of pennies, and some at which it is. */
const PRICES = ['£0.01', '£0.03', '£0.85', '£2.95', '£2.96', '£10', '£19.99', '£333.33'];

describe('a limit on the discount is the limit that the rule names, at every price', () => {
  const table: readonly [string, string, string][] = [
    ['as much as is allowed', '{ promotion.launch: { target: sku:A, discount: 25% } }', 'granted'],
    ['a hundredth of a percent more', '{ promotion.launch: { target: sku:A, discount: 25.01% } }', 'denied'],
    [
      'far more, from an agent that would take less',
      '{ promotion.launch: { target: sku:A, discount: 40% }, flex: { discount: 10% to 40% } }',
      '{ adjusted: { discount: 25% } }',
    ],
  ];
  for (const [name, wish, expected] of table)
    for (const price of PRICES)
      test(`${name}, off ${price}`, () => {
        const cases = `cases:
  - case: it
    given: { facts: { sku:A: { price: ${price}, cost: £0, available: 400, sold: 2 a day } } }
    intents: { marketing: ${wish} }
    expect: { marketing: ${expected} }
end: true
`;
        const report = runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': cases });
        assert.deepEqual(report.errors.map(ruleErrorText), []);
        assert.deepEqual(report.results[0]?.differences, []);
      });
});

describe('a limit on promotions that an older promotion passes', () => {
  const given =
    'given: { facts: { sku:A: { price: £10.95, cost: £6, available: 400, sold: 2 a day } }, claims: [OLD] }';
  const standing = (discount: string) =>
    `{ marketing: { promotion.launch: { target: sku:A, discount: ${discount} } } }`;
  const table: readonly [string, string, string, string][] = [
    [
      'another action that changes nothing of it is granted',
      '30%',
      'pricing: { price.set: { sku: A, price: £10.25 } }',
      'pricing: granted',
    ],
    [
      'a further promotion is not',
      '30%',
      'pricing: { promotion.launch: { target: sku:A, discount: 5%, ends: in 9 days, title: More } }',
      'pricing: { denied: by a-quarter-at-most }',
    ],
    [
      'another action that makes it worse is not',
      '30%',
      'marketing: { shipping.offer: { target: sku:A, subsidy: £1 } }',
      'marketing: { denied: by a-quarter-at-most }',
    ],
    [
      'another action that breaks what held before is not',
      '20%',
      'marketing: { shipping.offer: { target: sku:A, subsidy: £1 } }',
      'marketing: { denied: by a-quarter-at-most }',
    ],
  ];
  for (const [name, discount, wish, expected] of table)
    test(name, () => {
      const cases = `cases:
  - case: it
    ${given.replace('OLD', standing(discount))}
    intents: { ${wish} }
    expect: { ${expected} }
end: true
`;
      const report = runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': cases });
      assert.deepEqual(report.errors.map(ruleErrorText), []);
      assert.deepEqual(report.results[0]?.differences, []);
    });
});
