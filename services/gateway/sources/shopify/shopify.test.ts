import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { orderBody } from '../../fixtures/bodies.ts';
import { RECEIVED_AT, types, when } from '../../fixtures/mapping.ts';
import { shopify } from '../shopify.ts';

const SECRET = 'hush';
const sign = (body: string, secret = SECRET) => createHmac('sha256', secret).update(body).digest('base64');
const verify = (body: string, headers: Record<string, string>) =>
  shopify.verify({ headers, body: Buffer.from(body) }, [SECRET], 0);

describe('the next generation of headers', () => {
  const both = (body: string, changes: Record<string, string> = {}) => ({
    'x-shopify-hmac-sha256': sign(body),
    'x-shopify-topic': 'products/update',
    'x-shopify-event-id': 'old',
    'x-shopify-webhook-id': 'w-old',
    'shopify-hmac-sha256': sign(body),
    'shopify-topic': 'Product',
    'shopify-action': 'update',
    'shopify-event-id': 'new',
    ...changes,
  });

  test('decides where both sets come: its topic, its action, its ids', () => {
    const verified = verify('{}', both('{}'));
    assert.deepEqual([verified?.topic, verified?.key], ['Product/update', 'Product/update|event|new']);
  });

  test('decides about the signature too: the classic one does not make up for a wrong one', () => {
    assert.equal(verify('{}', both('{}', { 'shopify-hmac-sha256': sign('{}', 'other') })), undefined);
    assert.ok(verify('{}', both('{}', { 'x-shopify-hmac-sha256': sign('{}', 'other') })));
  });

  test('without an event id is told apart by the webhook id, its own or the classic one', () => {
    const { 'shopify-event-id': _, ...headers } = both('{}');
    assert.equal(verify('{}', headers)?.key, 'Product/update|webhook|w-old');
    assert.equal(verify('{}', { ...headers, 'shopify-webhook-id': 'w-new' })?.key, 'Product/update|webhook|w-new');
  });

  test('with a classic topic keeps it', () => {
    assert.equal(verify('{}', both('{}', { 'shopify-topic': 'orders/create' }))?.topic, 'orders/create');
  });

  test('keeps no signature', () => {
    const kept = Object.keys(both('{}')).filter((name) => shopify.keeps(name));
    assert.ok(kept.includes('shopify-topic') && kept.includes('x-shopify-topic'));
    assert.ok(!kept.some((name) => name.includes('hmac')));
  });

  test('says what changed: the platform is asked for the rest, and its body decides of what', () => {
    const body = {
      topic: 'Product',
      action: 'update',
      query_variables: { productId: 'gid://shopify/Product/9007199254740993' },
    };
    assert.equal(when('Product/update', body).end, 'asks: product 9007199254740993');
    assert.equal(when('Order/update', body).end, 'asks: product 9007199254740993');
    const path = {
      topic: 'Product',
      action: 'update',
      fields_changed: { added: ["product[id: 'gid://shopify/Product/12'].variants"] },
    };
    assert.equal(when('Product/update', path).end, 'asks: product 12');
    assert.equal(when('Product/update', { topic: 'Product', action: 'update' }).end, 'ignored: unknown-item');
    assert.equal(when('Product/update', { ...body, topic: 'constructor' }).end, 'ignored: unknown-item');
  });
});

