import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SourceName } from '#shared/contracts/sources.ts';
import { orderBody } from '../fixtures/bodies.ts';
import { deliveryOf, openEndpoint, RECEIVED_AT } from '../fixtures/mapping.ts';
import { BatchKnowledge } from './known.ts';
import { mapOne, readOne } from './map-one.ts';

const SOON = '2026-02-05T12:04:00.000Z';
const AHEAD = '2099-01-01T00:00:00.000Z';

/** What a delivery that came at RECEIVED_AT says, and which version of its resource it counts as. */
function mapped(platform: 'shopify' | 'standard', topic: string, body: unknown, clockKind: 'live' | 'replay' = 'live') {
  const course = readOne(deliveryOf(topic, body), () => openEndpoint(platform, clockKind));
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

describe('a body that could not be read', () => {
  const MAPPING = `sender: rival-watch
topic: body.kind
mappings:
  - when: body.kind == "price"
    type: stock.written-off
    data: { sku: body.article, units: 1, cause: '"lost"' }
end: true
`;
  const endOf = (platform: SourceName, body: unknown, mapping: string | null = null) => {
    const raw = typeof body === 'string' ? body : JSON.stringify(body);
    const { end } = readOne(deliveryOf('', raw), () => ({ ...openEndpoint(platform, 'live'), mapping }));
    return [end?.state, end?.topic];
  };
  const cases: readonly [string, SourceName, unknown, string, string?][] = [
    ['its type', 'standard', { type: 'traffic.spiked', data: { sku: 'A' } }, 'traffic.spiked'],
    ['its type, though it is mistyped', 'standard', { type: 'traffic.spikes' }, 'traffic.spikes'],
    ["its mapping file's name for it", 'standard', { kind: 'price' }, 'price', MAPPING],
    [
      'its type, where the file names none',
      'standard',
      { type: 'traffic.spiked', data: {} },
      'traffic.spiked',
      MAPPING,
    ],
    ['its type, where the file no longer reads', 'standard', { type: 'traffic.spiked' }, 'traffic.spiked', 'sender: x'],
    ['nothing, where it says nothing', 'standard', [1], ''],
    ['nothing, where it is no JSON', 'standard', '{"type": "traffic.spiked"', ''],
    ['its type', 'stripe', { type: 'charge.dispute.created', livemode: true }, 'charge.dispute.created'],
    ['its description', 'easypost', { description: 'tracker.updated', mode: 'production' }, 'tracker.updated'],
    ['its scope', 'bigcommerce', { scope: 'store/order/updated' }, 'store/order/updated'],
  ];
  for (const [what, platform, body, topic, mapping] of cases)
    test(`of ${platform} is listed by ${what}: ${JSON.stringify(body)}`, () =>
      assert.deepEqual(endOf(platform, body, mapping), ['failed', topic]));
});
