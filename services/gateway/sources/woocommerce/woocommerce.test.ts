import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { holdMeta, saleMeta } from '#shared/connectors/woocommerce/marks.ts';
import { types, when } from '../../fixtures/mapping.ts';
import type { Said } from '../../mapping/topic.ts';

const told = (topic: string, body: unknown, given: readonly Said[] = []) => when(topic, body, given, 'woocommerce');

const order = (changes: Record<string, unknown> = {}) => ({
  id: 727,
  number: '727',
  status: 'processing',
  currency: 'GBP',
  created_via: 'checkout',
  prices_include_tax: false,
  date_created_gmt: '2026-02-04T10:00:00',
  date_modified_gmt: '2026-02-04T10:00:08',
  date_paid_gmt: '2026-02-04T10:00:08',
  date_completed_gmt: null,
  total: '29.35',
  customer_id: 25,
  payment_method: 'bacs',
  billing: { first_name: 'Ada', last_name: 'L', email: 'ada@example.invalid', country: 'GB', postcode: 'ZZ1' },
  shipping: { country: 'IE' },
  line_items: [
    { sku: 'Bar3', product_id: 22, quantity: 3, subtotal: '12.50', subtotal_tax: '2.50' },
    { sku: '', product_id: 93, quantity: 1, subtotal: '6.00', subtotal_tax: '0.45' },
  ],
  shipping_lines: [{ method_id: 'flat_rate', method_title: 'Flat rate', total: '10.00' }],
  fee_lines: [],
  refunds: [],
  meta_data: [],
  ...changes,
});

const product = (changes: Record<string, unknown> = {}) => ({
  id: 18,
  parent_id: 0,
  name: 'Peppermint',
  type: 'simple',
  status: 'publish',
  sku: 'PEP',
  regular_price: '20',
  sale_price: '',
  date_created_gmt: '2026-01-26T09:29:39',
  date_modified_gmt: '2026-02-04T09:29:39',
  date_on_sale_from_gmt: null,
  date_on_sale_to_gmt: null,
  manage_stock: true,
  stock_quantity: 7,
  categories: [
    { name: 'Uncategorized', slug: 'uncategorized' },
    { name: 'Sweet Things', slug: 'sweet-things' },
  ],
  variations: [],
  meta_data: [],
  ...changes,
});

