import type { FakeOrder, FakeProduct, WooBooks } from './woo-books.ts';

/** An answer of the platform: its status and its body. */
export type Answer = readonly [status: number, body: unknown];

export interface Asked {
  readonly books: WooBooks;
  readonly ids: readonly number[];
  readonly query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: bodies come as JSON; what the platform ignores is ignored here too.
  readonly body: any;
  readonly nowMs: number;
  /** Called for what changes the shop. */
  readonly effect: () => void;
}

/** Errors in the shape of WordPress. */
export function wpError(status: number, code: string, message = 'No'): Answer {
  return [status, { code, message, data: { status } }];
}

const money = (text: string) => Math.round(Number(text) * 100);
const gmtNow = (nowMs: number) => new Date(nowMs).toISOString().slice(0, 19);

/** By key, as `update_meta_data` does: a key that is there is overwritten. */
function mergeMeta(kept: { key: string; value: unknown }[], sent: unknown): { key: string; value: unknown }[] {
  const changed = (Array.isArray(sent) ? sent : []) as { key: string; value: unknown }[];
  const keys = new Set(changed.map(({ key }) => key));
  return [...kept.filter(({ key }) => !keys.has(key)), ...changed.filter(({ value }) => value !== null)];
}

/** `price` is what a customer pays now; it is worked out at every save and cannot be written. */
function priceNow(product: FakeProduct, nowMs: number): string {
  const { regular_price, sale_price, date_on_sale_from_gmt: from, date_on_sale_to_gmt: to } = product;
  const began = from === null || Date.parse(`${from}Z`) <= nowMs;
  const isOn = sale_price !== '' && began && (to === null || Date.parse(`${to}Z`) > nowMs);
  return isOn && money(sale_price) < money(regular_price) ? sale_price : regular_price;
}

/** What a request to change a product does to it, field by field as `prepare_object_for_database` reads them. */
function changeProduct(product: FakeProduct, { body, nowMs }: Pick<Asked, 'body' | 'nowMs'>): void {
  if (body.status !== undefined) product.status = body.status;
  if (body.regular_price !== undefined) product.regular_price = body.regular_price;
  if (body.sale_price !== undefined) product.sale_price = body.sale_price;
  // A null is not set in PHP, so it changes nothing; an empty text takes the date away.
  if (typeof body.date_on_sale_from_gmt === 'string')
    product.date_on_sale_from_gmt = body.date_on_sale_from_gmt || null;
  if (typeof body.date_on_sale_to_gmt === 'string') product.date_on_sale_to_gmt = body.date_on_sale_to_gmt || null;
  if (product.manage_stock === true) {
    if (typeof body.stock_quantity === 'number') product.stock_quantity = body.stock_quantity;
    else if (typeof body.inventory_delta === 'number') {
      product.stock_quantity = (product.stock_quantity ?? 0) + body.inventory_delta;
    }
  }
  product.meta_data = mergeMeta(product.meta_data, body.meta_data);
  product.price = priceNow(product, nowMs);
  product.date_modified_gmt = gmtNow(nowMs);
}

const simple = ({ books, ids }: Asked): FakeProduct | undefined => books.products.get(ids[0]!);
const variation = ({ books, ids }: Asked): FakeProduct | undefined => {
  const found = books.products.get(ids[1]!);
  return found?.parent_id === ids[0] ? found : undefined;
};

