import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plus } from '#shared/kernel/time.ts';
import type { Change, GuardrailInput, RuledIntent, ThresholdInput } from './policy.ts';
import {
  conflictOf,
  guardrailInput,
  policyOf,
  rule,
  ruledIntent,
  TEST_NOW,
  TEST_SHOP,
  thresholdInput,
} from './testing.ts';

interface Given {
  readonly intent?: Partial<Omit<RuledIntent, 'impact'>> & { impact?: Partial<RuledIntent['impact']> };
  readonly leaves?: readonly GuardrailInput[];
  readonly conflict?: ThresholdInput['conflict'];
  readonly counted?: number;
  readonly changes?: readonly Change[];
  readonly shop?: string;
}

function traced(
  rules: string,
  given: Given = {},
): readonly (readonly [rule: string, outcome: string, detail: string])[] {
  const intent = ruledIntent(given.intent);
  return policyOf(rules, given.shop)
    .trace({
      intent,
      leaves: given.leaves ?? [guardrailInput({ marginBasisPoints: 980 })],
      threshold: thresholdInput(intent, { conflict: given.conflict, counted: () => given.counted ?? 0 }),
      changes: given.changes ?? [],
      now: TEST_NOW,
    })
    .map((one) => [one.rule, one.outcome, one.detail]);
}

const SEASONS = TEST_SHOP.replace('end: true', 'seasons: { christmas: { from: 11-15, to: 12-24 } }\nend: true');
const BUDGET = TEST_SHOP.replace(
  'end: true',
  'budgets: { gifts: { amount: £50, over: 24h, counts: [credit.give] } }\nend: true',
);
const revenue = (revenueMinor: number) => ({ impact: { revenueMinor } });
const changed = (hoursAgo: number, level: number): Change => ({
  at: plus(TEST_NOW, -hoursAgo * 3_600_000),
  level,
  action: 'price.set',
});