describe('an order of WooCommerce', () => {
  test('is placed and paid; what is no goods is money beside', () => {
    const { events, people } = told('order.created', order());
    assert.deepEqual(
      events.map(({ type, time }) => [type, time]),
      [
        ['order.placed', '2026-02-04T10:00:00.000Z'],
        ['order.paid', '2026-02-04T10:00:08.000Z'],
      ],
    );
    assert.deepEqual(events[0]!.data, {
      name: '#727',
      customer: '25',
      currency: 'GBP',
      totalMinor: 2_935,
      lines: [{ sku: 'Bar3', units: 3, unitMinor: 417 }],
      country: 'IE',
      channel: 'checkout',
      otherMinor: 1_600,
    });
    assert.equal(people[0]?.person.email, 'ada@example.invalid');
  });

  test('has its unit prices with tax where the shop writes its prices so', () => {
    const { events } = told('order.created', order({ prices_include_tax: true }));
    assert.deepEqual(events[0]!.data.lines, [{ sku: 'Bar3', units: 3, unitMinor: 500 }]);
  });

  for (const status of ['pending', 'failed', 'checkout-draft', 'cancelled', 'trash']) {
    test(`is no sale while it is "${status}"`, () => {
      assert.equal(told('order.updated', order({ status, date_paid_gmt: null })).end, 'ignored: nothing-new');
    });
  }

  for (const status of ['cancelled', 'trash']) {
    test(`that was paid and is told first when it is "${status}" was a sale, and is over`, () => {
      assert.deepEqual(types(told('order.updated', order({ status }))), [
        'order.placed',
        'order.paid',
        'order.cancelled',
      ]);
    });
  }

  test('is told whole by an update, when its creation never came', () => {
    assert.deepEqual(
      types(told('order.updated', order({ status: 'completed', date_completed_gmt: '2026-02-04T18:00:00' }))),
      ['order.placed', 'order.paid', 'order.fulfilled'],
    );
  });

  const placed = told('order.created', order()).events;

  test('says nothing new when it is saved again', () => {
    assert.equal(
      told('order.updated', order({ date_modified_gmt: '2026-02-04T10:00:09' }), placed).end,
      'ignored: nothing-new',
    );
  });

  test('is refunded once for each refund that it names', () => {
    const body = order({
      refunds: [
        { id: 9, total: '-10.00' },
        { id: 10, total: '-2.50' },
      ],
    });
    const first = told('order.updated', body, placed);
    assert.deepEqual(
      first.events.map(({ type, data }) => [type, data.refund, data.minor]),
      [
        ['order.refunded', '9', 1_000],
        ['order.refunded', '10', 250],
      ],
    );
    assert.equal(told('order.updated', body, [...placed, ...first.events]).end, 'ignored: nothing-new');
  });

  test('is held under the handle that Parley left, and released under the same', () => {
    const meta_data = [holdMeta('orders-1', 'processing')];
    const held = told('order.updated', order({ status: 'on-hold', meta_data }), placed).events;
    assert.deepEqual(
      held.map(({ type, data }) => [type, data]),
      [['order.held', { handle: 'orders-1', held: true }]],
    );
    const released = told('order.updated', order(), [...placed, ...held]).events;
    assert.deepEqual(
      released.map(({ data }) => data),
      [{ handle: 'orders-1', held: false }],
    );
  });

  test('is cancelled, with its units back on the shelf', () => {
    const { events } = told('order.updated', order({ status: 'cancelled' }), placed);
    assert.deepEqual(types({ events, people: [], end: undefined }), ['order.cancelled']);
    assert.equal(events[0]!.data.restocked, true);
  });

  test('that was placed before anybody counted is history', () => {
    for (const topic of ['order.updated', 'order.created'])
      assert.equal(told(topic, order({ date_created_gmt: '2025-11-04T10:00:00' })).end, 'ignored: history', topic);
  });

  test('that was deleted is asked for, and when it is gone it will not be sent', () => {
    assert.equal(told('order.deleted', { id: 727 }, placed).end, 'asks: order 727');
    const { events } = told('gone/order', { id: 727 }, placed);
    assert.deepEqual(
      events.map(({ type, data }) => [type, data.cancelReason, data.restocked]),
      [['order.cancelled', 'deleted', false]],
    );
  });
});

