import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuledIntent } from '../policy.ts';
import { faultsOf, policyOf, rule, ruledIntent, TEST_NOW, TEST_SHOP } from '../testing.ts';

const DAY = 86_400_000;

describe('autonomy', () => {
  const cases: readonly [what: string, body: string, given: Partial<RuledIntent>, mode: string | undefined][] = [
    ['alone', 'mode: alone', {}, 'alone'],
    ['tell', 'mode: tell', {}, 'tell'],
    ['ask', 'mode: ask', {}, 'ask'],
    ['off', 'mode: off', {}, 'off'],
    ['outside its scope', 'mode: off\nscope: { agent: support }', {}, undefined],
    ['another action', 'mode: off\nscope: { action: refund.issue }', {}, undefined],
    [
      'a condition that holds',
      'mode: ask\nscope: { action: price.set }\nwhen: params.priceMinor > £10',
      { params: { priceMinor: 1_001 } },
      'ask',
    ],
    [
      'a condition that does not',
      'mode: ask\nscope: { action: price.set }\nwhen: params.priceMinor > £10',
      { params: { priceMinor: 1_000 } },
      undefined,
    ],
    [
      'a missing fact keeps a person in the loop',
      'mode: ask\nwhen: intent.category == "x"',
      { category: undefined },
      'ask',
    ],
    [
      'a missing fact never sets an agent free',
      'mode: alone\nwhen: intent.category == "x"',
      { category: undefined },
      undefined,
    ],
    ['only about changes of people', 'respect: 3 days', {}, undefined],
  ];
  for (const [what, body, given, mode] of cases) {
    test(what, () => {
      const found = policyOf(rule(`kind: autonomy\n${body}`)).autonomy(ruledIntent(given as never));
      assert.equal(found?.mode, mode);
      if (found) assert.deepEqual([found.rule, found.why, found.detail.length > 5], ['r', 'because', true]);
    });
  }

  test('the narrowest scope speaks: SKU, category, action, agent, objective, season, everything', () => {
    const scopes = [
      '',
      'season: autumn',
      'objective: margin',
      'agent: pricing',
      'action: price.set',
      'category: candles',
      'sku: 85123A',
    ];
    const shop = TEST_SHOP.replace('end: true', 'seasons: { autumn: { from: 09-01, to: 11-30 } }\nend: true');
    for (let wider = 0; wider < scopes.length - 1; wider++) {
      const written = [wider, wider + 1].map((index) =>
        rule(`kind: autonomy\nmode: ${index === wider ? 'off' : 'alone'}\nscope: { ${scopes[index]} }`, `r${index}`),
      );
      for (const rules of [written, written.toReversed()]) {
        assert.equal(policyOf(rules.join(''), shop).autonomy(ruledIntent())?.rule, `r${wider + 1}`);
      }
    }
  });

  test('a narrower rule whose condition does not hold leaves the word to the next', () => {
    const policy = policyOf(
      rule('kind: autonomy\nmode: off\nscope: { sku: 85123A }\nwhen: impact.units > 9', 'narrow') +
        rule('kind: autonomy\nmode: tell', 'wide'),
    );
    assert.equal(policy.autonomy(ruledIntent())?.rule, 'wide');
  });

  test('what silence means comes from the mode, whatever shop.yaml says', () => {
    const shop = TEST_SHOP.replace('{ tier: owner, within: 4h }', '{ tier: owner, within: 4h, default: proposed }');
    const plan = (body: string) => {
      const { tier, defaultOption } = policyOf(rule(`kind: autonomy\n${body}`), shop).askPlan('r', TEST_NOW);
      return [tier, defaultOption];
    };
    assert.deepEqual(plan('mode: ask'), ['owner', 'nothing']);
    assert.deepEqual(plan('mode: tell'), ['owner', 'proposed']);
    assert.deepEqual(plan('mode: tell\nask: { tier: trading, within: 2h, default: proposed }'), [
      'trading',
      'proposed',
    ]);
    assert.deepEqual(plan('mode: ask\nask: { tier: trading, within: 2h }'), ['trading', 'nothing']);
  });

  test("a person's change is respected as the narrowest rule says, else as shop.yaml says", () => {
    const policy = policyOf(
      rule('kind: autonomy\nrespect: 3 days', 'all') +
        rule('kind: autonomy\nrespect: 14 days\nscope: { category: candles }\naspect: price', 'candles') +
        rule('kind: autonomy\nrespect: 1 day\nmode: ask\nscope: { action: promotion.launch, sku: "22423" }', 'sku'),
    );
    const days = (sku: string, category: string | undefined, aspect: 'price' | 'promotion' | 'stock') =>
      policy.respectMs(`sku:${sku}`, category, aspect, TEST_NOW) / DAY;
    assert.equal(days('1', 'candles', 'price'), 14);
    assert.equal(days('1', 'candles', 'promotion'), 3);
    assert.equal(days('1', undefined, 'price'), 3);
    assert.equal(days('22423', 'candles', 'promotion'), 1);
    assert.equal(days('22423', 'candles', 'price'), 14);
    assert.equal(days('1', 'candles', 'stock'), 7);
  });

  const faults: readonly [what: string, body: string, error: RegExp][] = [
    ['neither mode nor respect', 'scope: { agent: pricing }', /says "mode", "respect" or both/],
    ['a block that asks nobody', 'mode: off\nask: { tier: owner, within: 1h }', /nobody is asked: the mode is off/],
    [
      'a block without a mode',
      'respect: 1 day\nask: { tier: owner, within: 1h }',
      /nobody is asked: the mode is not given/,
    ],
    ['tell with nothing', 'mode: tell\nask: { tier: owner, within: 1h, default: nothing }', /silence means yes/],
    ['ask with proposed', 'mode: ask\nask: { tier: owner, within: 1h, default: proposed }', /silence means no/],
    ['when with respect alone', 'respect: 1 day\nwhen: impact.units > 1', /"when" goes with mode/],
    ['aspect without respect', 'mode: off\naspect: price', /say how long with "respect"/],
    ['respect of an agent', 'respect: 1 day\nscope: { agent: pricing }', /knows no agent and no objective/],
    [
      'respect of an action that is about nothing of people',
      'respect: 1 day\nscope: { action: refund.issue }',
      /none of the actions in the scope is about price, promotion, lifecycle/,
    ],
    ['an aspect that sales move too', 'respect: 1 day\naspect: stock', /"aspect"/],
    ['a mistyped mode', 'mode: aks', /Did you mean "ask"\?/],
    ['a mistyped tier', 'mode: ask\nask: { tier: ownr, within: 1h }', /Did you mean "owner"\?/],
    [
      'a mistyped parameter',
      'mode: ask\nscope: { action: price.set }\nwhen: params.priceMinr > £1',
      /unknown field "priceMinr"\. Did you mean "priceMinor"\?/,
    ],
    ['a parameter without actions', 'mode: ask\nwhen: params.priceMinor > £1', /"params" needs a scope with actions/],
    [
      'a time among the parameters',
      'mode: ask\nscope: { action: promotion.launch }\nwhen: params.startsAt > 24h',
      /unknown field "startsAt"/,
    ],
  ];
  for (const [what, body, error] of faults) {
    test(`refused: ${what}`, () => assert.match(faultsOf(rule(`kind: autonomy\n${body}`)).join('\n'), error));
  }
});
