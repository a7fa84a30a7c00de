import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { runCases } from './cases/run-cases.ts';

const RULES = ruleFile(`  - id: floor
    kind: guardrail
    on: sku
    assert: projected.margin >= 15%
    else: adjust
    whenUnknown: allow
    why: Nothing is sold below 15 % margin.
  - id: ceiling
    kind: guardrail
    on: sku
    assert: projected.list <= £20
    else: adjust
    whenUnknown: allow
    why: Nothing here is dearer than £20.
`);

function differences(price: string, wish: string, expected: string): readonly unknown[] {
  const cases = `cases:
  - case: it
    given: { facts: { sku:A: { price: ${price}, cost: £6, available: 400, sold: 2 a day } } }
    intents: { pricing: ${wish} }
    expect: { pricing: ${expected} }
end: true
`;
  const report = runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': cases });
  assert.deepEqual(report.errors.map(ruleErrorText), []);
  return report.results[0]?.differences ?? ['not run'];
}

describe('a price between a floor and a ceiling', () => {
  const table: readonly [string, string, string, string][] = [
    [
      'an agent that would take anything from too little to too much gets the least that holds',
      '£10',
      '{ price.set: { sku: A, price: £6.50 }, flex: { price: £6.50 to £30 } }',
      '{ adjusted: { price: £7.06 }, by: floor }',
    ],
    [
      'and the most that holds from the other side',
      '£10',
      '{ price.set: { sku: A, price: £29 }, flex: { price: £5 to £30 } }',
      '{ adjusted: { price: £20 }, by: ceiling }',
    ],
    [
      'what is above the ceiling already does not rise further',
      '£22',
      '{ price.set: { sku: A, price: £30 } }',
      '{ denied: by ceiling }',
    ],
    ['what is below the floor may rise towards it', '£6.20', '{ price.set: { sku: A, price: £6.80 } }', 'granted'],
  ];
  for (const [name, price, wish, expected] of table)
    test(name, () => assert.deepEqual(differences(price, wish, expected), []));
});
