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