const read =
  (find: (asked: Asked) => FakeProduct | undefined) =>
  (asked: Asked): Answer => {
    const product = find(asked);
    return product ? [200, product] : wpError(404, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
  };

const write =
  (find: (asked: Asked) => FakeProduct | undefined) =>
  (asked: Asked): Answer => {
    const product = find(asked);
    if (!product) return wpError(400, 'woocommerce_rest_product_invalid_id', 'Invalid ID.');
    changeProduct(product, asked);
    asked.effect();
    return [200, product];
  };

function page<Each extends { id: number }>(all: readonly Each[], query: URLSearchParams): Answer {
  const size = Number(query.get('per_page') ?? 10);
  if (size > 100) return wpError(400, 'rest_invalid_param', 'Invalid parameter(s): per_page');
  const include = query.get('include')?.split(',').map(Number);
  const found = include ? all.filter(({ id }) => include.includes(id)) : all;
  const from = (Number(query.get('page') ?? 1) - 1) * size;
  return [200, found.slice(from, from + size)];
}

const products = (isIn: (product: FakeProduct, asked: Asked) => boolean) => (asked: Asked) =>
  page(
    [...asked.books.products.values()].filter((product) => isIn(product, asked)),
    asked.query,
  );

/** One answer for all, with the refusal of each at its place. */
const batch =
  (isIn: (product: FakeProduct, asked: Asked) => boolean) =>
  (asked: Asked): Answer => {
    const update = (asked.body.update ?? []) as { id: number }[];
    if (update.length > 100)
      return wpError(413, 'woocommerce_rest_request_entity_too_large', 'Unable to accept more than 100 items');
    let changed = 0;
    const answers = update.map((body) => {
      const product = asked.books.products.get(body.id);
      if (!product || !isIn(product, asked)) {
        return {
          id: body.id,
          error: { code: 'woocommerce_rest_product_invalid_id', message: 'Invalid ID.', data: { status: 400 } },
        };
      }
      changeProduct(product, { body, nowMs: asked.nowMs });
      changed += 1;
      return product;
    });
    if (changed > 0) asked.effect();
    return [200, { update: answers }];
  };

const isTop = (product: FakeProduct) => product.parent_id === 0;
const isUnder = (product: FakeProduct, { ids }: Asked) => product.parent_id === ids[0];

/** An order as the platform shows it, in answers and in webhooks. */
export const shownOrder = ({ isStockReduced: _stock, notes: _notes, refunds, ...order }: FakeOrder) => ({
  ...order,
  refunds: refunds.map(({ id, reason, amount }) => ({ id, reason, total: `-${amount}` })),
});

/** Goods of a cancelled order go back on the shelf by themselves. */
function setStatus(order: FakeOrder, status: string, { products: shelf }: WooBooks): void {
  order.status = status;
  if (status !== 'cancelled' || !order.isStockReduced) return;
  order.isStockReduced = false;
  for (const { product_id, quantity } of order.line_items) {
    const product = shelf.get(product_id);
    if (product) product.stock_quantity = (product.stock_quantity ?? 0) + quantity;
  }
}

const onOrder =
  (missing: number, body: (order: FakeOrder, asked: Asked) => Answer) =>
  (asked: Asked): Answer => {
    const order = asked.books.orders.get(asked.ids[0]!);
    return order ? body(order, asked) : wpError(missing, 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.');
  };

function refund(order: FakeOrder, { books, body, effect }: Asked): Answer {
  const left = money(order.total) - order.refunds.reduce((sum, { amount }) => sum + money(amount), 0);
  const refused = (why: string) => wpError(500, 'woocommerce_rest_cannot_create_order_refund', why);
  if (money(body.amount) > left) return refused('Invalid refund amount.');
  if (body.api_refund && books.provider.refuses) return refused('The payment gateway for this order does not exist.');
  const written = {
    id: 70 + order.refunds.length,
    amount: String(body.amount),
    reason: String(body.reason ?? ''),
    refunded_payment: body.api_refund === true,
    meta_data: [],
  };
  order.refunds.push(written);
  if (body.api_refund) books.provider.money.push(String(body.amount));
  if (money(body.amount) === left) setStatus(order, 'refunded', books);
  effect();
  return [201, written];
}

function coupon({ books, body, effect }: Asked): Answer {
  const code = String(body.code).toLowerCase();
  if (books.coupons.some((each) => each.code === code)) {
    return wpError(400, 'woocommerce_rest_coupon_code_already_exists', 'The coupon code already exists');
  }
  const { meta_data = [], date_expires = '', code: _code, date_expires_gmt: _ignored, ...fields } = body;
  const defaults = {
    individual_use: false,
    exclude_sale_items: false,
    usage_limit: null,
    product_ids: [],
    email_restrictions: [],
  };
  const expires = { date_expires_gmt: date_expires.replace(/Z$/, '') || null };
  const created = { id: 77 + books.coupons.length, ...defaults, ...fields, ...expires, code, meta_data };
  books.coupons.push(created);
  effect();
  return [201, created];
}

/** Method and path, with the ids as `#`. */
export const WOO_ROUTES: Readonly<Record<string, (asked: Asked) => Answer>> = {
  'GET /products': products(isTop),
  'GET /products/#': read(simple),
  'PUT /products/#': write(simple),
  'POST /products/batch': batch(isTop),
  'GET /products/#/variations': products(isUnder),
  'GET /products/#/variations/#': read(variation),
  'PUT /products/#/variations/#': write(variation),
  'POST /products/#/variations/batch': batch(isUnder),
  'GET /orders/#': onOrder(404, (order) => [200, shownOrder(order)]),
  'PUT /orders/#': onOrder(400, (order, { books, body, nowMs, effect }) => {
    order.meta_data = mergeMeta(order.meta_data, body.meta_data);
    if (body.status) setStatus(order, body.status, books);
    order.date_modified_gmt = gmtNow(nowMs);
    effect();
    return [200, shownOrder(order)];
  }),
  'GET /orders/#/refunds': onOrder(404, (order, { query }) => page(order.refunds, query)),
  'POST /orders/#/refunds': onOrder(404, refund),
  'GET /orders/#/notes': onOrder(404, (order, { query }) => {
    const type = query.get('type') ?? 'any';
    return [200, order.notes.filter((note) => type === 'any' || note.customer_note === (type === 'customer'))];
  }),
  'POST /orders/#/notes': onOrder(404, (order, { body, effect }) => {
    const note = { id: 90 + order.notes.length, note: String(body.note), customer_note: body.customer_note === true };
    order.notes.push(note);
    effect();
    return [201, note];
  }),
  'GET /customers/#': ({ books, ids }) => {
    const customer = books.customers.get(ids[0]!);
    return customer ? [200, customer] : wpError(404, 'woocommerce_rest_invalid_id', 'Invalid resource ID.');
  },
  'GET /coupons': ({ books, query }) =>
    page(
      books.coupons.filter(({ code }) => code === (query.get('code') ?? code).toLowerCase()),
      query,
    ),
  'GET /coupons/#': ({ books, ids }) => {
    const found = books.coupons.find(({ id }) => id === ids[0]);
    return found ? [200, found] : wpError(404, 'woocommerce_rest_shop_coupon_invalid_id', 'Invalid ID.');
  },
  'POST /coupons': coupon,
  'PUT /coupons/#': ({ books, ids, body, effect }) => {
    const found = books.coupons.find(({ id }) => id === ids[0]);
    if (!found) return wpError(400, 'woocommerce_rest_shop_coupon_invalid_id', 'Invalid ID.');
    if (typeof body.date_expires === 'string') found.date_expires_gmt = body.date_expires.replace(/Z$/, '');
    if (Array.isArray(body.product_ids)) found.product_ids = body.product_ids;
    found.meta_data = mergeMeta(found.meta_data, body.meta_data);
    effect();
    return [200, found];
  },
};
