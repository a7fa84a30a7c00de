import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Policy, RuledIntent } from '../policy.ts';
import { conflictOf, policyOf, rule, ruledIntent, TEST_SHOP, thresholdInput } from '../testing.ts';

describe('priority', () => {
  const policy = policyOf(
    rule('kind: priority\nobjectives: [margin, growth, safety]', 'usual') +
      rule('kind: priority\nagents: [marketing, pricing]', 'agents') +
      rule('kind: priority\nobjectives: [growth]\nscope: { category: christmas }', 'season'),
  );
  const rank = (given: Partial<RuledIntent>) => policy.precedence(ruledIntent({ ...given, impact: {} } as never));

  test('earlier goes first; what is not listed comes last, equal among itself', () => {
    assert.deepEqual(
      ['margin', 'growth', 'safety', 'availability', 'clearance'].map((objective) => rank({ objective }).objective),
      [0, 1, 2, 3, 3],
    );
    assert.deepEqual(
      ['marketing', 'pricing', 'orders'].map((agent) => rank({ agent }).agent),
      [0, 1, 2],
    );
  });

  test('a rule for some things goes before the one for everything, wherever it stands', () => {
    assert.equal(rank({ objective: 'growth' }).rule, 'usual');
    const season = rank({ objective: 'growth', category: 'christmas' });
    assert.deepEqual([season.rule, season.objective], ['season', 0]);
  });

  test('without rules everything is equal', () => {
    const { temporal, objective, agent } = policyOf('  []').precedence(ruledIntent());
    assert.deepEqual([temporal, objective, agent], [0, 0, 0]);
  });
});

