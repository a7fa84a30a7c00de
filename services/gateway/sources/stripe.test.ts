import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { orderBody } from '../fixtures/bodies.ts';
import { RECEIVED_AT, when } from '../fixtures/mapping.ts';
import { stripe } from './stripe.ts';

const placed = when('orders/create', orderBody()).events;

const dispute = (changes: object = {}, event: object = {}) => ({
  id: 'evt_1',
  object: 'event',
  type: 'charge.dispute.created',
  created: 1_770_000_000,
  livemode: true,
  data: {
    object: {
      id: 'dp_1',
      object: 'dispute',
      amount: 1020,
      currency: 'gbp',
      status: 'needs_response',
      charge: 'ch_1',
      payment_intent: 'pi_1',
      metadata: { order_id: '5001' },
      ...changes,
    },
  },
  ...event,
});

const told = (body: object, given = placed, named: Parameters<typeof when>[4] = {}) =>
  when('', body, given, 'stripe', named);

describe("Stripe's disputes", () => {
  test('are of the order that their metadata names, in the smallest unit of their currency', () => {
    const [event] = told(dispute()).events;
    assert.deepEqual(
      [event?.type, event?.subject, event?.time],
      ['payment.disputed', 'order:5001', '2026-02-02T02:40:00.000Z'],
    );
    assert.deepEqual(event?.data, { dispute: 'dp_1', minor: 1020, currency: 'GBP', state: 'open', customer: '7001' });
  });

  test('are in the smallest unit also where Stripe counts with other decimals than the rest of the world', () => {
    const minorOf = (amount: number, currency: string) => told(dispute({ amount, currency })).events[0]?.data.minor;
    assert.deepEqual([minorOf(1500, 'xof'), minorOf(150_000, 'ugx'), minorOf(500_000, 'isk')], [1_500, 1_500, 5_000]);
    assert.deepEqual([minorOf(1500, 'mga'), minorOf(1_230, 'jod')], [150_000, 1_230]);
  });

  test('without metadata are of the order whose payment they name: by charge, by intent, or by a charge sent whole', () => {
    const by = (ref: string) => ({ named: [{ kind: 'payment', ref, subject: 'order:5001' }] as const });
    const bare = dispute({ metadata: {} });
    assert.equal(told(bare, placed, by('ch_1')).events[0]?.subject, 'order:5001');
    assert.equal(told(bare, placed, by('pi_1')).events[0]?.subject, 'order:5001');
    const whole = dispute({ metadata: {}, charge: { id: 'ch_1', metadata: { order_id: 5001 } } });
    assert.equal(told(whole).events[0]?.subject, 'order:5001');
  });

  test('of an order that nobody names wait for somebody who does', () => {
    assert.equal(told(dispute({ metadata: null })).end, 'awaits: unknown-item');
    assert.equal(told(dispute({ metadata: { order_id: 'not a number' } })).end, 'awaits: unknown-item');
  });

  const states: [string, string][] = [
    ['warning_needs_response', 'open'],
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['a status of next year', 'open'],
    ['won', 'won'],
    ['warning_closed', 'won'],
    ['prevented', 'won'],
    ['lost', 'lost'],
  ];
  for (const [status, state] of states)
    test(`are ${state} when they are "${status}"`, () =>
      assert.equal(told(dispute({ status })).events[0]?.data.state, state));

  test('say the same only once', () => {
    const first = told(dispute());
    const again = dispute({}, { id: 'evt_2', type: 'charge.dispute.updated' });
    assert.equal(told(again, [...placed, ...first.events]).end, 'ignored: nothing-new');
    const closed = dispute({ status: 'lost' }, { type: 'charge.dispute.closed' });
    assert.equal(told(closed, [...placed, ...first.events]).events[0]?.data.state, 'lost');
  });

  test('that are closed stay so when their opening is told late, and not when they are opened anew', () => {
    const closed = told(dispute({ status: 'won' }, { type: 'charge.dispute.closed', created: 1_770_300_000 }));
    const known = [...placed, ...closed.events];
    assert.equal(told(dispute(), known).end, 'ignored: nothing-new');
    assert.equal(told(dispute({}, { created: 1_770_300_001 }), known).events[0]?.data.state, 'open');
    assert.equal(told(dispute({ id: 'dp_2' }), known).events[0]?.data.state, 'open');
  });

  test('of test mode, and of a test order, drive nothing', () => {
    assert.equal(told(dispute({}, { livemode: false })).end, 'ignored: test-delivery');
    const test = when('orders/create', orderBody({ test: true })).events;
    assert.equal(told(dispute(), test).end, 'ignored: test-order');
  });
});

describe("Stripe's payments", () => {
  const names = (object: object, type: string) => {
    const body = { id: 'evt_1', object: 'event', type, created: 1, livemode: true, data: { object } };
    const read = stripe.read(
      { ...DELIVERY, body: Buffer.from(JSON.stringify(body)) },
      { platform: 'stripe', mapping: null, clockKind: 'live' },
    );
    assert.ok('topic' in read);
    return read.topic.names?.(read.body).map(({ ref, subject }) => [ref, subject]);
  };
  const DELIVERY: Omit<ReceivedDelivery, 'body'> = {
    id: '01900000-0000-7000-8000-000000000001',
    store: 'shop',
    endpoint: 'shop',
    topic: '',
    headers: {},
    digest: null,
    via: 'webhook',
    receivedAt: RECEIVED_AT,
  };
  const metadata = { order_id: '5001' };

  test('say what Stripe calls an order', () => {
    const charge = { id: 'ch_1', object: 'charge', payment_intent: 'pi_1', metadata };
    assert.deepEqual(names(charge, 'charge.succeeded'), [
      ['ch_1', 'order:5001'],
      ['pi_1', 'order:5001'],
    ]);
    const intent = { id: 'pi_1', object: 'payment_intent', latest_charge: 'ch_1', metadata };
    assert.deepEqual(names(intent, 'payment_intent.succeeded'), [
      ['pi_1', 'order:5001'],
      ['ch_1', 'order:5001'],
    ]);
    const session = {
      id: 'cs_1',
      object: 'checkout.session',
      payment_intent: 'pi_1',
      client_reference_id: '5001',
      metadata: {},
    };
    assert.deepEqual(names(session, 'checkout.session.completed'), [['pi_1', 'order:5001']]);
    assert.deepEqual(names({ ...session, client_reference_id: 'a basket' }, 'checkout.session.completed'), []);
  });

  test('are no events: that an order is paid, the store says', () => {
    const body = {
      id: 'evt_1',
      type: 'charge.succeeded',
      livemode: true,
      data: { object: { id: 'ch_1', object: 'charge', metadata } },
    };
    assert.equal(told(body).end, 'ignored: nothing-new');
  });

  test('and all else that Stripe tells is unknown, and what is no event is refused', () => {
    assert.equal(told({ type: 'plan.created' }).end, 'unknown-topic');
    assert.throws(() => told({ id: 'ch_1', object: 'charge' }), { reason: 'unknown-shape' });
    assert.throws(() => told([]), { reason: 'unknown-shape' });
  });
});
