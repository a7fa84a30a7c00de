import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { types, when } from '../../fixtures/mapping.ts';
import type { Said } from '../../mapping/topic.ts';
import { bigcommerce } from '../bigcommerce.ts';

const AT_S = Date.parse('2026-02-04T10:00:00Z') / 1_000;
const hook = (scope: string, data: object, given: readonly Said[] = []) =>
  when('', { producer: 'stores/abc', hash: 'x', created_at: AT_S, store_id: '1', scope, data }, given, 'bigcommerce');
const read = (topic: string, body: object, given: readonly Said[] = []) => when(topic, body, given, 'bigcommerce');

const product = (changes: Record<string, unknown> = {}, beside: Record<string, unknown> = {}) => ({
  product: {
    id: 114,
    name: 'Smith Journal',
    sku: 'SM-13',
    price: 20,
    sale_price: 0,
    cost_price: 7.5,
    inventory_level: 12,
    inventory_tracking: 'product',
    is_visible: true,
    availability: 'available',
    date_created: '2026-01-01T00:00:00+00:00',
    date_modified: '2026-02-04T09:00:00+00:00',
    variants: [
      { id: 77, sku: 'SM-13', price: null, sale_price: null, cost_price: null, inventory_level: 12, option_values: [] },
    ],
    ...changes,
  },
  category: 'Books & Papers',
  brand: 'OFS',
  readAt: '2026-02-04T10:00:02Z',
  ...beside,
});

const order = (changes: Record<string, unknown> = {}, beside: Record<string, unknown> = {}) => ({
  order: {
    id: 250,
    status_id: 11,
    date_created: 'Wed, 04 Feb 2026 09:00:00 +0000',
    date_modified: 'Wed, 04 Feb 2026 09:00:05 +0000',
    date_shipped: '',
    total_inc_tax: '45.0000',
    currency_code: 'GBP',
    customer_id: 32,
    payment_method: 'Card',
    order_source: 'www',
    is_deleted: false,
    billing_address: { first_name: 'Ada', email: 'ada@example.invalid', country_iso2: 'GB' },
    ...changes,
  },
  products: [
    { id: 1, sku: 'SM-13', product_id: 114, quantity: 2, price_inc_tax: '20.0000' },
    { id: 2, sku: '', product_id: 0, quantity: 1, price_inc_tax: '5.0000' },
  ],
  shipments: [],
  refunds: [],
  ...beside,
});

describe('a hook of BigCommerce', () => {
  for (const [scope, data, asks] of [
    ['store/order/created', { type: 'order', id: 250 }, 'order 250'],
    ['store/order/statusUpdated', { type: 'order', id: 250, status: { new_status_id: 11 } }, 'order 250'],
    ['store/order/transaction/created', { type: 'transaction', order_id: 250 }, 'order 250'],
    ['store/channel/1/order/updated', { order_id: 127 }, 'order 127'],
    ['store/shipment/created', { type: 'shipment', id: 12, orderId: 251 }, 'order 251'],
    ['store/product/updated', { type: 'product', id: 205 }, 'product 205'],
    ['store/product/deleted', { type: 'product', id: 93 }, 'product 93'],
    ['store/product/price/updated', { type: 'product', id: 114, product_id: 114, price: 20 }, 'product 114'],
    ['store/sku/created', { type: 'sku', id: 461, sku: { product_id: 206, variant_id: 509 } }, 'product 206'],
    ['store/channel/*/inventory/product/stock_changed', { variant_id: 127, product_id: 113 }, 'product 113'],
    ['store/customer/created', { type: 'customer', id: 32 }, 'customer 32'],
  ] as const) {
    test(`${scope} asks for ${asks}`, () => assert.equal(hook(scope, data).end, `asks: ${asks}`));
  }

  for (const scope of ['store/cart/created', 'store/subscriber/created', 'store/priceList/created']) {
    test(`${scope} means nothing here`, () => assert.equal(hook(scope, { id: 1 }).end, 'unknown-topic'));
  }

  const given = read('fetched/product', product()).events;
  const inventory = (value: number) => ({
    type: 'product',
    id: 114,
    inventory: { product_id: 114, method: 'absolute', value },
  });

  test('that carries a level is believed where it can only mean one SKU', () => {
    const { events } = hook('store/product/inventory/updated', inventory(9), given);
    assert.deepEqual(
      events.map(({ type, subject, time, data }) => [type, subject, time, data]),
      [['stock.changed', 'sku:SM-13', '2026-02-04T10:00:00.000Z', { level: 9 }]],
    );
    assert.equal(hook('store/product/inventory/updated', inventory(9)).end, 'asks: product 114');
    assert.equal(hook('store/product/inventory/updated', inventory(12), given).end, 'ignored: nothing-new');
  });
});