describe('what every rule makes of an intent', () => {
  const cases: readonly [body: string, given: Given, outcome: 'spoke' | 'silent' | 'outside', detail: string][] = [
    [
      'kind: temporal\nonly: 09:00-17:00\ndays: [wednesday, monday]',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits only 09:00-17:00 on wednesday, monday',
    ],
    // priority
    ['kind: priority\nobjectives: [safety, margin]', {}, 'spoke', 'objective margin is 2 of 2'],
    [
      'kind: priority\nagents: [orders]\nobjectives: [margin]',
      {},
      'spoke',
      'objective margin is 1 of 1; agent pricing is not listed and comes after all 1',
    ],
    [
      'kind: priority\nagents: [orders]\nscope: { category: bags }',
      {},
      'outside',
      'scope.category: candles is not bags',
    ],
    // temporal
    [
      'kind: temporal\nquiet: 22:00-07:00',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits quiet 22:00-07:00',
    ],
    [
      'kind: temporal\nquiet: 12:00-14:00',
      {},
      'spoke',
      'it is 13:00, in the quiet time 12:00-14:00, until 2011-10-05T13:00:00.000Z',
    ],
    ['kind: temporal\nlead: 24h', {}, 'spoke', 'starts 0 min ahead, and needs 24 h'],
    ['kind: temporal\nlead: 24h\nwhen: impact.units > 5', {}, 'silent', 'impact units 0 is not above 5'],
    [
      'kind: temporal\nspacing: 24h\nscope: { action: price.set }',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits spacing 24 h',
    ],
    [
      'kind: temporal\nwait: { after: order.placed, for: 1h }',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits wait 1 h after order.placed',
    ],
    [
      'kind: temporal\nwithin: { of: order.placed, for: 1h }',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits within 1 h of order.placed',
    ],
    [
      'kind: temporal\nfreeze: { from: 2011-12-20, to: 2011-12-26 }',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits freeze 2011-12-20 to 2011-12-26',
    ],
    [
      'kind: temporal\nonly: business-hours',
      {},
      'silent',
      'it would run at 2011-10-05T12:00:00.000Z, which fits only business-hours',
    ],
    [
      'kind: temporal\nonly: 09:00-17:00\ndays: [monday]',
      {},
      'spoke',
      'it is wednesday 13:00, outside 09:00-17:00 on monday, until 2011-10-10T08:00:00.000Z',
    ],
    ['kind: temporal\nlead: 24h\nscope: { agent: support }', {}, 'outside', 'scope.agent: pricing is not support'],
    [
      'kind: temporal\nplanned-first: { causes: campaign.scheduled }',
      {},
      'spoke',
      'it was not planned (its cause is competitor.price-changed), and comes after what was',
    ],
    [
      'kind: temporal\nplanned-first: { causes: competitor.price-changed }',
      {},
      'spoke',
      'it counts as planned, and goes before what was not',
    ],
    // threshold
    [
      'kind: threshold\nwhen: impact.revenue > £5,000',
      { intent: revenue(490_000) },
      'silent',
      'impact revenue £4,900.00 is not above £5,000.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue > £5,000',
      { intent: revenue(500_001) },
      'spoke',
      'impact revenue £5,000.01 is above £5,000.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue > £5,000 && intent.category == "x"',
      { intent: { ...revenue(500_001), category: undefined } },
      'spoke',
      'impact revenue £5,000.01 is above £5,000.00; intent category is not known',
    ],
    ['kind: threshold\nwhen: conflict.stake.revenue > £5,000', {}, 'silent', 'the wish is part of no conflict'],
    [
      'kind: threshold\nwhen: conflict.stake.revenue > £5,000',
      { conflict: conflictOf({ revenueMinor: 1 }) },
      'silent',
      'conflict stake revenue £0.01 is not above £5,000.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue >= £50\nover: 24h',
      { intent: revenue(1_000), counted: 2_000 },
      'silent',
      'revenue £30.00 within 24 h (£10.00 after £20.00) does not reach £50.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue > £50\nover: 24h\nper: agent',
      { intent: revenue(1_000), counted: 2_000 },
      'silent',
      'revenue £30.00 within 24 h by pricing (£10.00 after £20.00) is not above £50.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue >= £30\nover: 24h',
      { intent: revenue(1_000), counted: 2_000 },
      'spoke',
      'revenue £30.00 within 24 h (£10.00 after £20.00) reaches £30.00',
    ],
    [
      'kind: threshold\nwhen: impact.revenue > £50\nover: 24h',
      { counted: 9_000_000 },
      'silent',
      'the wish adds nothing to what is counted',
    ],
    [
      'kind: threshold\nwhen: impact.revenue > £5\nscope: { sku: "22423" }',
      {},
      'outside',
      'scope.sku: sku:85123A is not 22423',
    ],
    // guardrail
    [
      'kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny',
      {},
      'spoke',
      'projected margin 9.8 % is below 15 %',
    ],
    [
      'kind: guardrail\non: sku\nassert: projected.margin >= 9%\nelse: deny\nwhenUnknown: deny',
      {},
      'silent',
      'it holds: projected margin 9.8 %',
    ],
    [
      'kind: guardrail\non: sku\nassert: projected.cost > £1\nelse: deny\nwhenUnknown: deny',
      {},
      'spoke',
      'projected cost is not known',
    ],
    [
      'kind: guardrail\non: sku\nassert: projected.cost > £1\nelse: deny\nwhenUnknown: allow',
      {},
      'silent',
      'it is not known whether it holds (projected cost unknown), and the rule allows that',
    ],
    [
      'kind: guardrail\non: order\nscope: { action: [refund.issue, credit.give] }\nassert: projected.spend < £1\nelse: deny\nwhenUnknown: deny',
      {},
      'outside',
      'it is about refund.issue or credit.give, not price.set',
    ],
    [
      'kind: guardrail\non: order\nassert: size(projected.states) < 2\nelse: deny\nwhenUnknown: deny',
      {},
      'outside',
      'on: sku:85123A is not an order',
    ],
    [
      'kind: guardrail\non: sku\nscope: { category: bags }\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny',
      {},
      'outside',
      'scope.category: candles is not bags',
    ],
    // redundancy
    [
      'kind: redundancy\nsame: [resource, agent]\nwithin: 24h',
      {},
      'spoke',
      'another with resource sku:85123A, agent pricing within 24 h is the same wish',
    ],
    [
      'kind: redundancy\nsame: resource\nwhen: intent.protective',
      {},
      'silent',
      'intent protective false, where "intent.protective" must hold',
    ],
    [
      'kind: redundancy\nsame: resource\nscope: { objective: growth }',
      {},
      'outside',
      'scope.objective: margin is not growth',
    ],
    // sequence
    [
      'kind: sequence\nfirst: promotion.pause\nthen: price.set',
      {},
      'spoke',
      'price.set waits while promotion.pause is not over on the same thing',
    ],
    [
      'kind: sequence\nfirst: promotion.pause\nthen: price.set\notherwise: deny',
      {},
      'spoke',
      'price.set is refused while promotion.pause is not over on the same thing',
    ],
    [
      'kind: sequence\nfirst: promotion.pause\nthen: price.set\nwhen: params.priceMinor < £5',
      { intent: { params: { priceMinor: 600 } } },
      'silent',
      'params priceMinor £6.00 is not below £5.00',
    ],
    [
      'kind: sequence\nfirst: price.set\nthen: promotion.pause',
      {},
      'outside',
      'it is about promotion.pause, not price.set',
    ],
    // autonomy
    ['kind: autonomy\nmode: tell', {}, 'spoke', 'a person is told, and silence means yes'],
    [
      'kind: autonomy\nmode: alone\nwhen: intent.category == "x"',
      { intent: { category: undefined } },
      'silent',
      'intent category is not known',
    ],
    ['kind: autonomy\nmode: ask\nwhen: impact.customers > 3', {}, 'silent', 'impact customers 0 is not above 3'],
    ['kind: autonomy\nrespect: 14 days', {}, 'silent', "it is about people's own changes, which stay for 14 days"],
    [
      'kind: autonomy\nmode: off\nscope: { season: christmas }',
      { shop: SEASONS },
      'outside',
      'scope.season: 2011-10-05 is not in christmas',
    ],
    // damping
    [
      'kind: damping\nscope: { action: price.set }\ndwell: 24h',
      { changes: [changed(4, 90)] },
      'spoke',
      'our last change (2011-10-05T08:00:00.000Z) was less than 24 h ago, until 2011-10-06T08:00:00.000Z',
    ],
    [
      'kind: damping\nscope: { action: price.set }\ndwell: 2h',
      { changes: [changed(4, 90)] },
      'silent',
      'our last change (2011-10-05T08:00:00.000Z) was 2 h ago or more',
    ],
    [
      'kind: damping\nscope: { action: price.set }\ndwell: 2h\nreversals: 1\nover: 24h',
      { intent: { level: 95 }, changes: [] },
      'silent',
      'we have not changed it lately; turns within 24 h: 0, not above 1',
    ],
    [
      'kind: damping\nscope: { action: price.set }\nreversals: 1\nover: 24h',
      { intent: { level: 95 }, changes: [changed(5, 90), changed(4, 99)] },
      'silent',
      'turns within 24 h: 1, not above 1',
    ],
    [
      'kind: damping\nscope: { action: price.set }\ndwell: 2h\nwhen: impact.units > 3',
      {},
      'silent',
      'impact units 0 is not above 3',
    ],
    [
      'kind: damping\nscope: { action: price.set, agent: support }\ndwell: 2h',
      {},
      'outside',
      'scope.agent: pricing is not support',
    ],
  ];
  for (const [body, given, outcome, detail] of cases) {
    test(`${body.replaceAll('\n', '; ')}: ${detail}`, () =>
      assert.deepEqual(traced(rule(body), given), [['r', outcome, detail]]));
  }

  test('the kind, the place and the reason come with it, in file order, budgets last', () => {
    const policy = policyOf(
      rule('kind: autonomy\nmode: tell', 'b') + rule('kind: priority\nagents: [orders]', 'a'),
      BUDGET,
    );
    const intent = ruledIntent();
    const traces = policy.trace({ intent, leaves: [], threshold: thresholdInput(intent), changes: [], now: TEST_NOW });
    assert.deepEqual(
      traces.map(({ rule: id, kind, file, line, why }) => [id, kind, file, line, why]),
      [
        ['b', 'autonomy', 'test.yaml', 2, 'because'],
        ['a', 'priority', 'test.yaml', 6, 'because'],
        ['budget-gifts', 'threshold', 'shop.yaml', 14, "The shop's budget for gifts is shared by all agents."],
      ],
    );
    assert.equal(traces[2]?.detail, 'it is about credit.give, not price.set');
  });

  test('of rules of which one is heard, the others say which', () => {
    assert.deepEqual(
      traced(
        rule('kind: autonomy\nmode: tell', 'wide') +
          rule('kind: autonomy\nmode: ask\nscope: { category: candles }', 'narrow') +
          rule('kind: temporal\nlead: 1h', 'first') +
          rule('kind: temporal\nlead: 2h', 'second') +
          rule('kind: priority\nobjectives: [margin]', 'objectives') +
          rule('kind: priority\nobjectives: [margin]\nagents: [pricing]', 'half-heard') +
          rule('kind: priority\nagents: [pricing]', 'unheard'),
      ).map(([id, outcome, detail]) => [id, outcome, /but (\S+) goes before it$/.exec(detail)?.[1]]),
      [
        ['wide', 'spoke', 'narrow'],
        ['narrow', 'spoke', undefined],
        ['first', 'spoke', undefined],
        ['second', 'spoke', 'first'],
        ['objectives', 'spoke', undefined],
        ['half-heard', 'spoke', undefined],
        ['unheard', 'spoke', 'half-heard'],
      ],
    );
  });

  test('a guardrail breaks on any of several leaves, and looks at everything that would run together', () => {
    const body = 'kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny';
    const leaves = [1_600, 980, 700].map((marginBasisPoints) =>
      guardrailInput({ marginBasisPoints }, { actions: ['price.set'] }),
    );
    assert.deepEqual(traced(rule(body), { leaves, intent: { action: 'stock.correct' } }), [
      ['r', 'spoke', 'projected margin 9.8 % is below 15 %; projected margin 7 % is below 15 %'],
    ]);
  });
});
