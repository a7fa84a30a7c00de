import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Policy, RuledIntent } from '../policy.ts';
import { conflictOf, policyOf, rule, ruledIntent, TEST_SHOP, thresholdInput } from '../testing.ts';

describe('threshold', () => {
  const asked = (policy: Policy, given: Partial<RuledIntent>, stake?: number, before = 0) =>
    policy.ask(
      thresholdInput(ruledIntent(given as never), {
        ...(stake === undefined ? {} : { conflict: conflictOf({ revenueMinor: stake }) }),
        counted: () => before,
      }),
    );

  test('above is not at the limit; at least is', () => {
    const above = policyOf(rule('kind: threshold\nwhen: impact.cash > £100'));
    const atLeast = policyOf(rule('kind: threshold\nwhen: impact.cash >= £100'));
    const cash = (cashMinor: number) => ({ impact: { cashMinor } }) as Partial<RuledIntent>;
    assert.deepEqual([asked(above, cash(10_000)), asked(above, cash(10_001))?.amount], [undefined, 10_001]);
    assert.deepEqual([asked(atLeast, cash(9_999)), asked(atLeast, cash(10_000))?.limit], [undefined, 10_000]);
  });

  test('the limit may stand on the left', () => {
    const policy = policyOf(rule('kind: threshold\nwhen: £100 < impact.cash'));
    assert.equal(
      asked(policy, { impact: { cashMinor: 10_001 } } as never)?.detail,
      'impact cash £100.01 is above £100.00',
    );
  });

  test('a stake is asked of conflicts only', () => {
    const policy = policyOf(
      rule('kind: threshold\nwhen: conflict.stake.revenue > £5,000 && "marketing" in conflict.agents'),
    );
    assert.equal(asked(policy, {}), undefined);
    assert.equal(asked(policy, {}, 500_000), undefined);
    const ask = asked(policy, {}, 500_001);
    assert.deepEqual([ask?.measure, ask?.amount, ask?.why], ['revenueMinor', 500_001, 'because']);
  });

  test('what else must hold is asked too, and a missing fact does not lift the limit', () => {
    const policy = policyOf(rule('kind: threshold\nwhen: impact.units > 10 && intent.category == "candles"'));
    const units = (given: Partial<RuledIntent>) => asked(policy, { impact: { units: 11 }, ...given } as never)?.rule;
    assert.equal(units({}), 'r');
    assert.equal(units({ category: 'bags' }), undefined);
    assert.equal(units({ category: undefined }), 'r');
    assert.equal(asked(policy, { impact: { units: 9 }, category: undefined } as never), undefined);
  });

  const scopes: readonly [per: string, scope: string][] = [
    ['store', 'store'],
    ['agent', 'agent:pricing'],
    ['resource', 'sku:85123A'],
    ['rule', 'rule'],
  ];
  for (const [per, scope] of scopes) {
    test(`adds up per ${per}`, () => {
      const policy = policyOf(rule(`kind: threshold\nwhen: impact.cash > £100\nover: 24h\nper: ${per}`));
      const limit = { rule: 'r', scope, measure: 'cashMinor' as const, overMs: 86_400_000 };
      assert.deepEqual(policy.limits(ruledIntent()), [limit]);
      const seen: unknown[] = [];
      policy.ask(
        thresholdInput(ruledIntent({ impact: { cashMinor: 1 } }), {
          counted: (one) => {
            seen.push(one);
            return 0;
          },
        }),
      );
      assert.deepEqual(seen, [limit]);
    });
  }

  test('two halves below the limit cross it together; the sum is the amount', () => {
    const policy = policyOf(rule('kind: threshold\nwhen: impact.cash > £100\nover: 24h\nper: agent'));
    const half = { impact: { cashMinor: 6_000 } } as never;
    assert.equal(asked(policy, half), undefined);
    const ask = asked(policy, half, undefined, 6_000);
    assert.equal(ask?.amount, 12_000);
    assert.equal(ask?.detail, 'cash £120.00 within 24 h by pricing (£60.00 after £60.00) is above £100.00');
  });

  test('an intent that adds nothing is not asked about a limit that others have passed', () => {
    const policy = policyOf(rule('kind: threshold\nwhen: impact.cash > £100\nover: 24h'));
    assert.equal(asked(policy, {}, undefined, 1_000_000), undefined);
  });

  test('outside its scope a limit neither asks nor counts', () => {
    const policy = policyOf(rule('kind: threshold\nwhen: impact.cash > £1\nover: 24h\nscope: { agent: support }'));
    assert.deepEqual(policy.limits(ruledIntent()), []);
    assert.equal(asked(policy, { impact: { cashMinor: 1_000 } } as never), undefined);
  });

  test('how a rule asks: its own block, or the one of shop.yaml', () => {
    const policy = policyOf(
      rule(
        'kind: threshold\nwhen: impact.cash > £1\nask: { tier: trading, within: 2 business hours, remind: 30m, then: owner, default: proposed }',
        'own',
      ) +
        rule('kind: threshold\nwhen: impact.cash > £1\nask: { tier: trading, within: 2h, remind: never }', 'never') +
        rule('kind: threshold\nwhen: impact.cash > £1', 'usual'),
    );
    const now = '2011-10-05T15:00:00.000Z';
    assert.deepEqual(policy.askPlan('own', now), {
      tier: 'trading',
      recipients: [{ name: 'Tess', address: 'tess@example.com' }],
      deadline: '2011-10-06T09:00:00.000Z',
      remindAt: '2011-10-05T15:30:00.000Z',
      reminded: [
        { name: 'Tess', address: 'tess@example.com' },
        { name: 'Olive', address: 'olive@example.com' },
      ],
      defaultOption: 'proposed',
    });
    assert.equal(policy.askPlan('never', now).remindAt, undefined);
    assert.deepEqual(policy.askPlan('usual', now).reminded, policy.askPlan('usual', now).recipients, 'no second tier');
    assert.deepEqual(
      [policy.askPlan('usual', now).tier, policy.askPlan('usual', now).deadline],
      ['owner', '2011-10-05T19:00:00.000Z'],
    );
  });

  test('a budget of shop.yaml is a limit that all agents share', () => {
    const shop = TEST_SHOP.replace(
      'end: true',
      'budgets: { goodwill: { amount: £50, over: 24h, counts: [credit.give], ask: { tier: trading, within: 2h } } }\nend: true',
    );
    const policy = policyOf('  []', shop);
    const credit = ruledIntent({ action: 'credit.give', agent: 'support', impact: { cashMinor: 3_000 } });
    assert.deepEqual(
      policy.limits(credit).map(({ rule: id, scope }) => [id, scope]),
      [['budget-goodwill', 'store']],
    );
    assert.equal(policy.ask(thresholdInput(credit, { counted: () => 3_000 }))?.rule, 'budget-goodwill');
    assert.equal(policy.askPlan('budget-goodwill', '2011-10-05T15:00:00.000Z').tier, 'trading');
    assert.deepEqual(policy.limits(ruledIntent()), []);
  });
});
