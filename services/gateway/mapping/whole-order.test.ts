import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchKnowledge } from './known.ts';
import { sayOrder, versionsOfOrder, type WholeOrder } from './whole-order.ts';

const order = (changes: Partial<WholeOrder> = {}): WholeOrder => ({
  id: '7',
  name: '#7',
  placedAt: '2026-02-04T10:00:00.000Z',
  changedAt: '2026-02-04T11:00:00.000Z',
  isSale: true,
  currency: 'GBP',
  totalMinor: 900,
  lines: [{ sku: 'A', units: 1, unitMinor: 900 }],
  refunds: [],
  parcels: [],
  ...changes,
});
const TOLD_AT = '2026-02-05T00:00:00.000Z';

describe('an order whose newer body was no sale, told late as one', () => {
  const known = new BatchKnowledge();
  known.addVersions(versionsOfOrder(order({ changedAt: '2026-02-04T12:00:00.000Z' })));

  test('is asked for: nobody may act on it as on a live sale', () => {
    assert.deepEqual(sayOrder(order(), known, TOLD_AT), { asks: [{ kind: 'order', ref: '7', cause: 'older' }] });
  });

  test('a body as new as that is believed', () => {
    const said = sayOrder(order({ changedAt: '2026-02-04T12:00:00.000Z' }), known, TOLD_AT);
    assert.deepEqual('events' in said && said.events.map(({ type }) => type), ['order.placed']);
  });
});
