import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { orderBody } from '../../fixtures/bodies.ts';
import { types, when } from '../../fixtures/mapping.ts';

const line = (changes: Record<string, unknown>) => ({
  sku: '85123A',
  quantity: 1,
  price: '2.55',
  product_id: 1,
  product_exists: true,
  gift_card: false,
  ...changes,
});

describe('orders/create', () => {
  test('says what was ordered, at the time of the order, in UTC', () => {
    const [placed] = when('orders/create', orderBody()).events;
    assert.equal(placed?.time, '2026-02-01T09:00:00.000Z');
    assert.equal(placed?.subject, 'order:5001');
    assert.deepEqual(placed?.data, {
      name: '#1001',
      customer: '7001',
      currency: 'GBP',
      totalMinor: 1020,
      lines: [{ sku: '85123A', units: 4, unitMinor: 255 }],
      country: 'GB',
      channel: 'web',
      shipping: { promisedAt: '2026-02-04T10:00:00.000Z' },
    });
  });

  test('keeps name and address out of the event', () => {
    const { events, people } = when('orders/create', orderBody());
    assert.ok(!JSON.stringify(events).includes('ada@'));
    assert.deepEqual(people, [
      { subject: 'customer:7001', person: { email: 'ada@example.invalid', name: 'Ada L' }, replaces: false },
    ]);
  });

  test('counts no postage, no manual line, no gift card and no bad debt as a sale', () => {
    const lines = [
      line({}),
      line({ sku: null, price: '4.95' }),
      line({ sku: 'M', product_id: null, price: '1.00' }),
      line({ gift_card: true, price: '25.00' }),
      line({ sku: 'B', price: '-11062.06' }),
    ];
    const [placed] = when('orders/create', orderBody({ line_items: lines })).events;
    assert.deepEqual(
      (placed!.data as { lines: { sku: string }[] }).lines.map((one) => one.sku),
      ['85123A'],
    );
    assert.equal(placed?.data.otherMinor, 495 + 100 + 2_500 - 1_106_206);
  });

  test('a line for nothing still takes its units from the shelf', () => {
    const [placed] = when('orders/create', orderBody({ line_items: [line({ price: '0.00', quantity: 3 })] })).events;
    assert.deepEqual(placed?.data.lines, [{ sku: '85123A', units: 3, unitMinor: 0 }]);
  });

  test('a test order is marked as one', () => {
    const [placed, ...rest] = when(
      'orders/create',
      orderBody({ test: true, cancelled_at: '2026-02-01T10:00:00Z' }),
    ).events;
    assert.equal(placed?.data.test, true);
    assert.equal(rest.length, 0);
  });

  test('an order that is cancelled when it is told of says both at once', () => {
    const body = orderBody({
      cancelled_at: '2026-02-01T11:00:00Z',
      cancel_reason: 'fraud',
      refunds: [{ restock: true }],
    });
    assert.deepEqual(types(when('orders/create', body)), ['order.placed', 'order.cancelled']);
  });

  test('an order that is known is repeated, under whatever id it comes', () => {
    const first = when('orders/create', orderBody());
    assert.equal(when('orders/create', orderBody(), first.events).end, 'repeated');
  });

  test('an id beyond 2^53 keeps its digits', () => {
    const body = JSON.stringify(orderBody({ admin_graphql_api_id: null })).replace('5001', '820982911946154508');
    assert.equal(when('orders/create', body).events[0]?.subject, 'order:820982911946154508');
    const exact = orderBody({ id: 820982911946154500, admin_graphql_api_id: 'gid://shopify/Order/820982911946154508' });
    assert.equal(when('orders/create', exact).events[0]?.subject, 'order:820982911946154508');
  });

  test('text from outside is one line without control characters', () => {
    const [placed] = when(
      'orders/create',
      orderBody({ name: '#1\u0000\n\u202Eevil', source_name: 'w'.repeat(500) }),
    ).events;
    assert.equal(placed?.data.name, '#1   evil');
    assert.equal(String(placed?.data.channel).length, 200);
  });

  test('an order of 1,114 lines is one event that fits the bus', () => {
    const lines = Array.from({ length: 1_114 }, (_, n) => line({ sku: `SKU-${n}` }));
    const { events } = when('orders/create', orderBody({ line_items: lines }));
    assert.ok(JSON.stringify(events[0]).length < 256 * 1024);
  });

  test('what is not an order is refused with the place of the fault', () => {
    assert.throws(() => when('orders/create', orderBody({ total_price: 'ten' })), { reason: 'bad-input' });
    assert.throws(() => when('orders/create', orderBody({ created_at: '2026-02-01T10:00:00' })), {
      reason: 'unknown-shape',
      position: 'created_at',
    });
    assert.throws(() => when('orders/create', orderBody({ line_items: [line({ quantity: 'x' })] })), {
      position: 'line_items.0.quantity',
    });
    assert.throws(() => when('orders/create', '{"half'), { reason: 'unknown-shape' });
    assert.throws(() => when('orders/create', 'null'), { reason: 'unknown-shape' });
  });
});

