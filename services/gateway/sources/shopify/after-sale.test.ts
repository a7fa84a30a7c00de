import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { orderBody } from '../../fixtures/bodies.ts';
import { RECEIVED_AT, when, world } from '../../fixtures/mapping.ts';

const placed = when('orders/create', orderBody()).events;

const fulfilment = (id: number, quantity: number) => ({
  id,
  order_id: 5001,
  status: 'success',
  created_at: '2026-02-02T10:00:00Z',
  tracking_company: 'DPD',
  line_items: [{ sku: '85123A', quantity, product_id: 1 }],
});

const transit = (status: string, changes: Record<string, unknown> = {}) => ({
  fulfillment_id: 41,
  order_id: 5001,
  status,
  happened_at: '2026-02-03T10:00:00Z',
  estimated_delivery_at: '2026-02-06T10:00:00Z',
  ...changes,
});

describe('parcels', () => {
  const first = when('fulfillments/create', fulfilment(41, 1), placed);

  test('know the customer and the promise of their order', () => {
    assert.deepEqual(first.events[0]?.data, {
      fulfilment: '41',
      carrier: 'DPD',
      promisedAt: '2026-02-04T10:00:00.000Z',
      complete: false,
      customer: '7001',
      units: 1,
    });
  });

  test('complete an order together', () => {
    const second = when('fulfillments/create', fulfilment(42, 3), [...placed, ...first.events]);
    assert.equal(second.events[0]?.data.complete, true);
  });

  test('complete it as of the last of them, whichever is told first', () => {
    const last = when('fulfillments/create', { ...fulfilment(42, 3), created_at: '2026-02-02T18:00:00Z' }, placed);
    const [late] = when('fulfillments/create', fulfilment(41, 1), [...placed, ...last.events]).events;
    assert.deepEqual([last.events[0]?.data.complete, late?.data.complete], [false, true]);
    assert.equal(late?.time, '2026-02-02T18:00:00.000Z');
  });

  test('are sent once', () => {
    assert.equal(when('fulfillments/create', fulfilment(41, 1), [...placed, ...first.events]).end, 'repeated');
  });

  test('that are late say when they will come and what was promised', () => {
    const said = when('fulfillment_events/create', transit('delayed'), [...placed, ...first.events]).events[0];
    assert.equal(said?.type, 'shipment.delayed');
    assert.deepEqual(said?.data, {
      fulfilment: '41',
      carrier: 'DPD',
      estimatedAt: '2026-02-06T10:00:00.000Z',
      promisedAt: '2026-02-04T10:00:00.000Z',
      customer: '7001',
    });
  });

  test('arrive; on their way they are no news', () => {
    assert.equal(when('fulfillment_events/create', transit('delivered')).events[0]?.type, 'shipment.delivered');
    assert.equal(when('fulfillment_events/create', transit('in_transit')).end, 'ignored: nothing-new');
  });
});

describe('refunds', () => {
  const refund = (id: number) => ({
    id,
    order_id: 5001,
    created_at: '2026-02-05T10:00:00Z',
    note: 'Broken, says Jane Doe of 4 Elm Road',
    refund_line_items: ['return', 'no_restock', 'cancel'].map((restock_type) => ({
      quantity: 1,
      restock_type,
      line_item: { sku: '85123A' },
    })),
    transactions: [
      { kind: 'refund', status: 'success', amount: '7.65', currency: 'GBP' },
      { kind: 'refund', status: 'failure', amount: '99.00', currency: 'GBP' },
    ],
  });

  test('say what went back in money and in goods; what a cancellation restocks is said by the cancellation', () => {
    const { data } = when('refunds/create', refund(9), placed).events[0]!;
    assert.equal(data.minor, 765);
    assert.deepEqual(
      (data.lines as { restocked: boolean }[]).map((line) => line.restocked),
      [true, false, false],
    );
  });

  test('leave the note in the delivery: it may name a person', () => {
    const { events } = when('refunds/create', refund(9), placed);
    assert.equal(events.length, 1);
    assert.ok(!/Jane|note/.test(JSON.stringify(events)));
  });

  test('count once each', () => {
    const first = when('refunds/create', refund(9), placed);
    assert.equal(when('refunds/create', refund(9), [...placed, ...first.events]).end, 'repeated');
    assert.equal(when('refunds/create', refund(10), [...placed, ...first.events]).end, undefined);
  });

  test("of a test order are nobody's business", () => {
    const tests = when('orders/create', orderBody({ test: true })).events;
    assert.equal(when('refunds/create', refund(9), tests).end, 'ignored: test-order');
  });
});

