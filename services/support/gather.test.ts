import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { decide } from './decide.ts';
import { gather } from './gather.ts';

const NOW = '2011-10-20T12:00:00.000Z';
const order = (over: Readonly<Record<string, unknown>> = {}) => ({
  placed: {
    at: NOW,
    name: '#1',
    customer: '7',
    currency: 'GBP',
    totalMinor: 10_000,
    units: 4,
    lines: 1,
    promisedAt: plus(NOW, -DAY_MS),
  },
  paid: { at: NOW, minor: 10_000 },
  ...over,
});
const sent = {
  fulfilled: { at: NOW, carrier: 'DPD', complete: true },
  shipment: { status: 'in-transit', carrier: 'DPD' },
};
const world = { facts: { 'order:1': order(sent), 'order:2': order() } };

function event(type: string, data: Readonly<Record<string, unknown>>, subject: ResourceKey): Envelope {
  const fixed = { specversion: '1.0', source: 'test', store: 'sandbox', correlationid: 'c', dataversion: 1 } as const;
  return {
    ...fixed,
    id: '01932c07-0000-7000-8000-000000000001',
    type,
    subject,
    data,
    time: NOW,
    now: NOW,
    seq: 1,
    depth: 0,
  };
}
const run = async (when: Envelope) => decide(when, await gather(when, fakeReader(world, NOW)), NOW).intents;
const wrote = (topic: string, customer = '7') =>
  event('message.received', { customer, order: '1', channel: 'email', topic }, 'message:1');

const CASES: readonly (readonly [string, Envelope, readonly string[]])[] = [
  [
    'a delay',
    event('shipment.delayed', { estimatedAt: plus(NOW, 3 * DAY_MS), customer: '7' }, 'order:1'),
    ['notice.send', 'credit.give'],
  ],
  ['a cancellation', event('order.cancelled', { cancelReason: 'inventory' }, 'order:2'), ['notice.send']],
  ['a question where the order is', wrote('where-is-my-order'), ['notice.send']],
  ['damage', wrote('damaged'), ['refund.issue']],
  ['a stranger', wrote('damaged', '8'), []],
  ['a dispute', event('payment.disputed', { dispute: '9', state: 'open' }, 'order:2'), ['order.hold']],
];

for (const [name, when, then] of CASES) {
  test(`gathers all that is needed for ${name}`, async () => {
    const intents = await run(when);
    assert.deepEqual(
      intents.map(({ action }) => action),
      then,
    );
    for (const proposal of intents) {
      const due = event('intent.due', { agent: 'support', intent: 'i1', proposal, origin: 'e' }, 'store:sandbox');
      assert.deepEqual(
        (await run(due)).map(({ replaces }) => replaces),
        ['i1'],
      );
    }
  });
}
