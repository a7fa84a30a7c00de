import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BigCommerceReader } from '#shared/connectors/bigcommerce/bigcommerce-reader.ts';
import type { Http, HttpAnswer } from '#shared/connectors/outbound.ts';
import type { ReadItem, StoreReader } from '#shared/connectors/reader.ts';
import { WooClient } from '#shared/connectors/woocommerce/woo-client.ts';
import { WooCommerceReader } from '#shared/connectors/woocommerce/woocommerce-reader.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { TransientError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { types, when } from '../../services/gateway/fixtures/mapping.ts';

const NOW = new AbortController().signal;

type Answer = (url: URL) => [status: number, body?: unknown];

/** A platform that answers by path; where it has no answer its API is not there. */
function httpOf(answers: Readonly<Record<string, Answer>>): Http & { readonly asked: string[] } {
  const asked: string[] = [];
  const ask = async ({ path }: { path: string }): Promise<HttpAnswer> => {
    asked.push(path);
    const url = new URL(path, 'https://shop.example');
    const [status, body] = answers[url.pathname]?.(url) ?? [404, { code: 'rest_no_route' }];
    const headers = { date: 'Wed, 04 Feb 2026 10:00:02 GMT' };
    return { status, headers, text: body === undefined ? '' : JSON.stringify(body) };
  };
  return { ask, asked, close: () => {} };
}

const woo = (http: Http) => new WooCommerceReader(new WooClient(http, { key: 'ck', secret: 'cs' }, systemClocks));
const big = (http: Http) => new BigCommerceReader(http, { token: 't' }, systemClocks);

const all = async (reader: StoreReader, kind: ReadKind, since: string): Promise<ReadItem[]> => {
  const items: ReadItem[] = [];
  for await (const item of reader.changedSince(kind, since, NOW)) items.push(item);
  return items;
};

const wooProduct = (id: number, modified: string, changes: object = {}) => ({
  id,
  name: `Thing ${id}`,
  type: 'simple',
  status: 'publish',
  sku: `S${id}`,
  regular_price: '10.00',
  sale_price: '',
  date_created_gmt: '2026-01-01T00:00:00',
  date_modified_gmt: modified,
  manage_stock: true,
  stock_quantity: 4,
  ...changes,
});

/** A list as WooCommerce gives it: strictly after a second, sorted, in numbered pages. */
const wooList =
  (things: readonly { date_modified_gmt: string }[], onPage: () => void = () => {}): Answer =>
  ({ searchParams: query }) => {
    assert.deepEqual(
      [query.get('dates_are_gmt'), query.get('orderby'), query.get('order')],
      ['true', 'modified', 'asc'],
    );
    const after = query.get('modified_after')!;
    const size = Number(query.get('per_page'));
    const from = (Number(query.get('page')) - 1) * size;
    const found = things
      .filter((thing) => thing.date_modified_gmt > after)
      .toSorted((a, b) => (a.date_modified_gmt < b.date_modified_gmt ? -1 : 1))
      .slice(from, from + size);
    onPage();
    return [200, found];
  };