describe('what follows an order', () => {
  const cancelled = { cancelled_at: '2026-02-01T12:00:00Z', cancel_reason: 'customer' };

  test('a cancellation gives its lines back on the day of the order, and to the shelf where a refund says so', () => {
    const said = (refunds: unknown[]) => when('orders/cancelled', orderBody({ ...cancelled, refunds })).events[0];
    assert.equal(said([{ restock: true }])?.data.restocked, true);
    assert.equal(said([{ refund_line_items: [{ restock_type: 'cancel' }] }])?.data.restocked, true);
    assert.equal(said([{ refund_line_items: [{ restock_type: 'no_restock' }] }])?.data.restocked, false);
    assert.equal(said([])?.data.restocked, false);
    assert.equal(said([])?.data.placedAt, '2026-02-01T09:00:00.000Z');
    assert.equal(said([])?.time, '2026-02-01T12:00:00.000Z');
  });

  test('an order is cancelled once', () => {
    const first = when('orders/cancelled', orderBody(cancelled));
    assert.equal(when('orders/cancelled', orderBody(cancelled), first.events).end, 'repeated');
  });

  test('a body that is not cancelled or not paid says nothing, whatever the unsigned topic claims', () => {
    assert.equal(when('orders/cancelled', orderBody()).end, 'ignored: nothing-new');
    assert.equal(when('orders/paid', orderBody()).end, 'ignored: nothing-new');
  });

  test('payment is told once, at the time of the payment', () => {
    const body = orderBody({ financial_status: 'paid' });
    const first = when('orders/paid', body);
    assert.deepEqual(first.events[0]?.data, { currency: 'GBP', minor: 1020, gateway: 'card' });
    assert.equal(first.events[0]?.time, '2026-02-01T09:00:01.000Z');
    assert.equal(when('orders/paid', body, first.events).end, 'repeated');
  });

  test('a save is news only when the tags differ', () => {
    assert.equal(when('orders/updated', orderBody()).end, 'ignored: nothing-new');
    const first = when('orders/updated', orderBody({ tags: 'vip, late,vip' }));
    assert.deepEqual(first.events[0]?.data, { tags: ['late', 'vip'] });
    assert.equal(when('orders/updated', orderBody({ tags: 'late, vip' }), first.events).end, 'ignored: nothing-new');
  });

  test('a test order is paid, cancelled and changed without anybody hearing of it', () => {
    for (const topic of ['orders/paid', 'orders/cancelled', 'orders/updated']) {
      assert.equal(
        when(topic, orderBody({ test: true, ...cancelled, financial_status: 'paid' })).end,
        'ignored: test-order',
      );
    }
  });
});

describe('an order that Shopify does not show', () => {
  const gone = (placedAt: string) => {
    const { events } = when('orders/create', orderBody({ created_at: placedAt, updated_at: placedAt }));
    return when('gone/order', { id: 5001 }, events);
  };

  test('was deleted, where it is young enough to be shown', () => {
    const { events } = gone('2025-12-09T12:00:00Z');
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.cancelReason]),
      [['order.cancelled', 'deleted']],
    );
  });

  test('is no news where it is older than what Shopify shows', () => {
    assert.equal(gone('2025-12-07T12:00:00Z').end, 'ignored: history');
  });
});
