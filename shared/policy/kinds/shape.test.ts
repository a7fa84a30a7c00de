import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileRuleSet } from '../compile.ts';
import { ruleErrorText } from '../rule-error.ts';
import {
  faultsOf,
  guardrailInput,
  policyOf,
  rule,
  ruledIntent,
  ruleFile,
  TEST_SHOP,
  thresholdInput,
} from '../testing.ts';
import type { RuleShape } from './shape.ts';

const SHOP = TEST_SHOP.replace('end: true', 'seasons: { christmas: { from: 11-15, to: 12-24 } }\nend: true');

function shapeOf(body: string, shop = SHOP): RuleShape {
  const result = compileRuleSet({ 'shop.yaml': shop, 'a.yaml': ruleFile(body ? rule(body) : '  []') }, 'h');
  if ('errors' in result) assert.fail(result.errors.map(ruleErrorText).join('\n'));
  const shape = result.rules[0]?.compiled.shape;
  return shape ?? assert.fail('no rule');
}

function comparisons(when: string) {
  const { condition } = shapeOf(`kind: autonomy\nmode: off\nscope: { action: price.set }\nwhen: '${when}'`);
  return [condition?.exact, ...(condition?.comparisons ?? []).map((one) => [one.field, one.operator, one.value])];
}