describe('reading WooCommerce', () => {
  const second = (n: number) =>
    `2026-02-04T09:${String(Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`;

  test('a list longer than a page comes whole and in order, also where many things changed in one second', async () => {
    const things = Array.from({ length: 140 }, (_, n) => wooProduct(n, n < 70 ? second(5) : second(n)));
    const items = await all(
      woo(httpOf({ '/wp-json/wc/v3/products': wooList(things) })),
      'product',
      '2026-02-04T09:00:00.000Z',
    );
    assert.equal(items.length, 140);
    assert.equal(new Set(items.map(({ ref }) => ref)).size, 140);
    assert.deepEqual(
      items.map(({ version }) => version),
      items.map(({ version }) => version).toSorted(),
    );
  });

  test('a list that moves while it is read loses nothing', async () => {
    const things = Array.from({ length: 90 }, (_, n) => wooProduct(n, second(n)));
    let pages = 0;
    const list = wooList(things, () => {
      pages += 1;
      // What was on the first page is changed, and everything behind it moves up.
      if (pages <= 3) for (let n = 0; n < 20; n++) things[n] = wooProduct(n, second(200 + pages * 20 + n));
    });
    const items = await all(woo(httpOf({ '/wp-json/wc/v3/products': list })), 'product', '2026-02-04T09:00:00.000Z');
    assert.equal(new Set(items.map(({ ref }) => ref)).size, 90);
  });

  test('what it reads is what the gateway understands: a product with its variations, an order, a customer', async () => {
    const parent = wooProduct(18, second(1), { type: 'variable', sku: '', regular_price: '', variations: [23, 24] });
    const variations = [23, 24].map((id) =>
      wooProduct(id, second(2), { type: 'variation', attributes: [{ option: `O${id}` }] }),
    );
    const reader = woo(
      httpOf({
        '/wp-json/wc/v3/products/18': () => [200, parent],
        '/wp-json/wc/v3/products/18/variations': () => [200, variations],
        '/wp-json/wc/v3/products/19': () => [200, wooProduct(19, second(3))],
        '/wp-json/wc/v3/orders/727': () => [
          200,
          {
            id: 727,
            status: 'processing',
            currency: 'GBP',
            date_created_gmt: second(0),
            date_modified_gmt: second(4),
            date_paid_gmt: second(4),
            total: '10.00',
            line_items: [{ sku: 'S23', product_id: 18, quantity: 1, subtotal: '10.00' }],
          },
        ],
        '/wp-json/wc/v3/customers/25': () => [
          200,
          { id: 25, username: 'ada', email: 'a@example.invalid', date_modified_gmt: second(5) },
        ],
      }),
    );
    const told = async (kind: ReadKind, ref: string) =>
      types(when(`fetched/${kind}`, (await reader.read(kind, ref, NOW))!.body, [], 'woocommerce'));
    assert.equal((await told('product', '18')).filter((type) => type === 'product.changed').length, 2);
    assert.deepEqual(await told('product', '19'), ['product.changed', 'price.changed', 'stock.changed']);
    assert.deepEqual(await told('order', '727'), ['order.placed', 'order.paid']);
    assert.deepEqual(await told('customer', '25'), ['customer.changed']);
  });

  test('a coupon is read from its list, which leaves out what lies in the trash or says so', async () => {
    const found = { id: 17, code: 'mint', discount_type: 'percent', status: 'publish', date_modified_gmt: second(5) };
    const asked: (string | null)[] = [];
    const reader = woo(
      httpOf({
        '/wp-json/wc/v3/coupons': ({ searchParams: query }) => {
          asked.push(query.get('include'));
          return [200, query.get('include') === '17' ? [found] : []];
        },
      }),
    );
    assert.deepEqual((await reader.read('coupon', '17', NOW))!.body, found);
    assert.equal(await reader.read('coupon', '18', NOW), undefined);
    assert.deepEqual(asked, ['17', '18']);
    await assert.rejects(big(httpOf({})).read('coupon', '17', NOW), { reason: 'not-supported' });
  });

  for (const [kind, path, code] of [
    ['order', '/orders/93', 'woocommerce_rest_shop_order_invalid_id'],
    ['order', '/orders/93', 'woocommerce_rest_invalid_order_id'],
    ['product', '/products/93', 'woocommerce_rest_product_invalid_id'],
    ['customer', '/customers/93', 'woocommerce_rest_invalid_id'],
    ['customer', '/customers/93', 'wc_user_invalid_id'],
  ] as const)
    test(`what the shop says is not there is nothing: ${code}`, async () => {
      const reader = woo(httpOf({ [`/wp-json/wc/v3${path}`]: () => [404, { code, message: 'Invalid ID.' }] }));
      assert.equal(await reader.read(kind, '93', NOW), undefined);
    });

  for (const [name, answer] of [
    ['a plugin that is switched off', [404, { code: 'rest_no_route', message: 'No route was found.' }]],
    ['a server before the shop', [404, '<html>404 Not Found nginx</html>']],
    ['another plugin', [404, { code: 'rest_post_invalid_id' }]],
    ['an API that went', [410]],
    ['a shop that is busy', [503]],
  ] as const)
    test(`an answer of ${name} says nothing of the thing, and is asked for again later`, async () => {
      const api = '/wp-json/wc/v3/orders';
      const reader = woo(httpOf({ [`${api}/1`]: () => [...answer], [api]: () => [...answer] }));
      await assert.rejects(reader.read('order', '1', AbortSignal.timeout(100)), TransientError);
      const list = reader.changedSince('order', '2026-02-04T09:00:00.000Z', AbortSignal.timeout(100));
      await assert.rejects(Array.fromAsync(list), TransientError);
    });
});