describe('holds, risks and disputes', () => {
  const order = (changes: Record<string, unknown> = {}) => ({
    fulfillment_order: {
      id: 'gid://shopify/FulfillmentOrder/1',
      order_id: 'gid://shopify/Order/5001',
      status: 'on_hold',
      updated_at: '2026-02-02T10:00:00Z',
      fulfillment_holds: [
        { handle: 'a', reason: 'other' },
        { handle: 'b', reason: 'high_risk_of_fraud' },
      ],
      ...changes,
    },
  });

  test('a hold has the handle of the newest', () => {
    const said = when('fulfillment_orders/placed_on_hold', order()).events[0];
    assert.deepEqual(said?.data, { handle: 'b', held: true, holdReason: 'high_risk_of_fraud' });
    assert.equal(said?.subject, 'order:5001');
  });

  test('a release names what went; another hold that is left keeps the order back', () => {
    const released = (status: string) =>
      when('fulfillment_orders/hold_released', order({ status, fulfillment_holds: [{ handle: 'a' }] })).events[0]?.data;
    assert.deepEqual(released('open'), { handle: 'a', held: false });
    assert.deepEqual(released('on_hold'), { handle: 'unnamed', held: true });
  });

  test('a hold on an order that it does not name says nothing', () => {
    assert.equal(
      when('fulfillment_orders/placed_on_hold', order({ order_id: undefined })).end,
      'ignored: unknown-item',
    );
  });

  test('a risk has a level and its signals', () => {
    const risk = {
      order_id: 5001,
      risk_level: 'HIGH',
      created_at: '2026-02-01T10:00:00Z',
      facts: [{ description: 'several card attempts' }],
    };
    assert.deepEqual(when('orders/risk_assessment_changed', risk).events[0]?.data, {
      level: 'high',
      signals: ['several card attempts'],
    });
    assert.equal(
      when('orders/risk_assessment_changed', { ...risk, risk_level: 'PENDING' }).end,
      'ignored: nothing-new',
    );
  });

  test('a dispute is open until it is won or lost, and knows its customer', () => {
    const dispute = {
      id: 8,
      type: 'chargeback',
      order_id: 5001,
      amount: '10.20',
      currency: 'GBP',
      status: 'needs_response',
      initiated_at: '2026-02-09T10:00:00Z',
    };
    assert.deepEqual(when('disputes/create', dispute, placed).events[0]?.data, {
      dispute: '8',
      minor: 1020,
      currency: 'GBP',
      state: 'open',
      customer: '7001',
    });
    assert.equal(when('disputes/create', { ...dispute, order_id: null }).end, 'ignored: nothing-new');
  });
});

describe('what the world says', () => {
  const cases: [string, Record<string, unknown>, string, Record<string, unknown>][] = [
    [
      'competitor.price-changed',
      { sku: 'A', competitor: 'Other', priceMinor: 199, currency: 'GBP' },
      'sku:A',
      { competitor: 'Other', minor: 199, currency: 'GBP' },
    ],
    [
      'traffic.spiked',
      { sku: 'A', views: 90, baselineViews: 9, windowMinutes: 60 },
      'sku:A',
      { views: 90, baselineViews: 9, windowMinutes: 60 },
    ],
    [
      'mention.detected',
      { sku: null, source: 'blog', sentiment: 'positive', reach: 5 },
      'store:shop',
      { source: 'blog', sentiment: 'positive', reach: 5 },
    ],
    [
      'supplier.delayed',
      { supplier: 'acme', skus: ['A'], delayDays: 4 },
      'supplier:acme',
      { skus: ['A'], delayDays: 4 },
    ],
    [
      'supplier.listed',
      { supplier: 'acme', leadTimeDays: 4, leadTimeSdDays: 1.5, minimumOrderUnits: 12 },
      'supplier:acme',
      { leadTimeDays: 4, leadTimeSdDays: 1.5, minimumOrderUnits: 12 },
    ],
    ['stock.written-off', { sku: 'A', units: 3, cause: 'damaged' }, 'sku:A', { units: 3, cause: 'damaged' }],
    [
      'stock.received',
      { sku: 'A', units: 3, supplier: 'acme', purchaseOrder: 'po-1' },
      'sku:A',
      { units: 3, supplier: 'acme', purchaseOrder: 'po-1' },
    ],
    ['restock.requested', { sku: 'A', customer: '7001' }, 'sku:A', { customer: '7001' }],
  ];
  for (const [type, data, subject, expected] of cases) {
    test(type, () => {
      const [event] = world(type, data, '2026-02-01T11:00:00+01:00').events;
      assert.deepEqual(
        [event?.type, event?.subject, event?.time, event?.data],
        [type, subject, '2026-02-01T10:00:00.000Z', expected],
      );
    });
  }

  test('a letter is told without its text', () => {
    const letter = {
      message: 'm1',
      customer: '7001',
      order: '5001',
      channel: 'email',
      topic: 'complaint',
      text: 'I am angry',
    };
    const [event] = world('message.received', letter).events;
    assert.deepEqual(event?.data, { customer: '7001', order: '5001', channel: 'email', topic: 'complaint' });
    assert.equal(event?.time, RECEIVED_AT);
  });

  test('a campaign of the calendar keeps its plan', () => {
    const plan = {
      name: 'Spring',
      skus: ['A'],
      discountBasisPoints: 1_000,
      startsAt: '2026-03-01T00:00:00.000Z',
      endsAt: '2026-03-08T00:00:00.000Z',
      audience: 'subscribers',
    };
    const [event] = world('campaign.scheduled', { campaign: 'c1', category: null, ...plan }).events;
    assert.equal(event?.subject, 'campaign:c1');
    assert.deepEqual(event?.data, plan);
  });

  test('a type that does not exist is refused with the likely one; a value out of its list with its place', () => {
    assert.throws(() => world('traffic.spikes', {}), { reason: 'unknown-event-type', message: /traffic\.spiked/ });
    assert.throws(() => world('stock.written-off', { sku: 'A', units: 1, cause: 'eaten' }), {
      position: 'stock.written-off.cause',
    });
    assert.throws(() => world('stock.written-off', { sku: 'A', units: -1, cause: 'lost' }), { position: 'data.units' });
  });
});
