import { z } from 'zod';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import {
  amount,
  clean,
  currency,
  exactId,
  gidOf,
  id,
  parseMinor,
  present,
  sku,
  tagsOf,
  text,
  time,
} from '../../mapping/fields.ts';
import { defineTopic, type Introduced, type Known, type Mapped, type Said, type Wanted } from '../../mapping/topic.ts';
import { addressOf, customerIdOf, personOf, personShape } from './people.ts';

const line = z.object({
  sku,
  quantity: z.number().int(),
  price: amount,
  product_exists: z.boolean().nullish(),
  product_id: id.nullish(),
  gift_card: z.boolean().nullish(),
});

const address = z.object({ country_code: text.nullish() });

const order = z.object({
  id,
  admin_graphql_api_id: gidOf('Order').nullish(),
  name: text,
  test: z.boolean().nullish(),
  created_at: time,
  updated_at: time.nullish(),
  processed_at: time.nullish(),
  cancelled_at: time.nullish(),
  cancel_reason: text.nullish(),
  currency,
  total_price: amount,
  tags: text.nullish(),
  source_name: text.nullish(),
  /** Always there, if null: a checkout or a draft has none, and is no order whatever a header says. */
  financial_status: text.nullable(),
  payment_gateway_names: z.array(text).nullish(),
  customer: personShape.nullish(),
  shipping_address: address.nullish(),
  billing_address: address.nullish(),
  shipping_lines: z.array(z.object({ code: text.nullish(), title: text.nullish() })).nullish(),
  note_attributes: z.array(z.object({ name: text, value: z.unknown() })).nullish(),
  refunds: z
    .array(
      z.object({
        restock: z.boolean().nullish(),
        refund_line_items: z.array(z.object({ restock_type: text.nullish() })).nullish(),
      }),
    )
    .nullish(),
  line_items: z.array(line),
});

type Order = z.infer<typeof order>;
type Line = z.infer<typeof line>;

const keyOf = (body: Order): ResourceKey => resource('order', exactId(body));

/**
 * Goods have a SKU and a product. Postage, manual lines, gift cards and anything with a negative price (a bad debt that
 * somebody wrote off as a line) are money, not sales. A price of zero is a gift: no income, but the units leave the shelf.
 */
function isGoods(item: Line): boolean {
  const hasProduct = item.product_id !== null && item.product_exists !== false;
  return !!item.sku && hasProduct && item.gift_card !== true && item.quantity > 0 && !item.price.startsWith('-');
}

function linesOf(body: Order) {
  return body.line_items
    .filter(isGoods)
    .map((item) => ({ sku: item.sku!, units: item.quantity, unitMinor: parseMinor(item.price, body.currency) }));
}

function otherMinorOf(body: Order): number | undefined {
  const rest = body.line_items.filter((item) => !isGoods(item));
  const sum = rest.reduce((total, item) => total + parseMinor(item.price, body.currency) * item.quantity, 0);
  return rest.length === 0 ? undefined : sum;
}

function shippingOf(body: Order) {
  const attribute = body.note_attributes?.find((one) => one.name === 'promised_at')?.value;
  const promised = time.safeParse(attribute);
  const priority = body.shipping_lines?.some((one) => /express|next.?day|priority/i.test(`${one.code} ${one.title}`));
  const shipping = present({ promisedAt: promised.data, priority: priority || undefined });
  return Object.keys(shipping).length === 0 ? undefined : shipping;
}

function placed(body: Order): Said {
  return {
    type: 'order.placed',
    subject: keyOf(body),
    time: body.created_at,
    data: present({
      name: clean(body.name),
      customer: customerIdOf(body.customer),
      currency: body.currency,
      totalMinor: Math.max(0, parseMinor(body.total_price, body.currency)),
      lines: linesOf(body),
      country: body.shipping_address?.country_code ?? body.billing_address?.country_code ?? undefined,
      channel: body.source_name ? clean(body.source_name) : undefined,
      otherMinor: otherMinorOf(body),
      shipping: shippingOf(body),
      test: body.test === true ? true : undefined,
    }),
  };
}