describe('what every kind says, as data', () => {
  const says: readonly [body: string, says: unknown][] = [
    [
      'kind: priority\nobjectives: [margin, growth]',
      { kind: 'priority', objectives: ['margin', 'growth'], agents: undefined },
    ],
    [
      'kind: temporal\nquiet: 22:00-07:00\ndays: [sunday]',
      { kind: 'temporal', form: 'quiet', range: { from: 1_320, to: 420 }, days: ['sunday'], otherwise: 'defer' },
    ],
    [
      'kind: temporal\nonly: 09:00-17:00\nthen: deny',
      { kind: 'temporal', form: 'only', range: { from: 540, to: 1_020 }, days: undefined, otherwise: 'deny' },
    ],
    ['kind: temporal\nonly: business-hours', { kind: 'temporal', form: 'business-hours', otherwise: 'defer' }],
    [
      'kind: temporal\nfreeze: { from: 2011-12-20, to: 2011-12-26 }',
      { kind: 'temporal', form: 'freeze', range: { from: '2011-12-20', to: '2011-12-26' }, otherwise: 'defer' },
    ],
    ['kind: temporal\nlead: 24h', { kind: 'temporal', form: 'lead', ms: 86_400_000, otherwise: 'deny' }],
    [
      'kind: temporal\nwait: { after: order.placed, for: 1h }',
      { kind: 'temporal', form: 'wait', events: ['order.placed'], ms: 3_600_000, otherwise: 'defer' },
    ],
    [
      'kind: temporal\nwithin: { of: order.placed, for: 1h }',
      { kind: 'temporal', form: 'within', events: ['order.placed'], ms: 3_600_000, otherwise: 'deny' },
    ],
    [
      'kind: temporal\nspacing: 24h\nscope: { action: price.set }',
      { kind: 'temporal', form: 'spacing', ms: 86_400_000, otherwise: 'defer' },
    ],
    [
      'kind: temporal\nplanned-first: { causes: campaign.scheduled, ahead: 1h, yields-to: [safety] }',
      {
        kind: 'temporal',
        form: 'planned-first',
        causes: ['campaign.scheduled'],
        aheadMs: 3_600_000,
        yieldsTo: ['safety'],
        otherwise: 'defer',
      },
    ],
    [
      'kind: redundancy\nsame: [resource, agent]\nwithin: 1h',
      { kind: 'redundancy', same: ['resource', 'agent'], withinMs: 3_600_000 },
    ],
    [
      'kind: sequence\nfirst: promotion.pause\nthen: price.set\notherwise: deny',
      // biome-ignore lint/suspicious/noThenProperty: the merchant's word; the object is data and is never awaited.
      { kind: 'sequence', first: ['promotion.pause'], then: ['price.set'], otherwise: 'deny' },
    ],
    [
      'kind: autonomy\nmode: off\nrespect: 1h\naspect: price',
      { kind: 'autonomy', mode: 'off', respectMs: 3_600_000, aspects: ['price'] },
    ],
    [
      'kind: damping\ndwell: 1h\nscope: { action: price.set }',
      { kind: 'damping', dwellMs: 3_600_000, reversals: undefined, overMs: undefined, otherwise: 'defer' },
    ],
  ];
  for (const [body, expected] of says)
    test(body.replaceAll('\n', '; '), () => assert.deepEqual(shapeOf(body).says, expected));

  test('a threshold says its limit, which stands among its comparisons too', () => {
    const { says: said, condition } = shapeOf(
      'kind: threshold\nwhen: conflict.stake.revenue >= £5 && intent.agent == "orders"',
    );
    const { ask, ...rest } = said as Extract<RuleShape['says'], { kind: 'threshold' }>;
    assert.deepEqual(rest, {
      kind: 'threshold',
      measure: 'revenueMinor',
      operator: '>=',
      limit: 500,
      stake: true,
      overMs: undefined,
      per: 'store',
    });
    assert.equal(ask.tier, 'owner');
    assert.deepEqual(
      condition?.comparisons.map(({ field }) => field),
      ['conflict.stake.revenue', 'intent.agent'],
    );
  });

  test('a guardrail says what must hold, and the actions that can break it', () => {
    const {
      says: said,
      actions,
      condition,
    } = shapeOf('kind: guardrail\non: customer\nassert: projected.contacts <= 2\nelse: deny\nwhenUnknown: ask');
    assert.deepEqual([actions, condition], [['notice.send', 'campaign.send'], undefined]);
    assert.deepEqual(said, {
      kind: 'guardrail',
      on: 'customer',
      otherwise: 'deny',
      whenUnknown: 'ask',
      assert: {
        source: 'projected.contacts <= 2',
        comparisons: [{ field: 'projected.contacts', operator: '<=', value: 2 }],
        exact: true,
        reads: ['projected.contacts'],
      },
    });
  });

  test('a scope is sets of names, and the days of its seasons', () => {
    const { scope, actions, seasons } = shapeOf(
      'kind: autonomy\nmode: off\nscope: { action: price.set, category: [a, b], sku: x, agent: pricing, objective: margin, season: christmas }',
    );
    assert.deepEqual(actions, ['price.set']);
    assert.deepEqual(scope, {
      category: new Set(['a', 'b']),
      sku: new Set(['x']),
      agent: new Set(['pricing']),
      objective: new Set(['margin']),
    });
    assert.deepEqual(seasons, [{ from: '11-15', to: '12-24' }]);
    assert.deepEqual(shapeOf('kind: autonomy\nmode: off').seasons, undefined);
  });

  test('a budget of shop.yaml has a shape too', () => {
    const budget = 'budgets: { parcels: { amount: "20", measure: units, over: 24h, counts: [reorder.place] } }';
    const { actions, says: said, condition } = shapeOf('', TEST_SHOP.replace('end: true', `${budget}\nend: true`));
    assert.deepEqual(actions, ['reorder.place']);
    assert.deepEqual([said.kind === 'threshold' && said.limit, condition?.source], [20, 'impact.units > 20']);
  });

  const simple: readonly [when: string, ...expected: unknown[]][] = [
    ['impact.units > 5 && 3 <= impact.customers', true, ['impact.units', '>', 5], ['impact.customers', '>=', 3]],
    ['impact.units > -5', true, ['impact.units', '>', -5]],
    ['params.priceMinor < £5', true, ['params.priceMinor', '<', 500]],
    ['intent.agent == "a"', true, ['intent.agent', '==', 'a']],
    ['"a" != intent.agent', true, ['intent.agent', '!=', 'a']],
    ['intent.agent in ["a", "b"]', true, ['intent.agent', 'in', ['a', 'b']]],
    ['intent.protective && !intent.visible', true, ['intent.protective', '==', true], ['intent.visible', '==', false]],
    ['intent.protective == false', true, ['intent.protective', '==', false]],
    ['impact.units > 5 && (intent.agent == "a" || intent.agent == "b")', false, ['impact.units', '>', 5]],
    ['impact.units > impact.customers', false],
    ['intent.agent == intent.action', false],
    ['intent.agent in [intent.action]', false],
    ['intent.agent.startsWith("a")', false],
  ];
  for (const [when, ...expected] of simple) test(when, () => assert.deepEqual(comparisons(when), expected));

  test('a list that holds a text', () => {
    const { condition } = shapeOf('kind: threshold\nwhen: conflict.stake.cash > £1 && "a" in conflict.agents');
    assert.deepEqual(condition?.comparisons[1], { field: 'conflict.agents', operator: 'has', value: 'a' });
  });
});