describe('reading BigCommerce', () => {
  const BASE_ORDER = {
    status_id: 11,
    date_created: 'Wed, 04 Feb 2026 09:00:00 +0000',
    date_modified: 'Wed, 04 Feb 2026 09:30:00 +0000',
    total_inc_tax: '20.00',
    currency_code: 'GBP',
  };
  const product = (id: number) => ({
    id,
    name: `Thing ${id}`,
    sku: `S${id}`,
    price: 20,
    cost_price: 7,
    categories: [5],
    brand_id: 2,
    inventory_tracking: 'product',
    inventory_level: 3,
    date_modified: '2026-02-04T09:00:00+00:00',
    variants: [{ id: 1_000 + id, sku: `S${id}`, inventory_level: 3 }],
  });
  const names = {
    '/v3/catalog/categories/5': (): [number, unknown] => [200, { data: { name: 'Books' } }],
    '/v3/catalog/brands/2': (): [number, unknown] => [200, { data: { name: 'OFS' } }],
  };

  test('an order comes with its lines, parcels and refunds, and the gateway understands it', async () => {
    const reader = big(
      httpOf({
        '/v2/orders/250': () => [200, { id: 250, ...BASE_ORDER }],
        '/v2/orders/250/products': () => [
          200,
          [{ id: 1, sku: 'S1', product_id: 1, quantity: 1, price_inc_tax: '20.00' }],
        ],
        '/v2/orders/250/shipments': () => [
          200,
          [
            {
              id: 8,
              date_created: 'Wed, 04 Feb 2026 11:00:00 +0000',
              shipping_provider: 'dhl',
              items: [{ order_product_id: 1, quantity: 1 }],
            },
          ],
        ],
        '/v3/orders/250/payment_actions/refunds': () => [
          200,
          { data: [{ id: 3, created: '2026-02-04T12:00:00+00:00', total_amount: 5, items: [] }] },
        ],
      }),
    );
    const item = (await reader.read('order', '250', NOW))!;
    assert.deepEqual([item.version, item.isOpen], ['2026-02-04T09:30:00.000Z', true]);
    assert.deepEqual(types(when('fetched/order', item.body, [], 'bigcommerce')), [
      'order.placed',
      'order.paid',
      'order.fulfilled',
      'order.refunded',
    ]);
  });

  test('a product comes with the names of category and brand, looked up once, as of the platform’s own clock', async () => {
    const http = httpOf({
      ...names,
      '/v3/catalog/products/1': () => [200, { data: product(1) }],
      '/v3/catalog/products/2': () => [200, { data: product(2) }],
    });
    const reader = big(http);
    const { events } = when('fetched/product', (await reader.read('product', '1', NOW))!.body, [], 'bigcommerce');
    assert.deepEqual(
      events.map(({ type, time }) => [type, time]),
      [
        ['product.changed', '2026-02-04T09:00:00.000Z'],
        ['category.changed', '2026-02-04T09:00:00.000Z'],
        ['price.changed', '2026-02-04T09:00:00.000Z'],
        ['cost.changed', '2026-02-04T10:00:02.000Z'],
        ['stock.changed', '2026-02-04T10:00:02.000Z'],
      ],
    );
    await reader.read('product', '2', NOW);
    assert.equal(http.asked.filter((path) => path.includes('categories')).length, 1);
  });

  test('what has changed is listed from the given time on; an empty list has no body', async () => {
    const http = httpOf({
      ...names,
      '/v3/catalog/products': ({ searchParams }) => [
        200,
        { data: searchParams.get('page') === '1' ? [product(1), product(2)] : [] },
      ],
      '/v2/orders': () => [204],
    });
    const items = await all(big(http), 'product', '2026-02-01T00:00:00.000Z');
    assert.deepEqual(
      items.map(({ ref }) => ref),
      ['1', '2'],
    );
    assert.deepEqual(await all(big(http), 'order', '2026-02-01T00:00:00.000Z'), []);
    assert.ok(http.asked.some((path) => path.includes('date_modified:min=2026-02-01')));
  });

  test('what is not there is nothing, and who may not read is told so', async () => {
    const reader = big(
      httpOf({
        '/v3/customers': () => [200, { data: [] }],
        '/v2/orders/1': () => [404, [{ status: 404, message: 'The requested resource was not found.' }]],
        '/v2/orders/2': () => [403, { title: 'no scope' }],
        '/v3/catalog/products/1': () => [404, { status: 404, title: 'A product was not found' }],
      }),
    );
    for (const kind of ['order', 'product', 'customer'] as const)
      assert.equal(await reader.read(kind, '1', NOW), undefined, kind);
    await assert.rejects(reader.read('order', '2', NOW), { reason: 'not-permitted' });
  });

  test('an API that is not there says nothing of the thing, nor that a list is empty', async () => {
    const half = { '/v2/orders/250': (): [number, unknown] => [200, { id: 250, ...BASE_ORDER }] };
    const missing = { '/v2/orders': (): [number, unknown] => [404, [{ status: 404, message: 'Not found' }]] };
    await assert.rejects(big(httpOf({})).read('order', '1', NOW), TransientError);
    await assert.rejects(big(httpOf({})).read('product', '1', NOW), TransientError);
    await assert.rejects(big(httpOf(half)).read('order', '250', NOW), TransientError, 'an order without its lines');
    await assert.rejects(all(big(httpOf(missing)), 'order', '2026-02-01T00:00:00.000Z'), TransientError);
  });
});