function cancelled(body: Order): Said {
  const restocked = body.refunds?.some(
    (refund) => refund.restock === true || refund.refund_line_items?.some((item) => BACK.has(item.restock_type ?? '')),
  );
  return {
    type: 'order.cancelled',
    subject: keyOf(body),
    time: body.cancelled_at!,
    data: present({
      cancelReason: clean(body.cancel_reason ?? 'other'),
      restocked: restocked === true,
      placedAt: body.created_at,
      customer: customerIdOf(body.customer),
      totalMinor: Math.max(0, parseMinor(body.total_price, body.currency)),
      lines: linesOf(body),
    }),
  };
}

const BACK = new Set(['return', 'cancel', 'legacy_restock']);

/** What an order says of its buyer; a customer's own record, when it comes, replaces it. */
function buyer(body: Order): Introduced[] {
  const customer = customerIdOf(body.customer);
  if (!customer || !body.customer) return [];
  const person = personOf(body.customer, addressOf(body.customer));
  return [{ subject: resource('customer', customer), person, replaces: false }];
}

const has = (known: Known, subject: ResourceKey, type: string) =>
  known.order(subject).some((step) => step.type === type);

/** Every topic of an order carries the whole order as it was then. */
const versionsOf = (body: Order) => [
  { resource: `order:${exactId(body)}`, at: body.updated_at ?? body.cancelled_at ?? body.created_at },
];

/** Whatever the topic, the body carries the tags of then; they are news where they differ from those last told. */
function tagged(body: Order, known: Known): Said[] {
  const subject = keyOf(body);
  const tags = tagsOf(body.tags);
  const before = known.last(subject, 'order.changed')?.data.tags ?? [];
  if (canonicalJson(tags) === canonicalJson(before as string[])) return [];
  return [{ type: 'order.changed', subject, time: body.updated_at ?? body.created_at, data: { tags } }];
}

const wantsOf = (body: Order): Wanted => ({
  orders: [keyOf(body)],
  last: ['order.paid', 'order.changed'].map((type) => ({ subject: keyOf(body), type })),
});

const orRepeated = (events: readonly Said[]): Mapped => (events.length === 0 ? { repeated: true } : { events });

export const orderTopics = [
  /** A body that is already cancelled says both: nobody may act on it as on a live sale. */
  defineTopic({
    topic: 'orders/create',
    body: order,
    versions: versionsOf,
    wants: wantsOf,
    map: (body, { known }) => {
      const isTest = body.test === true;
      const happened = [placed(body), ...(body.cancelled_at && !isTest ? [cancelled(body)] : [])];
      const said = happened.filter((event) => !has(known, event.subject, event.type));
      const events = [...said, ...(isTest ? [] : tagged(body, known))];
      return events.length === 0 ? { repeated: true } : { events, people: buyer(body) };
    },
  }),
  defineTopic({
    topic: 'orders/cancelled',
    body: order,
    versions: versionsOf,
    wants: wantsOf,
    map: (body, { known }) => {
      if (body.test === true) return { ignored: 'test-order' };
      // The topic is not signed, the body is: an order that is not cancelled is not made so by a header.
      if (!body.cancelled_at) return { ignored: 'nothing-new' };
      const isKnown = has(known, keyOf(body), 'order.cancelled');
      return orRepeated([...(isKnown ? [] : [cancelled(body)]), ...tagged(body, known)]);
    },
  }),
  defineTopic({
    topic: 'orders/paid',
    body: order,
    versions: versionsOf,
    wants: wantsOf,
    map: (body, { known }) => {
      if (body.test === true) return { ignored: 'test-order' };
      if (body.financial_status !== 'paid') return { ignored: 'nothing-new' };
      const data = present({
        currency: body.currency,
        minor: Math.max(0, parseMinor(body.total_price, body.currency)),
        gateway: body.payment_gateway_names?.[0] ? clean(body.payment_gateway_names[0]) : undefined,
      });
      const at = body.updated_at ?? body.processed_at ?? body.created_at;
      const isKnown = known.last(keyOf(body), 'order.paid') !== undefined;
      const paid: Said = { type: 'order.paid', subject: keyOf(body), time: at, data };
      return orRepeated([...(isKnown ? [] : [paid]), ...tagged(body, known)]);
    },
  }),
  /** Sent for every save; only other tags are news. */
  defineTopic({
    topic: 'orders/updated',
    body: order,
    versions: versionsOf,
    wants: wantsOf,
    map: (body, { known }) => {
      if (body.test === true) return { ignored: 'test-order' };
      const events = tagged(body, known);
      return events.length === 0 ? { ignored: 'nothing-new' } : { events };
    },
  }),
];
