import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { orderBody } from '../fixtures/bodies.ts';
import { BatchKnowledge } from './known.ts';
import { mapOne, readOne } from './map-one.ts';

const RECEIVED_AT = '2026-02-05T12:00:00.000Z';
const SOON = '2026-02-05T12:04:00.000Z';
const AHEAD = '2099-01-01T00:00:00.000Z';

/** What a delivery that came at RECEIVED_AT says, and which version of its resource it counts as. */
function mapped(platform: 'shopify' | 'standard', topic: string, body: unknown, clockKind: 'live' | 'replay' = 'live') {
  const delivery = {
    id: '01900000-0000-7000-8000-000000000001',
    store: 'shop',
    endpoint: 'shop',
    topic,
    headers: {},
    body: Buffer.from(JSON.stringify(body)),
    digest: null,
    receivedAt: RECEIVED_AT,
    via: 'webhook',
  } as const;
  const endpoint = {
    endpoint: 'shop',
    store: 'shop',
    platform,
    secrets: [],
    currency: 'GBP',
    mapping: null,
    clockKind,
    open: [],
  };
  const course = readOne(delivery, () => endpoint);
  const context = { store: 'shop', currency: 'GBP', toldAt: course.read!.toldAt, known: new BatchKnowledge() };
  mapOne(course, context, { has: () => false, add: () => {} } as never, Date.parse(RECEIVED_AT));
  return { times: [...new Set(course.said.map(({ time }) => time))], versions: course.versions.map(({ at }) => at) };
}

describe('a time that is yet to come', () => {
  const price = { sku: 'A', competitor: 'Gift Barn', priceMinor: 250, currency: 'GBP' };
  const priced = (timestamp: string, clockKind?: 'live' | 'replay') =>
    mapped(
      'standard',
      'competitor.price-changed',
      { type: 'competitor.price-changed', timestamp, data: price },
      clockKind,
    ).times;

  test('is taken as of when it came', () => assert.deepEqual(priced(AHEAD), [RECEIVED_AT]));

  test('is believed within what clocks differ', () => assert.deepEqual(priced(SOON), [SOON]));

  test('is believed in a replay, whose clock is its own', () => assert.deepEqual(priced(AHEAD, 'replay'), [AHEAD]));

  test('does not keep all later versions of an order out', () => {
    const { times, versions } = mapped(
      'shopify',
      'orders/create',
      orderBody({ created_at: AHEAD, processed_at: AHEAD, updated_at: AHEAD }),
    );
    assert.deepEqual(times, [RECEIVED_AT]);
    assert.deepEqual(versions, [RECEIVED_AT]);
  });
});
