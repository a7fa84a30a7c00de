import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compileRuleSet } from './compile.ts';
import type { Policy } from './policy.ts';
import { ruleErrorText } from './rule-error.ts';
import { conflictOf, guardrailInput, ruledIntent, TEST_NOW, thresholdInput } from './testing.ts';

const folder = new URL('../../rules/', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.cases.yaml'));
const files = Object.fromEntries(names.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]));

function shipped(): Policy {
  const result = compileRuleSet(files, 'shipped');
  if ('errors' in result) assert.fail(result.errors.map(ruleErrorText).join('\n'));
  return result.policy;
}

describe('the shipped rules', () => {
  const policy = shipped();

  test('a promotion on top of a price cut is stopped at the margin floor', () => {
    const [violation] = policy.violations(
      guardrailInput({ marginBasisPoints: 980 }, { actions: ['promotion.launch'] }),
    );
    assert.equal(violation?.rule, 'margin-floor');
    assert.equal(violation?.otherwise, 'adjust');
    assert.equal(violation?.detail, 'projected margin 9.8 % is below 15 %');
    assert.deepEqual(policy.violations(guardrailInput({ marginBasisPoints: 1500 })), []);
  });

  test('the margin floor leaves alone what cannot move a margin', () => {
    assert.deepEqual(
      policy.violations(guardrailInput({ marginBasisPoints: 0, archived: false }, { actions: ['reorder.place'] })),
      [],
    );
  });

  test('a conflict above £5,000 is asked of the trading tier, nothing by default', () => {
    const conflict = conflictOf({ revenueMinor: 500_001 });
    assert.equal(policy.ask(thresholdInput(ruledIntent(), { conflict }))?.rule, 'big-conflict');
    const exactly = conflictOf({ revenueMinor: 500_000 });
    assert.equal(policy.ask(thresholdInput(ruledIntent(), { conflict: exactly })), undefined);
    const plan = policy.askPlan('big-conflict', TEST_NOW);
    assert.deepEqual([plan.tier, plan.defaultOption], ['trading', 'nothing']);
    assert.deepEqual(
      plan.reminded.map(({ address }) => address),
      ['trading@example.invalid', 'owner@example.invalid'],
    );
  });

  test('customer mail waits until the morning', () => {
    const mail = ruledIntent({ action: 'campaign.send', window: { from: '2011-10-05T22:30:00.000Z' } });
    const held = policy.hold(mail, '2011-10-05T22:30:00.000Z');
    assert.equal(held?.rule, 'quiet-hours');
    assert.equal(held?.until, '2011-10-06T06:00:00.000Z');
    assert.equal(policy.hold(mail, '2011-10-06T06:00:00.000Z'), undefined);
  });

  test('a third mail within a day is denied', () => {
    const third = guardrailInput({ contacts: 3 }, { leaf: 'customer:17850', actions: ['notice.send'] });
    assert.equal(policy.violations(third)[0]?.rule, 'two-mails-a-day');
  });

  test('refunds, credits and reorders above their limits are asked', () => {
    const asked = (action: string, cashMinor: number) =>
      policy.ask(thresholdInput(ruledIntent({ action, impact: { cashMinor } })))?.rule;
    assert.equal(asked('refund.issue', 10_001), 'big-refund');
    assert.equal(asked('credit.give', 10_000), undefined);
    assert.equal(asked('reorder.place', 200_001), 'big-reorder');
    assert.equal(asked('reorder.place', 200_000), undefined);
  });

  test('safety goes before growth, and orders before marketing', () => {
    const rank = (objective: string, agent: string) => policy.precedence(ruledIntent({ objective, agent }));
    assert.ok(rank('safety', 'marketing').objective < rank('growth', 'orders').objective);
    assert.ok(rank('growth', 'orders').agent < rank('growth', 'marketing').agent);
  });

  test('no refund goes above what was paid', () => {
    const input = guardrailInput({ refundableMinor: -1 }, { leaf: 'order:563185', actions: ['refund.issue'] });
    assert.equal(policy.violations(input)[0]?.rule, 'no-refund-above-paid');
  });

  test('half of what is needed on each side of one day adds up', () => {
    const refund = ruledIntent({ action: 'refund.issue', agent: 'support', impact: { cashMinor: 9_000 } });
    const ask = policy.ask(
      thresholdInput(refund, { counted: ({ scope }) => (scope === 'agent:support' ? 25_000 : 0) }),
    );
    assert.deepEqual([ask?.rule, ask?.amount, ask?.limit], ['refunds-a-day', 34_000, 30_000]);
  });
});
