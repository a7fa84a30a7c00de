import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuledIntent } from '../policy.ts';
import { faultsOf, policyOf, rule, ruledIntent } from '../testing.ts';

const NOTICE = {
  action: 'notice.send',
  resource: 'customer:17850',
  params: { customer: '17850', topic: 'delay' },
} as const;

function keys(body: string, ...intents: readonly Partial<RuledIntent>[]): readonly (string | undefined)[] {
  const policy = policyOf(rule(`kind: redundancy\n${body}`));
  return intents.map((given) => policy.sameness(ruledIntent(given as never))[0]?.key);
}

describe('redundancy', () => {
  test('given the same customer and topic, then one key; another topic has another', () => {
    const [one, again, other] = keys(
      'scope: { action: notice.send }\nsame: [customer, topic]',
      NOTICE,
      { ...NOTICE, params: { ...NOTICE.params, subject: 'in other words', text: 'x' } },
      { ...NOTICE, params: { ...NOTICE.params, topic: 'split' } },
    );
    assert.equal(one, 'r 17850 delay');
    assert.equal(again, one);
    assert.equal(other, 'r 17850 split');
  });

  const parts: readonly [same: string, given: Partial<RuledIntent>, key: string][] = [
    ['resource', {}, 'r customer:17850'],
    ['action', {}, 'r notice.send'],
    ['agent', { agent: 'support' }, 'r support'],
    ['cause', { cause: { type: 'a.b', time: 't', event: 'e1' } }, 'r e1'],
    ['cause', { cause: { type: 'a.b', time: 't' } }, 'r a.b@t'],
    ['order', {}, 'r -'],
    ['order', { params: { order: '-' } }, 'r "-"'],
    ['order', { params: { order: '' } }, 'r ""'],
    ['order', { params: { order: 'A B' } }, 'r "A B"'],
    ['[customer, order]', { params: { customer: 'A B', order: 'C' } }, 'r "A B" C'],
    ['[customer, order]', { params: { customer: 'A', order: 'B C' } }, 'r A "B C"'],
  ];
  for (const [same, given, key] of parts) {
    test(`same ${same}: ${key}`, () =>
      assert.deepEqual(keys(`scope: { action: notice.send }\nsame: ${same}`, { ...NOTICE, ...given }), [key]));
  }

  test('lists and numbers are compared by what they hold', () => {
    const split = (units: number) => ({ action: 'order.split', params: { later: [{ units, sku: 'A' }] } });
    const [one, again, other] = keys('scope: { action: order.split }\nsame: later', split(1), split(1), split(2));
    assert.deepEqual([one === again, one === other], [true, false]);
  });

  test('within says for how long; without it, only the round counts', () => {
    const found = (body: string) =>
      policyOf(rule(`kind: redundancy\nscope: { action: notice.send }\nsame: customer\n${body}`)).sameness(
        ruledIntent(NOTICE),
      );
    assert.deepEqual(found('within: 24h'), [{ rule: 'r', why: 'because', key: 'r 17850', withinMs: 86_400_000 }]);
    assert.equal(found('')[0]?.withinMs, 0);
  });

  test('every rule that the intent falls under speaks, in file order, with a key of its own', () => {
    const policy = policyOf(
      rule('kind: redundancy\nsame: [resource, cause]', 'b') + rule('kind: redundancy\nsame: resource', 'a'),
    );
    assert.deepEqual(
      policy.sameness(ruledIntent()).map(({ rule: id }) => id),
      ['b', 'a'],
    );
  });

  test('outside its scope, and where its condition does not hold, it does not speak; a missing fact does not silence it', () => {
    const silent = [undefined];
    assert.deepEqual(keys('same: resource\nscope: { agent: support }', {}), silent);
    assert.deepEqual(keys('same: resource\nscope: { action: refund.issue }', {}), silent);
    assert.deepEqual(keys('same: resource\nwhen: impact.units > 3', {}), silent);
    assert.deepEqual(keys('same: resource\nwhen: intent.category == "x"', { category: undefined }), ['r sku:85123A']);
  });

  const faults: readonly [what: string, body: string, error: RegExp][] = [
    [
      'a mistyped parameter',
      'scope: { action: notice.send }\nsame: [customer, topc]',
      /"topc" is not known of notice\.send; .* Did you mean "topic"\?/,
    ],
    [
      'one that only some of the actions have',
      'scope: { action: [notice.send, campaign.send] }\nsame: topic',
      /not known of notice\.send, campaign\.send/,
    ],
    ['a parameter without actions', 'same: customer', /not known without a scope that names actions/],
    ['a name twice', 'same: [resource, resource]', /stands in "same" twice/],
    ['nothing', 'scope: { action: notice.send }', /"same" is missing/],
  ];
  for (const [what, body, error] of faults) {
    test(`refused: ${what}`, () => assert.match(faultsOf(rule(`kind: redundancy\n${body}`)).join('\n'), error));
  }
});