describe('a product of WooCommerce', () => {
  const first = told('product.created', product()).events;

  test('tells name, category, list price and stock', () => {
    assert.deepEqual(
      first.map(({ type, data }) => [type, data]),
      [
        [
          'product.changed',
          { title: 'Peppermint', product: '18', variant: '18', inventoryItem: '18', lifecycle: 'active' },
        ],
        ['category.changed', { category: 'sweet-things' }],
        ['price.changed', { minor: 2_000, currency: 'GBP' }],
        ['stock.changed', { level: 7 }],
      ],
    );
  });

  test('without an SKU cannot be named', () => {
    assert.equal(told('product.created', product({ sku: '' })).end, 'ignored: no-sku');
    assert.equal(told('product.created', product({ sku: 'CAFÉ' })).end, 'ignored: no-sku');
  });

  test('whose stock nobody keeps has none', () => {
    assert.ok(!types(told('product.created', product({ manage_stock: false }))).includes('stock.changed'));
  });

  test('says only what differs', () => {
    const { events } = told(
      'product.updated',
      product({ stock_quantity: 6, date_modified_gmt: '2026-02-04T11:00:00' }),
      first,
    );
    assert.deepEqual(
      events.map(({ type, time, data }) => [type, time, data]),
      [['stock.changed', '2026-02-04T11:00:00.000Z', { level: 6 }]],
    );
  });

  test('is on sale for a time, and off it again', () => {
    const sale = {
      sale_price: '15',
      date_on_sale_from_gmt: '2026-02-04T00:00:00',
      date_on_sale_to_gmt: '2026-02-10T23:59:59',
    };
    const { events } = told('product.updated', product(sale), first);
    assert.deepEqual(
      events.map(({ type, data }) => [type, data]),
      [
        [
          'promotion.changed',
          {
            promotion: 'sale-18',
            title: 'Sale price',
            discountBasisPoints: 2_500,
            startsAt: '2026-02-04T00:00:00.000Z',
            endsAt: '2026-02-10T23:59:59.000Z',
            active: true,
          },
        ],
      ],
    );
    const over = told('product.updated', product(), [...first, ...events]).events;
    assert.deepEqual(
      over.map(({ data }) => data.active),
      [false],
    );
  });

  test('whose sale price Parley wrote has the discount that was meant, not the rounded one', () => {
    const own = saleMeta({
      mark: 'mark',
      title: 'Spring',
      discountBasisPoints: 1_500,
      saleMinor: 217,
      startsAt: '2026-02-01T00:00:00.000Z',
      endsAt: '2026-02-09T00:00:00.000Z',
    });
    const body = product({ regular_price: '2.55', sale_price: '2.17', meta_data: [own] });
    const { events } = told('product.updated', body, first);
    const { title, discountBasisPoints } = events.find((event) => event.type === 'promotion.changed')!.data;
    assert.deepEqual([title, discountBasisPoints], ['Spring', 1_500]);
    const overwritten = told('product.updated', { ...body, sale_price: '2.00' }, first).events;
    assert.equal(overwritten.find((event) => event.type === 'promotion.changed')!.data.title, 'Sale price');
  });

  test('with variations is read, because it names only their ids', () => {
    assert.equal(told('product.updated', product({ type: 'variable', variations: [23, 24] })).end, 'asks: product 18');
  });

  const variation = (id: number, changes: Record<string, unknown> = {}) =>
    product({
      id,
      parent_id: 18,
      name: 'Peppermint - Red',
      type: 'variation',
      sku: `PEP-${id}`,
      attributes: [{ option: 'Red' }],
      categories: [],
      ...changes,
    });
  const whole = told('fetched/product', {
    product: product({ type: 'variable', sku: '', variations: [23, 24] }),
    variations: [variation(23), variation(24, { attributes: [{ option: 'Blue' }] })],
  });

  test('and its variations, read together, are a SKU each', () => {
    assert.deepEqual(
      whole.events
        .filter((event) => event.type === 'product.changed')
        .map(({ subject, data }) => [subject, data.title, data.product]),
      [
        ['sku:PEP-23', 'Peppermint - Red', '18'],
        ['sku:PEP-24', 'Peppermint - Blue', '18'],
      ],
    );
    assert.equal(whole.events.filter((event) => event.type === 'category.changed').length, 2);
  });

  test('that loses a variation has archived it', () => {
    const body = { product: product({ type: 'variable', sku: '', variations: [23] }), variations: [variation(23)] };
    const { events } = told('fetched/product', body, whole.events);
    assert.deepEqual(
      events.map(({ subject, data }) => [subject, data.lifecycle]),
      [['sku:PEP-24', 'archived']],
    );
  });

  test('the same stock at a later time is told again: what was sold and came back in between is in it', () => {
    const later = (changes: Record<string, unknown>) =>
      told('product.updated', product(changes), told('product.created', product()).events);
    const at = { date_modified_gmt: '2026-02-05T09:29:39' };
    assert.deepEqual(types(later(at)), ['stock.changed']);
    assert.equal(later({}).end, 'ignored: nothing-new', 'the same moment again');
    const older = later({ date_modified_gmt: '2026-02-03T09:29:39' });
    assert.deepEqual(types(older), ['price.changed'], 'an older one: nothing but a price of the past');
  });

  test('a variation alone keeps what its parent said', () => {
    const body = variation(23, { regular_price: '21', date_modified_gmt: '2026-02-04T12:00:00' });
    assert.deepEqual(
      told('product.updated', body, whole.events).events.map(({ type, data }) => [type, data.minor ?? data.level]),
      [
        ['price.changed', 2_100],
        ['stock.changed', 7],
      ],
    );
  });

  test('that was deleted is asked for, and when it is gone it is archived', () => {
    assert.equal(told('product.deleted', { id: 18 }, first).end, 'asks: product 18');
    const { events } = told('gone/product', { id: 18 }, first);
    assert.deepEqual(
      events.map(({ subject, data }) => [subject, data.lifecycle]),
      [['sku:PEP', 'archived']],
    );
  });
});

