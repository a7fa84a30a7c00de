import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { levelBody, orderBody, productBody } from '../../services/gateway/fixtures/bodies.ts';
import { shopifyDisputes, standardDisputes, stripeDisputes } from './any-order/disputes.ts';
import { at, factsAfter, Parley, type Scene, START, seconds, type Told } from './any-order/parley.ts';

const pence = fc.integer({ min: 1, max: 20 }).map((n) => (n / 4).toFixed(2));
const units = fc.integer({ min: 0, max: 9 });
const steps = <Step>(step: fc.Arbitrary<Step>) => fc.array(step, { minLength: 1, maxLength: 7 });

const shopifyGoods = steps(
  fc.record({ price: pence, status: fc.constantFrom('active', 'draft', 'archived'), level: units, cost: pence }),
).map(
  (history): Scene => ({
    platform: 'shopify',
    told: history.flatMap(({ price, status, level, cost }, step) => [
      {
        topic: 'products/update',
        body: productBody({ status, updated_at: at(step), variants: [{ ...productBody().variants[0], price }] }),
      },
      { topic: 'inventory_levels/update', body: levelBody(level, at(step)) },
      { topic: 'inventory_items/update', body: { id: 4601, sku: '85123A', cost, updated_at: at(step) } },
    ]),
  }),
);

const shopifyOrder = fc
  .record({
    tags: steps(fc.constantFrom('', 'late', 'late, vip')),
    paid: fc.boolean(),
    cancelled: fc.boolean(),
    refund: fc.boolean(),
    levels: steps(units),
  })
  .map(({ tags, paid, cancelled, refund, levels }): Scene => {
    let step = 0;
    const body = (changes: Record<string, unknown> = {}) =>
      orderBody({ created_at: at(0), updated_at: at(step++), ...changes });
    const told: Told[] = [
      { topic: 'products/create', body: productBody({ updated_at: at(0) }) },
      { topic: 'orders/create', body: body() },
    ];
    const payment = paid ? { financial_status: 'paid' } : {};
    if (paid) told.push({ topic: 'orders/paid', body: body(payment) });
    for (const tag of tags) told.push({ topic: 'orders/updated', body: body({ ...payment, tags: tag }) });
    for (const level of levels) told.push({ topic: 'inventory_levels/update', body: levelBody(level, at(step++)) });
    if (refund) {
      const line = { quantity: 1, restock_type: 'return', line_item: { sku: '85123A' } };
      const money = { kind: 'refund', status: 'success', amount: '2.55', currency: 'GBP' };
      told.push({
        topic: 'refunds/create',
        body: { id: 91, order_id: 5001, created_at: at(step++), refund_line_items: [line], transactions: [money] },
      });
    }
    if (cancelled)
      told.push({
        topic: 'orders/cancelled',
        body: body({ ...payment, tags: tags.at(-1), cancelled_at: at(step), cancel_reason: 'customer' }),
      });
    return { platform: 'shopify', told };
  });

/** Two parcels of one order, the second of which is late. Each is told of by itself, and so is the order. */
const shopifyParcels = fc.boolean().map((isPaid): Scene => {
  const parcel = (id: number, step: number) => ({
    topic: 'fulfillments/create',
    body: {
      id,
      order_id: 5001,
      status: 'success',
      created_at: at(step),
      tracking_company: 'DPD',
      line_items: [{ sku: '85123A', quantity: 1, product_id: 8001 }],
    },
  });
  const delayed = {
    fulfillment_id: 42,
    order_id: 5001,
    status: 'delayed',
    happened_at: at(5),
    estimated_delivery_at: '2026-02-09T10:00:00Z',
  };
  return {
    platform: 'shopify',
    told: [
      { topic: 'orders/create', body: orderBody({ created_at: at(0), updated_at: at(0) }) },
      ...(isPaid
        ? [
            {
              topic: 'orders/paid',
              body: orderBody({ created_at: at(0), updated_at: at(1), financial_status: 'paid' }),
            },
          ]
        : []),
      parcel(41, 3),
      parcel(42, 4),
      { topic: 'fulfillment_events/create', body: delayed },
    ],
  };
});

