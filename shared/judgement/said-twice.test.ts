import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ruleErrorText } from '#shared/policy/rule-error.ts';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { runCases } from './cases/run-cases.ts';

const RULES = ruleFile(`  - id: forty
    kind: threshold
    scope: { action: refund.issue }
    when: impact.cash > £40
    over: 24h
    why: Forty a day.
  - id: one-refund
    kind: redundancy
    scope: { action: refund.issue }
    same: [order]
    within: 24h
    why: One refund for an order.
`);

function differences(wishes: string, expected: string): readonly unknown[] {
  const cases = `cases:
  - case: it
    given:
      facts:
        order:1: { placed: { total: £90 }, paid: { amount: £90 } }
        order:2: { placed: { total: £90 }, paid: { amount: £90 } }
    intents: { support: ${wishes} }
    expect: { support: ${expected} }
end: true
`;
  const report = runCases({ 'shop.yaml': TEST_SHOP, 'a.yaml': RULES, 'a.cases.yaml': cases });
  assert.deepEqual(report.errors.map(ruleErrorText), []);
  return report.results[0]?.differences ?? ['not run'];
}

describe('a wish that was only said twice', () => {
  const refund = (order: number, amount: string) => `{ refund.issue: { order: ${order}, amount: ${amount} } }`;

  test('is not counted towards a limit', () =>
    assert.deepEqual(
      differences(`[ ${refund(1, '£30')}, ${refund(1, '£20')} ]`, '[ granted, { denied: by one-refund } ]'),
      [],
    ));

  test('while two of which neither is superfluous are', () =>
    assert.deepEqual(
      differences(`[ ${refund(1, '£30')}, ${refund(2, '£20')} ]`, '[ granted, { escalated: by forty } ]'),
      [],
    ));
});
