import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { orderBody } from '../fixtures/bodies.ts';
import { when } from '../fixtures/mapping.ts';
import { parcelRef } from './reading.ts';

/** Promised for 4 February. */
const placed = when('orders/create', orderBody()).events;
const named = [{ kind: 'parcel', ref: '1Z9', subject: 'order:5001', part: '41' }] as const;

const tracker = (changes: object = {}, event: object = {}) => ({
  id: 'evt_1',
  object: 'Event',
  description: 'tracker.updated',
  mode: 'production',
  previous_attributes: { status: 'in_transit' },
  result: {
    id: 'trk_1',
    object: 'Tracker',
    tracking_code: '1z 9',
    status: 'in_transit',
    carrier: 'UPS',
    updated_at: '2026-02-03T10:00:00Z',
    est_delivery_date: '2026-02-06T00:00:00Z',
    is_return: false,
    tracking_details: [],
    ...changes,
  },
  ...event,
});

const told = (body: object, given = placed) => when('', body, given, 'easypost', { named });

describe("EasyPost's trackers", () => {
  test('are late when they are expected after what was promised', () => {
    const [event] = told(tracker()).events;
    assert.deepEqual(
      [event?.type, event?.subject, event?.time],
      ['shipment.delayed', 'order:5001', '2026-02-03T10:00:00.000Z'],
    );
    assert.deepEqual(event?.data, {
      fulfilment: '41',
      carrier: 'UPS',
      estimatedAt: '2026-02-06T00:00:00.000Z',
      promisedAt: '2026-02-04T10:00:00.000Z',
      customer: '7001',
    });
  });

  test('are not late before that, nor without an estimate', () => {
    assert.equal(told(tracker({ est_delivery_date: '2026-02-04T09:00:00Z' })).end, 'ignored: nothing-new');
    assert.equal(told(tracker({ est_delivery_date: null, status_detail: 'delayed' })).end, 'ignored: nothing-new');
    assert.equal(told(tracker({ est_delivery_date: 'soon' })).end, 'ignored: nothing-new');
  });

  test('of an order without a promise are late when their estimate moves back, or the carrier says so', () => {
    const moved = { previous_attributes: { est_delivery_date: '2026-02-05T00:00:00Z' } };
    assert.equal(told(tracker({}, moved), []).events[0]?.type, 'shipment.delayed');
    assert.equal(told(tracker({ est_delivery_date: '2026-02-04T00:00:00Z' }, moved), []).end, 'ignored: nothing-new');
    assert.equal(told(tracker({ status_detail: 'weather_delay' }), []).events[0]?.type, 'shipment.delayed');
    assert.equal(told(tracker(), []).end, 'ignored: nothing-new');
  });

  test('say the same estimate once', () => {
    const first = told(tracker());
    assert.equal(told(tracker(), [...placed, ...first.events]).end, 'ignored: nothing-new');
    const later = tracker({ est_delivery_date: '2026-02-08T00:00:00Z' });
    assert.equal(told(later, [...placed, ...first.events]).events[0]?.data.estimatedAt, '2026-02-08T00:00:00.000Z');
  });

  test('arrive once, when the carrier saw them arrive', () => {
    const details = [{ status: 'delivered', datetime: '2026-02-03T09:30:00Z' }];
    const body = tracker({ status: 'delivered', tracking_details: details });
    const [event] = told(body).events;
    assert.deepEqual(
      [event?.type, event?.time, event?.data],
      ['shipment.delivered', '2026-02-03T09:30:00.000Z', { fulfilment: '41', carrier: 'UPS' }],
    );
    assert.equal(told(body, [...placed, event!]).end, 'repeated');
  });

  test('of returns, of test mode, of a test order and of nobody drive nothing', () => {
    assert.equal(told(tracker({ is_return: true })).end, 'ignored: nothing-new');
    assert.equal(told(tracker({}, { mode: 'test' })).end, 'ignored: test-delivery');
    assert.equal(told(tracker(), when('orders/create', orderBody({ test: true })).events).end, 'ignored: test-order');
    assert.equal(told(tracker({ tracking_code: 'somebody else' })).end, 'ignored: unknown-item');
  });

  test('beside all else that EasyPost tells, which is unknown', () => {
    assert.equal(told({ description: 'batch.created', mode: 'production' }).end, 'unknown-topic');
    assert.throws(() => told({ id: 'trk_1', object: 'Tracker' }), { reason: 'unknown-shape' });
  });

  test('are found however their code is written', () => {
    assert.deepEqual(['1Z9', '1z 9', ' 1z-9 '].map(parcelRef), ['1Z9', '1Z9', '1Z9']);
  });
});
