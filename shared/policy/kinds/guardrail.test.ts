import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { guardrailInput, policyOf, rule } from '../testing.ts';

describe('guardrail', () => {
  const guard = (assertion: string, more = 'else: deny\nwhenUnknown: deny', on = 'sku') =>
    policyOf(rule(`kind: guardrail\non: ${on}\nassert: ${assertion}\n${more}`));

  test('what holds is silent, what does not says why with its figures', () => {
    const policy = guard('projected.margin >= 15% && projected.net >= £2', 'else: adjust\nwhenUnknown: deny');
    assert.deepEqual(policy.violations(guardrailInput({ marginBasisPoints: 1_500, netMinor: 200 })), []);
    assert.deepEqual(policy.violations(guardrailInput({ marginBasisPoints: 1_499, netMinor: 150 })), [
      {
        rule: 'r',
        why: 'because',
        detail: 'projected margin 14.99 % is below 15 %; projected net £1.50 is below £2.00',
        otherwise: 'adjust',
        unknown: false,
      },
    ]);
  });

  for (const [whenUnknown, expected] of [
    ['deny', 'deny'],
    ['ask', 'ask'],
    ['allow', undefined],
  ] as const) {
    test(`missing facts: ${whenUnknown}`, () => {
      const [violation] = guard('projected.margin >= 15%', `else: adjust\nwhenUnknown: ${whenUnknown}`).violations(
        guardrailInput({}),
      );
      assert.deepEqual(
        [violation?.otherwise, violation?.unknown],
        expected ? [expected, true] : [undefined, undefined],
      );
      if (expected) assert.equal(violation?.detail, 'projected margin is not known');
    });
  }

  test('a missing fact that does not matter is not asked for', () => {
    const policy = guard('"!has(projected.cost) || projected.margin >= 15%"');
    assert.deepEqual(policy.violations(guardrailInput({})), []);
    assert.equal(policy.violations(guardrailInput({ costMinor: 5, marginBasisPoints: 5 })).length, 1);
  });

  test('it looks at its own kind of thing, category and SKU', () => {
    const low = { marginBasisPoints: 0 };
    const scoped = guard('projected.margin >= 15%', 'else: deny\nwhenUnknown: deny\nscope: { category: bags }');
    assert.deepEqual(scoped.violations(guardrailInput(low)), []);
    assert.equal(scoped.violations(guardrailInput(low, { category: 'bags' })).length, 1);
    const one = guard('projected.margin >= 15%', 'else: deny\nwhenUnknown: deny\nscope: { sku: 85123A }');
    assert.equal(one.violations(guardrailInput(low)).length, 1);
    assert.deepEqual(one.violations(guardrailInput(low, { leaf: 'sku:22423' })), []);
    const customers = guard('projected.contacts <= 2', undefined, 'customer');
    assert.deepEqual(customers.violations(guardrailInput({ contacts: 9 }, { actions: ['campaign.send'] })), []);
  });

  const moved: readonly [assertion: string, action: string, concerned: boolean][] = [
    ['projected.margin >= 15%', 'price.set', true],
    ['projected.margin >= 15%', 'promotion.launch', true],
    ['projected.margin >= 15%', 'reorder.place', false],
    ['projected.available > 0', 'stock.reserve', true],
    ['projected.available > 0', 'price.set', false],
    ['projected.spend <= £1', 'reorder.place', true],
    ['!("paused" in projected.states)', 'order.tag', true],
  ];
  for (const [assertion, action, concerned] of moved) {
    test(`${assertion} ${concerned ? 'concerns' : 'does not concern'} ${action}`, () => {
      const policy = guard(`'${assertion}'`);
      const input = guardrailInput(
        { marginBasisPoints: 0, availableToPromise: 0, spendMinor: 101, states: ['paused'] },
        { actions: [action] },
      );
      assert.equal(policy.violations(input).length, concerned ? 1 : 0);
    });
  }

  test('every guardrail of all actions that take part is asked, in file order, once', () => {
    const policy = policyOf(
      rule('kind: guardrail\non: sku\nassert: projected.available > 0\nelse: deny\nwhenUnknown: deny', 'stock') +
        rule('kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny', 'margin'),
    );
    const input = guardrailInput(
      { marginBasisPoints: 0, availableToPromise: 0 },
      { actions: ['price.set', 'promotion.launch', 'price.set'] },
    );
    assert.deepEqual(
      policy.violations(input).map((one) => one.rule),
      ['stock', 'margin'],
    );
    assert.deepEqual(
      policy.violations({ ...input, actions: ['promotion.launch', 'price.set'] }).map((one) => one.rule),
      ['stock', 'margin'],
    );
  });
});
