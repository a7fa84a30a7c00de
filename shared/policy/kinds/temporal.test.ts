import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuledIntent } from '../policy.ts';
import { policyOf, rule, ruledIntent } from '../testing.ts';

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
    [
      'quiet: a whole weekend is over on Monday, not on Sunday',
      'quiet: 00:00-24:00\ndays: [saturday, sunday]',
      {},
      '2011-10-08T10:00:00.000Z',
      '2011-10-09T23:00:00.000Z',
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

  test('what two rules hold back in a row is held once, until neither does', () => {
    const night = rule('kind: temporal\nquiet: 22:00-07:00', 'night');
    const policy = policyOf(night + rule('kind: temporal\nquiet: 00:00-24:00\ndays: [saturday, sunday]', 'weekend'));
    // Friday 23:00: the night, the weekend, and the night into Monday.
    const now = '2011-10-07T22:00:00.000Z';
    assert.deepEqual(policy.hold(ruledIntent({ window: { from: now } }), now), {
      rule: 'night',
      why: 'because',
      detail:
        'it is 23:00, in the quiet time 22:00-07:00; then weekend: it is 07:00, in the quiet time 00:00-24:00 on saturday, sunday',
      verdict: 'deferred',
      until: '2011-10-10T06:00:00.000Z',
    });
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