const shopifyRest = fc
  .record({
    people: steps(
      fc.record({ country: fc.constantFrom('GB', 'IE'), state: fc.constantFrom('subscribed', 'unsubscribed') }),
    ),
    sale: steps(fc.constantFrom(0.1, 0.2, null)),
    holds: steps(fc.boolean()),
  })
  .map(
    ({ people, sale, holds }): Scene => ({
      platform: 'shopify',
      told: [
        ...people.map(({ country, state }, step) => ({
          topic: 'customers/update',
          body: {
            id: 7001,
            admin_graphql_api_id: 'gid://shopify/Customer/7001',
            updated_at: at(step),
            tags: '',
            default_address: { country_code: country },
            email_marketing_consent: { state },
          },
        })),
        ...sale.map((percentage, step) => ({
          topic: 'discounts/update',
          body: {
            admin_graphql_api_id: 'gid://shopify/DiscountAutomaticNode/1',
            title: 'Spring',
            status: percentage === null ? 'EXPIRED' : 'ACTIVE',
            updated_at: at(step),
            starts_at: START,
            value: { percentage: percentage ?? 0.1 },
            skus: ['85123A'],
          },
        })),
        ...holds.map((isHeld, step) => ({
          topic: isHeld ? 'fulfillment_orders/placed_on_hold' : 'fulfillment_orders/hold_released',
          body: {
            fulfillment_order: {
              id: 'gid://shopify/FulfillmentOrder/31',
              order_id: 5001,
              status: isHeld ? 'on_hold' : 'open',
              updated_at: at(step),
              fulfillment_holds: [{ handle: 'orders-1', reason: 'other' }],
            },
          },
        })),
      ],
    }),
  );

const gmt = (step: number) => at(step).slice(0, 19);

const wooGoods = steps(
  fc.record({ price: pence, sale: fc.boolean(), level: units, status: fc.constantFrom('publish', 'draft', 'private') }),
).map(
  (history): Scene => ({
    platform: 'woocommerce',
    told: history.map(({ price, sale, level, status }, step) => ({
      topic: step === 0 ? 'product.created' : 'product.updated',
      body: {
        id: 18,
        name: 'Peppermint',
        type: 'simple',
        status,
        sku: 'PEP',
        regular_price: price,
        sale_price: sale ? '0.10' : '',
        date_created_gmt: gmt(0),
        date_modified_gmt: gmt(step),
        manage_stock: true,
        stock_quantity: level,
        categories: [{ name: 'Sweets', slug: 'sweets' }],
      },
    })),
  }),
);

/** Ways through the states of a WooCommerce order, with refunds and tags on the way. */
const WOO_LIVES = [
  ['pending', 'processing', 'completed'],
  ['on-hold', 'processing', 'on-hold', 'processing'],
  ['processing', 'cancelled'],
  ['pending', 'failed', 'processing', 'completed'],
  ['processing', 'on-hold', 'cancelled'],
  ['pending', 'cancelled'],
] as const;

const wooOrder = fc
  .record({
    life: fc.constantFrom(...WOO_LIVES),
    refunds: fc.integer({ min: 0, max: 2 }),
    tags: fc.array(fc.constantFrom('', 'late'), { minLength: 4, maxLength: 4 }),
  })
  .map(({ life, refunds, tags }): Scene => {
    const paidFrom = (life as readonly string[]).indexOf('processing');
    const bodies = life.map((status, step) => ({
      id: 727,
      number: '727',
      status,
      currency: 'GBP',
      date_created_gmt: gmt(0),
      date_modified_gmt: gmt(step),
      date_paid_gmt: paidFrom >= 0 && step >= paidFrom ? gmt(paidFrom) : null,
      date_completed_gmt: status === 'completed' ? gmt(step) : null,
      total: '12.00',
      customer_id: 25,
      line_items: [{ sku: 'PEP', product_id: 18, quantity: 3, subtotal: '12.00' }],
      refunds:
        step === life.length - 1 ? Array.from({ length: refunds }, (_, n) => ({ id: 900 + n, total: '-1.00' })) : [],
      meta_data: [{ key: '_parley_tags', value: tags[step] }],
    }));
    return {
      platform: 'woocommerce',
      told: bodies.map((body, step) => ({ topic: step === 0 ? 'order.created' : 'order.updated', body })),
      answers: { 'order:727': { topic: 'fetched/order', body: bodies.at(-1)! } },
    };
  });

const bigcommerce = steps(fc.record({ price: pence, level: units, status: fc.constantFrom(7, 11, 12, 5) })).map(
  (history): Scene => {
    const last = history.length;
    const product = (step: number) => ({
      product: {
        id: 114,
        name: 'Journal',
        sku: 'SM-13',
        price: history[step]!.price,
        inventory_level: history[step]!.level,
        inventory_tracking: 'product',
        date_modified: at(step),
        variants: [{ id: 77, sku: 'SM-13', inventory_level: history[step]!.level }],
      },
      readAt: at(step),
    });
    const order = {
      order: {
        id: 250,
        status_id: history.at(-1)!.status,
        date_created: at(0),
        date_modified: at(last),
        total_inc_tax: '9.00',
        currency_code: 'GBP',
      },
      products: [{ id: 1, sku: 'SM-13', product_id: 114, quantity: 2, price_inc_tax: '4.50' }],
    };
    const hook = (scope: string, step: number, data: object) => ({
      topic: '',
      body: { scope, created_at: seconds(step), data },
    });
    return {
      platform: 'bigcommerce',
      told: [
        { topic: 'fetched/product', body: product(0) },
        ...history.flatMap(({ level }, step) => [
          hook('store/product/updated', step, { id: 114 }),
          hook('store/product/inventory/updated', step, {
            id: 114,
            inventory: { product_id: 114, method: 'absolute', value: level },
          }),
          hook('store/order/updated', step, { id: 250 }),
        ]),
      ],
      answers: {
        'product:114': { topic: 'fetched/product', body: { ...product(last - 1), readAt: at(last) } },
        'order:250': { topic: 'fetched/order', body: order },
      },
    };
  },
);