describe('slips in older kinds', () => {
  const faults: readonly [body: string, error: RegExp][] = [
    ['kind: priority', /lists "objectives", "agents" or both/],
    ['kind: priority\nagents: [ordrs]', /unknown agent "ordrs"\. Did you mean "orders"\?/],
    ['kind: temporal\nlead: 1h\ndays: [monday]', /"days" goes with quiet or only, not with lead/],
    [
      'kind: temporal\nplanned-first: { ahead: 1h }\nwhen: impact.units > 1',
      /"when" has no meaning with planned-first/,
    ],
    ['kind: temporal\nplanned-first: { yields-to: [safety] }', /say what counts as planned/],
    ['kind: temporal\nfreeze: { from: 2011-02-30, to: 2011-12-26 }', /"2011-02-30" is not a date/],
    ['kind: temporal\nfreeze: { from: 2011-12-26, to: 2011-12-20 }', /ends before it begins/],
    [
      'kind: threshold\nwhen: impact.cash > £1 && intent.agent == "a"\nover: 24h',
      /with "over" the condition is the limit alone/,
    ],
    [
      'kind: guardrail\non: sku\nassert: leaf.category == "x"\nelse: deny\nwhenUnknown: deny',
      /must look at something projected/,
    ],
  ];
  for (const [body, error] of faults)
    test(body.replaceAll('\n', '; '), () => assert.match(faultsOf(rule(body)).join('\n'), error));

  const amounts: readonly [amount: string, more: string, error: RegExp][] = [
    ['€5', '', /is in EUR/],
    ['five', ', measure: units', /"five" is not a whole number/],
  ];
  for (const [amount, more, error] of amounts) {
    test(`a budget of ${amount}`, () => {
      const budget = `budgets: { b: { amount: "${amount}"${more}, over: 24h, counts: [reorder.place] } }`;
      assert.match(faultsOf('  []', TEST_SHOP.replace('end: true', `${budget}\nend: true`)).join(), error);
    });
  }

  test('a budget of units asks like any limit', () => {
    const budget = 'budgets: { parcels: { amount: "20", measure: units, over: 24h, counts: [reorder.place] } }';
    const policy = policyOf('  []', TEST_SHOP.replace('end: true', `${budget}\nend: true`));
    const input = thresholdInput(ruledIntent({ action: 'reorder.place', impact: { units: 21 } }));
    assert.equal(policy.ask(input)?.detail, 'units 21 within 24 h (21 after 0) is above 20');
  });

  test('a guardrail may look at the leaf as well', () => {
    const policy = policyOf(
      rule(
        'kind: guardrail\non: sku\nassert: projected.margin > 5% || leaf.category == "bags" || size(leaf.actions) > 1\nelse: deny\nwhenUnknown: deny',
      ),
    );
    const low = { marginBasisPoints: 0 };
    const count = (given: Parameters<typeof guardrailInput>[1]) => policy.violations(guardrailInput(low, given)).length;
    assert.deepEqual(
      [
        count({}),
        count({ category: 'bags' }),
        count({ actions: ['price.set', 'price.set'] }),
        count({ actions: ['price.set', 'promotion.launch'] }),
      ],
      [1, 0, 1, 0],
    );
  });
});