describe('temporal', () => {
  const NOON = '2011-10-05T11:00:00.000Z';
  /** `now`, what it says, and until when: `-` not held, `denied`, or the time at which it may run. */
  const holds: readonly [what: string, body: string, given: Partial<RuledIntent>, now: string, outcome: string][] = [
    ['quiet: inside', 'quiet: 22:00-07:00', {}, '2011-10-05T21:00:00.000Z', '2011-10-06T06:00:00.000Z'],
    ['quiet: the end is outside', 'quiet: 22:00-07:00', {}, '2011-10-05T06:00:00.000Z', '-'],
    ['quiet: in winter', 'quiet: 22:00-07:00', {}, '2011-11-05T21:59:00.000Z', '-'],
    ['quiet: refused instead', 'quiet: 22:00-07:00\nthen: deny', {}, '2011-10-05T22:00:00.000Z', 'denied'],
    [
      'quiet: on a day',
      'quiet: 09:00-17:00\ndays: [sunday]',
      {},
      '2011-10-09T11:00:00.000Z',
      '2011-10-09T16:00:00.000Z',
    ],
    ['quiet: on another day', 'quiet: 09:00-17:00\ndays: [sunday]', {}, NOON, '-'],
    [
      'quiet: the night of Saturday ends on Sunday',
      'quiet: 22:00-07:00\ndays: [saturday]',
      {},
      '2011-10-09T05:00:00.000Z',
      '2011-10-09T06:00:00.000Z',
    ],
    ['quiet: planned for the day', 'quiet: 22:00-07:00', { window: { from: NOON } }, '2011-10-05T02:00:00.000Z', '-'],
    ['only: business hours, inside', 'only: business-hours', {}, NOON, '-'],
    [
      'only: business hours, on Saturday',
      'only: business-hours',
      {},
      '2011-10-08T11:00:00.000Z',
      '2011-10-10T08:00:00.000Z',
    ],
    ['only: a span', 'only: 09:00-10:00', {}, NOON, '2011-10-06T08:00:00.000Z'],
    ['only: a span on a day', 'only: 09:00-10:00\ndays: [monday]', {}, NOON, '2011-10-10T08:00:00.000Z'],
    ['freeze: inside', 'freeze: { from: 2011-10-01, to: 2011-10-05 }', {}, NOON, '2011-10-05T23:00:00.000Z'],
    ['freeze: before', 'freeze: { from: 2011-10-06, to: 2011-10-07 }', {}, NOON, '-'],
    ['lead: too short', 'lead: 24h', { window: { from: '2011-10-06T10:00:00.000Z' } }, NOON, 'denied'],
    ['lead: enough', 'lead: 24h', { window: { from: '2011-10-06T11:00:00.000Z' } }, NOON, '-'],
    [
      'wait: too soon',
      'wait: { after: order.placed, for: 1h }',
      { cause: { type: 'order.placed', time: '2011-10-05T10:30:00.000Z' } },
      NOON,
      '2011-10-05T11:30:00.000Z',
    ],
    [
      'wait: long enough',
      'wait: { after: order.placed, for: 30m }',
      { cause: { type: 'order.placed', time: '2011-10-05T10:30:00.000Z' } },
      NOON,
      '-',
    ],
    [
      'wait: another cause',
      'wait: { after: order.paid, for: 1h }',
      { cause: { type: 'order.placed', time: NOON } },
      NOON,
      '-',
    ],
    [
      'within: too late',
      'within: { of: [order.placed, order.paid], for: 1h }',
      { cause: { type: 'order.paid', time: '2011-10-05T09:59:00.000Z' } },
      NOON,
      'denied',
    ],
    [
      'within: in time',
      'within: { of: order.placed, for: 1h }',
      { cause: { type: 'order.placed', time: '2011-10-05T10:00:00.000Z' } },
      NOON,
      '-',
    ],
    [
      'spacing: too soon',
      'spacing: 24h\nscope: { action: price.set }',
      { lastChange: '2011-10-04T12:00:00.000Z' },
      NOON,
      '2011-10-05T12:00:00.000Z',
    ],
    [
      'spacing: long enough',
      'spacing: 24h\nscope: { action: price.set }',
      { lastChange: '2011-10-04T11:00:00.000Z' },
      NOON,
      '-',
    ],
    ['spacing: never changed', 'spacing: 24h\nscope: { action: price.set }', {}, NOON, '-'],
    [
      'scope: another agent',
      'spacing: 24h\nscope: { action: price.set, agent: support }',
      { lastChange: NOON },
      NOON,
      '-',
    ],
    [
      'scope: this agent',
      'spacing: 24h\nscope: { action: price.set, agent: pricing }',
      { lastChange: NOON },
      NOON,
      '2011-10-06T11:00:00.000Z',
    ],
    ['scope: another SKU', 'spacing: 24h\nscope: { action: price.set, sku: "22423" }', { lastChange: NOON }, NOON, '-'],
    ['when: does not hold', 'lead: 24h\nwhen: impact.units > 5', {}, NOON, '-'],
    [
      'when: rests on a missing fact, and fails closed',
      'lead: 24h\nwhen: intent.category == "x"',
      { category: undefined },
      NOON,
      'denied',
    ],
  ];
  for (const [what, body, given, now, outcome] of holds) {
    test(what, () => {
      const policy = policyOf(rule(`kind: temporal\n${body}`));
      const held = policy.hold(ruledIntent({ window: { from: now }, ...given } as never), now);
      assert.equal(held ? (held.until ?? held.verdict) : '-', outcome);
      if (held) assert.equal(held.verdict, held.until ? 'deferred' : 'denied');
    });
  }

  test('the first rule in file order speaks', () => {
    const policy = policyOf(rule('kind: temporal\nlead: 1h', 'first') + rule('kind: temporal\nlead: 2h', 'second'));
    assert.equal(policy.hold(ruledIntent({ window: { from: NOON } }), NOON)?.rule, 'first');
  });

  test('planned goes before unplanned, and yields where it is told to', () => {
    const policy = policyOf(
      rule(
        'kind: temporal\nplanned-first: { causes: campaign.scheduled, ahead: 48h, yields-to: [safety] }\nscope: { action: [price.set, order.hold] }',
      ),
    );
    const rank = (given: Partial<RuledIntent>) => policy.precedence(ruledIntent(given as never)).temporal;
    const cause = { type: 'order.placed', time: NOON };
    assert.equal(rank({ cause }), 1);
    assert.equal(rank({ cause: { type: 'campaign.scheduled', time: NOON } }), 0);
    assert.equal(rank({ cause, window: { from: '2011-10-07T11:00:00.000Z' } }), 0);
    assert.equal(rank({ cause, window: { from: '2011-10-07T10:59:00.000Z' } }), 1);
    assert.equal(rank({ cause, objective: 'safety' }), 0);
    assert.equal(rank({ cause, action: 'order.hold', protective: true }), 0);
    assert.equal(rank({ cause: { type: 'campaign.scheduled', time: NOON }, action: 'reorder.place' }), 1);
  });
});

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
      nextTier: 'owner',
      defaultOption: 'proposed',
    });
    assert.equal(policy.askPlan('never', now).remindAt, undefined);
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