describe('deliveries in any order, some of them twice', () => {
  const scenes: Readonly<Record<string, fc.Arbitrary<Scene>>> = {
    'goods of Shopify': shopifyGoods,
    'an order of Shopify, between stock levels': shopifyOrder,
    'customers, discounts and holds of Shopify': shopifyRest,
    'parcels of Shopify': shopifyParcels,
    'a product of WooCommerce': wooGoods,
    'an order of WooCommerce': wooOrder,
    'BigCommerce, whose hooks are answered in the end': bigcommerce,
    'disputes of Stripe': stripeDisputes,
    'disputes of Shopify': shopifyDisputes,
    'disputes of any other sender': standardDisputes,
  };
  for (const [name, scene] of Object.entries(scenes)) {
    test(`${name}: the facts are those of the order in which it happened`, () => {
      const shuffled = scene.chain((one) =>
        fc.tuple(
          fc.constant(one),
          fc.shuffledSubarray(
            one.told.flatMap((told) => [told, told]),
            { minLength: one.told.length },
          ),
        ),
      );
      fc.assert(
        fc.property(shuffled, ([one, some]) => {
          // Every delivery comes at least once; which of them twice, and when, is drawn.
          const missing = one.told.filter((told) => !some.includes(told));
          assert.deepEqual(factsAfter(one, [...some, ...missing]), factsAfter(one, one.told));
        }),
        { numRuns: 200, includeErrorInReport: true },
      );
    });
  }
});

describe('prices of one SKU, told in any order', () => {
  const priced = (price: string, step: number) => ({
    topic: 'products/update',
    body: productBody({ updated_at: at(step), variants: [{ ...productBody().variants[0], price }] }),
  });
  const historyOf = (parley: Parley) =>
    Object.entries(parley.priceHistory('sku:85123A')).sort(([one], [other]) => (one < other ? -1 : 1));

  test('an overtaken price is one of the past, and what is now is asked for', () => {
    const parley = new Parley('shopify');
    parley.take(priced('2.55', 1));
    parley.take(priced('3.00', 3));
    parley.take(priced('2.80', 2));
    assert.deepEqual([...parley.asked.values()], [{ kind: 'product', ref: '8001', cause: 'older' }]);
    assert.deepEqual(parley.facts()['sku:85123A price'], { minor: 300, currency: 'GBP' });
    assert.deepEqual(historyOf(parley), [
      [at(1), { minor: 255 }],
      [at(2), { minor: 280 }],
      [at(3), { minor: 300 }],
    ]);
  });

  test('one that was lower for a while, told after it was as before, has its end', () => {
    const parley = new Parley('shopify');
    parley.take(priced('2.55', 1));
    parley.take(priced('2.55', 3));
    parley.take(priced('1.99', 2));
    assert.deepEqual(historyOf(parley), [
      [at(1), { minor: 255 }],
      [at(2), { minor: 199 }],
      [at(3), { minor: 255 }],
    ]);
  });

  test('none is lost, none is told of a time at which it was another', () => {
    const prices = fc.array(fc.constantFrom(199, 255, 300), { minLength: 2, maxLength: 7 });
    const told = prices.chain((all) => {
      const steps = all.map((minor, step) => ({ minor, step }));
      return fc.tuple(fc.constant(all), fc.shuffledSubarray([...steps, ...steps], { minLength: steps.length }));
    });
    fc.assert(
      fc.property(told, ([all, some]) => {
        const parley = new Parley('shopify');
        const take = (step: number) => parley.take(priced((all[step]! / 100).toFixed(2), step));
        for (const { step } of some) take(step);
        for (const step of all.keys()) if (!some.some((one) => one.step === step)) take(step);
        const history = historyOf(parley);
        for (const [time, { minor }] of history)
          assert.equal(minor, all[all.findIndex((_, step) => at(step) === time)], `as of ${time}`);
        assert.deepEqual(new Set(history.map(([, { minor }]) => minor)), new Set(all));
        assert.deepEqual(parley.facts()['sku:85123A price'], { minor: all.at(-1)!, currency: 'GBP' });
      }),
      { numRuns: 300 },
    );
  });
});