describe('what a header claims and the signed body does not say', () => {
  test('deletes nothing', () => {
    const discount = { admin_graphql_api_id: 'gid://shopify/DiscountAutomaticNode/1', title: 'T', status: 'ACTIVE' };
    assert.throws(() => when('discounts/delete', discount), { reason: 'unknown-shape' });
    assert.throws(() => when('orders/delete', orderBody()), { reason: 'unknown-shape' });
    assert.equal(when('orders/delete', { id: 5001 }).end, 'asks: order 5001');
  });

  test('holds nothing', () => {
    const open = { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/1', order_id: 5001, status: 'open' } };
    assert.equal(when('fulfillment_orders/placed_on_hold', open).end, 'ignored: nothing-new');
  });
});

describe('a trial', () => {
  const delivery = (headers: Record<string, string>): ReceivedDelivery => ({
    id: '01900000-0000-7000-8000-000000000001',
    store: 'shop',
    endpoint: 'shop',
    topic: 'orders/create',
    headers,
    body: Buffer.from(JSON.stringify(orderBody())),
    digest: null,
    via: 'webhook',
    receivedAt: RECEIVED_AT,
  });
  const read = (headers: Record<string, string>) =>
    shopify.read(delivery(headers), { platform: 'shopify', mapping: null, clockKind: 'live' });

  test("of the platform's is marked and not read", () => {
    const expected = { unknown: 'orders/create', reason: 'test-delivery' };
    assert.deepEqual(read({ 'x-shopify-test': 'true' }), expected);
    assert.deepEqual(read({ 'shopify-test': 'true' }), expected);
    assert.ok('topic' in read({ 'x-shopify-test': 'false' }));
  });

  test("of the shop's is one event that says so; whatever follows from it is none", () => {
    const placed = when('orders/create', orderBody({ test: true, cancelled_at: '2026-02-01T11:00:00Z' })).events;
    assert.deepEqual(
      placed.map(({ type, data }) => [type, data.test]),
      [['order.placed', true]],
    );
    const of = { order_id: 5001 };
    const time = '2026-02-02T10:00:00Z';
    const fulfilment = { ...of, id: 1, created_at: time, status: 'success', line_items: [] };
    const hold = { fulfillment_order: { ...of, id: 'gid://shopify/FulfillmentOrder/1', status: 'on_hold' } };
    const followers: [string, unknown][] = [
      ['orders/paid', orderBody({ test: true, financial_status: 'paid' })],
      ['orders/updated', orderBody({ test: true, tags: 'new' })],
      ['orders/cancelled', orderBody({ test: true, cancelled_at: time })],
      ['refunds/create', { ...of, id: 1, created_at: time, refund_line_items: [] }],
      ['fulfillments/create', fulfilment],
      ['fulfillments/update', fulfilment],
      ['fulfillment_events/create', { ...of, fulfillment_id: 1, status: 'delivered', happened_at: time }],
      ['fulfillment_orders/placed_on_hold', hold],
      ['orders/risk_assessment_changed', { ...of, risk_level: 'high' }],
      [
        'disputes/create',
        { ...of, id: 1, type: 'chargeback', amount: '1.00', currency: 'GBP', status: 'needs_response' },
      ],
    ];
    for (const [topic, body] of followers) assert.equal(when(topic, body, placed).end, 'ignored: test-order', topic);
  });
});

describe('further topics', () => {
  const placed = when('orders/create', orderBody()).events;

  test('a dispute that is won is said once, at the time of its end', () => {
    const body = {
      id: 8,
      type: 'chargeback',
      order_id: 5001,
      amount: '10.20',
      currency: 'GBP',
      status: 'won',
      finalized_on: '2026-03-01T00:00:00Z',
    };
    const won = when('disputes/update', body, placed);
    assert.deepEqual([won.events[0]?.data.state, won.events[0]?.time], ['won', '2026-03-01T00:00:00.000Z']);
    assert.equal(when('disputes/update', body, [...placed, ...won.events]).end, 'ignored: nothing-new');
    const opened = { ...body, status: 'needs_response', initiated_at: '2026-02-20T00:00:00Z', finalized_on: null };
    assert.equal(when('disputes/create', opened, [...placed, ...won.events]).end, 'ignored: nothing-new', 'told late');
    const another = when('disputes/create', { ...opened, id: 9 }, [...placed, ...won.events]);
    assert.equal(another.events[0]?.data.state, 'open');
  });

  test('a parcel arrives once, whichever topic says so', () => {
    const fulfilment = {
      id: 41,
      order_id: 5001,
      status: 'success',
      created_at: '2026-02-02T10:00:00Z',
      line_items: [],
    };
    const arrived = when('fulfillments/update', { ...fulfilment, shipment_status: 'delivered' }, placed);
    assert.deepEqual(types(arrived), ['order.fulfilled', 'shipment.delivered']);
    const transit = { fulfillment_id: 41, order_id: 5001, status: 'delivered', happened_at: '2026-02-03T10:00:00Z' };
    assert.equal(when('fulfillment_events/create', transit, [...placed, ...arrived.events]).end, 'repeated');
  });

  test('consent that comes alone is consent to mail', () => {
    const body = (state: string | null) => ({ customer_id: 7001, email_marketing_consent: { state } });
    const given = when('customers_email_marketing_consent/update', body('subscribed'));
    assert.deepEqual([given.events[0]?.subject, given.events[0]?.data], ['customer:7001', { email: true }]);
    assert.equal(
      when('customers_email_marketing_consent/update', body('subscribed'), given.events).end,
      'ignored: nothing-new',
    );
    assert.equal(when('customers_email_marketing_consent/update', body(null)).end, 'ignored: nothing-new');
  });

  test('a shop that removes the app is a dead letter that says what to do', () => {
    assert.throws(() => when('app/uninstalled', { id: 1, myshopify_domain: null }), {
      reason: 'app-uninstalled',
      message: /parley store add/,
    });
  });
});