describe('coupons and customers of WooCommerce', () => {
  const first = told('product.created', product()).events;
  const coupon = (changes: Record<string, unknown> = {}) => ({
    id: 17,
    code: 'mint',
    status: 'publish',
    amount: '10.00',
    discount_type: 'percent',
    date_created_gmt: '2026-02-01T00:00:00',
    date_modified_gmt: '2026-02-01T00:00:00',
    date_expires_gmt: null,
    product_ids: [18],
    ...changes,
  });

  test('a code on named products is a promotion of theirs, until it is deleted', () => {
    const { events } = told('coupon.created', coupon(), first);
    assert.deepEqual(
      events.map(({ subject, data }) => [subject, data.promotion, data.discountBasisPoints, data.active]),
      [['sku:PEP', 'coupon-17', 1_000, true]],
    );
    const known = [...first, ...events];
    // Each deletion is asked for, also the second one, whose body is that of the first.
    assert.equal(told('coupon.deleted', { id: 17 }, known).end, 'asks: coupon 17');
    const active = (topic: string, body: unknown) => told(topic, body, known).events.map(({ data }) => data.active);
    assert.deepEqual(active('gone/coupon', { id: 17 }), [false]);
    assert.deepEqual(active('fetched/coupon', coupon({ status: 'trash' })), [false]);
    assert.deepEqual(active('fetched/coupon', coupon()), [], 'it is there again, or the deletion was none');
  });

  for (const [name, changes] of [
    ['for the whole basket', { product_ids: [] }],
    ['of an amount', { discount_type: 'fixed_cart' }],
    ['for one person', { email_restrictions: ['ada@example.invalid'] }],
    ['for one use', { usage_limit: 1 }],
    ['that is used up', { usage_limit: 5, usage_count: 5 }],
  ] as const) {
    test(`a code ${name} is none`, () => {
      assert.equal(told('coupon.created', coupon(changes), first).end, 'ignored: nothing-new');
    });
  }

  test("a customer's name stays out of the event", () => {
    const body = {
      id: 25,
      email: 'ada@example.invalid',
      username: 'ada',
      first_name: 'Ada',
      billing: { country: 'GB' },
      date_modified_gmt: '2026-02-01T00:00:00',
    };
    const { events, people } = told('customer.updated', body);
    assert.deepEqual(events[0]!.data, { country: 'GB' });
    assert.deepEqual(people[0]?.person, { email: 'ada@example.invalid', name: 'Ada', address: 'GB' });
  });

  test('an order is no customer, no product and no coupon, and ends none, whatever a header says', () => {
    for (const kind of ['customer', 'product', 'coupon'])
      for (const act of ['created', 'updated'])
        assert.throws(() => told(`${kind}.${act}`, order()), { reason: 'unknown-shape' }, `${kind}.${act}`);
    for (const topic of ['order.deleted', 'product.deleted', 'coupon.deleted'])
      assert.throws(() => told(topic, order()), { reason: 'unknown-shape' }, topic);
  });

  test('a custom action is kept and means nothing', () => {
    assert.equal(told('action.woocommerce_add_to_cart', { action: 'x', arg: 1 }).end, 'unknown-topic');
  });
});