describe('a product read from BigCommerce', () => {
  test('tells name, category, supplier, prices, cost and stock', () => {
    const { events } = read('fetched/product', product({ sale_price: 15 }));
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        [
          'product.changed',
          {
            title: 'Smith Journal',
            product: '114',
            variant: '77',
            inventoryItem: '77',
            supplier: 'ofs',
            lifecycle: 'active',
          },
        ],
        ['category.changed', { category: 'books-papers' }],
        ['price.changed', { minor: 2_000, currency: 'GBP' }],
        ['cost.changed', { minor: 750, currency: 'GBP' }],
        ['stock.changed', { level: 12 }],
        [
          'promotion.changed',
          {
            promotion: 'sale-77',
            title: 'Sale price',
            discountBasisPoints: 2_500,
            startsAt: '2026-01-01T00:00:00.000Z',
            active: true,
          },
        ],
      ],
    );
    assert.equal(events.find((event) => event.type === 'stock.changed')!.time, '2026-02-04T10:00:02.000Z');
  });

  test('has a SKU for each variant, with its own price or the product’s', () => {
    const variants = [
      { id: 77, sku: 'SM-R', price: 22.5, inventory_level: 3, option_values: [{ label: 'Red' }] },
      { id: 78, sku: 'SM-B', price: null, inventory_level: 4, option_values: [{ label: 'Blue' }] },
    ];
    const { events } = read('fetched/product', product({ variants, inventory_tracking: 'variant' }));
    const of = (type: string) =>
      events
        .filter((event) => event.type === type)
        .map(({ subject, data }) => [subject, data.minor ?? data.level ?? data.title]);
    assert.deepEqual(of('price.changed'), [
      ['sku:SM-R', 2_250],
      ['sku:SM-B', 2_000],
    ]);
    assert.deepEqual(of('stock.changed'), [
      ['sku:SM-R', 3],
      ['sku:SM-B', 4],
    ]);
    assert.deepEqual(of('product.changed'), [
      ['sku:SM-R', 'Smith Journal - Red'],
      ['sku:SM-B', 'Smith Journal - Blue'],
    ]);
  });

  test('that is gone is archived', () => {
    const given = read('fetched/product', product()).events;
    assert.deepEqual(
      read('gone/product', { id: 114 }, given).events.map(({ data }) => data.lifecycle),
      ['archived'],
    );
  });
});

describe('an order read from BigCommerce', () => {
  test('is placed and paid', () => {
    const { events, people } = read('fetched/order', order());
    assert.deepEqual(types({ events, people, end: undefined }), ['order.placed', 'order.paid']);
    assert.deepEqual(events[0]!.data, {
      name: '#250',
      customer: '32',
      currency: 'GBP',
      totalMinor: 4_500,
      lines: [{ sku: 'SM-13', units: 2, unitMinor: 2_000 }],
      country: 'GB',
      channel: 'www',
      otherMinor: 500,
    });
    assert.equal(people[0]?.person.name, 'Ada');
  });

  const given = read('fetched/order', order()).events;

  test('is sent in parts, and whole with the last', () => {
    const shipments = [
      {
        id: 8,
        date_created: 'Thu, 05 Feb 2026 10:00:00 +0000',
        shipping_provider: 'dhl',
        items: [{ order_product_id: 1, quantity: 1 }],
      },
      {
        id: 7,
        date_created: 'Thu, 05 Feb 2026 09:00:00 +0000',
        shipping_provider: '',
        items: [{ order_product_id: 1, quantity: 1 }],
      },
    ];
    const { events } = read('fetched/order', order({}, { shipments }), given);
    assert.deepEqual(
      events.map(({ data }) => [data.fulfilment, data.carrier, data.units, data.complete]),
      [
        ['7', 'unknown', 1, false],
        ['8', 'dhl', 1, true],
      ],
    );
  });

  test('is refunded by each refund, by SKU', () => {
    const refunds = [
      {
        id: 3,
        created: '2026-02-05T09:00:00+00:00',
        total_amount: 20,
        items: [{ item_type: 'PRODUCT', item_id: 1, quantity: 1 }],
      },
    ];
    const { events } = read('fetched/order', order({}, { refunds }), given);
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.minor, data.lines]),
      [['order.refunded', 2_000, [{ sku: 'SM-13', units: 1, restocked: false }]]],
    );
  });

  test('is cancelled, held for review, or no sale at all', () => {
    assert.deepEqual(types(read('fetched/order', order({ status_id: 5 }), given)), ['order.cancelled']);
    assert.deepEqual(types(read('fetched/order', order({ status_id: 12 }), given)), ['order.held']);
    assert.equal(read('fetched/order', order({ status_id: 0 })).end, 'ignored: nothing-new');
    assert.equal(read('fetched/order', order({ status_id: 6 })).end, 'ignored: nothing-new');
  });
});

test('the key of the signature is the bytes of the client secret', () => {
  const SECRET = 'client secret';
  const body = Buffer.from('{"scope":"store/order/created","created_at":1}');
  const signature = createHmac('sha256', Buffer.from(SECRET)).update('msg_1.1000.').update(body).digest('base64');
  const headers = { 'webhook-id': 'msg_1', 'webhook-timestamp': '1000', 'webhook-signature': `v1,${signature}` };
  assert.equal(bigcommerce.verify({ headers, body }, ['old', SECRET], 1_000_000)?.key, 'msg_1');
  assert.equal(bigcommerce.verify({ headers, body }, ['old', ''], 1_000_000), undefined);
  assert.equal(bigcommerce.verify({ headers, body }, [SECRET], 1_301_000), undefined);
});
