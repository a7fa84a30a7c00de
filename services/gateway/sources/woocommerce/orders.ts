import { z } from 'zod';
import { holdsOf, metaText, TAGS_KEY } from '#shared/connectors/woocommerce/marks.ts';
import { resource } from '#shared/contracts/resource.ts';
import { amount, clean, currency, id, nearestMinor, sku, tagsOf, text } from '../../mapping/fields.ts';
import { defineTopic, type Introduced } from '../../mapping/topic.ts';
import { sayOrder, versionsOfOrder, type WholeOrder, wantsOfOrder } from '../../mapping/whole-order.ts';
import { gmt, meta } from './fields.ts';
import { addressText, billing, personOf } from './people.ts';

const line = z.object({
  sku,
  product_id: id.nullish(),
  quantity: z.number().int(),
  subtotal: amount,
  subtotal_tax: amount.nullish(),
});

const order = z.object({
  id,
  number: text.nullish(),
  status: text,
  currency,
  prices_include_tax: z.boolean().nullish(),
  created_via: text.nullish(),
  date_created_gmt: gmt,
  date_modified_gmt: gmt.nullish(),
  date_paid_gmt: gmt.nullish(),
  date_completed_gmt: gmt.nullish(),
  total: amount,
  customer_id: id.nullish(),
  billing: billing.nullish(),
  shipping: billing.nullish(),
  payment_method: text.nullish(),
  line_items: z.array(line),
  shipping_lines: z
    .array(z.object({ method_id: text.nullish(), method_title: text.nullish(), total: amount }))
    .nullish(),
  fee_lines: z.array(z.object({ total: amount })).nullish(),
  refunds: z.array(z.object({ id, total: amount })).nullish(),
  meta_data: meta,
});

type Order = z.infer<typeof order>;

/**
 * WooCommerce takes the stock off the shelf when an order is on hold, in work or done: from then on it is a sale. One that
 * waits for its payment, or whose payment failed, may never become one, and `checkout-draft` is a basket.
 */
const NOT_YET: ReadonlySet<string> = new Set([
  'auto-draft',
  'cancelled',
  'checkout-draft',
  'draft',
  'failed',
  'new',
  'pending',
  'trash',
]);
const GONE: ReadonlySet<string> = new Set(['cancelled', 'trash']);

const minor = (body: Order, value: string) => nearestMinor(value, body.currency);

/** Before discounts, and with tax where the shop's prices have it: comparable with the list price. */
function lineMinor(body: Order, one: Order['line_items'][number]): number {
  const tax = body.prices_include_tax ? minor(body, one.subtotal_tax || '0') : 0;
  return minor(body, one.subtotal) + tax;
}

const isGoods = (one: Order['line_items'][number]) =>
  !!one.sku && one.product_id !== '0' && one.quantity > 0 && !one.subtotal.startsWith('-');

function otherMinorOf(body: Order): number | undefined {
  const money = [...(body.shipping_lines ?? []), ...(body.fee_lines ?? [])].map(({ total }) => minor(body, total));
  const strange = body.line_items.filter((one) => !isGoods(one)).map((one) => lineMinor(body, one));
  const all = [...money, ...strange];
  return all.length === 0 ? undefined : all.reduce((sum, one) => sum + one, 0);
}

const changedAt = (body: Order) => body.date_modified_gmt ?? body.date_created_gmt;

/** Of a refund the order tells number and amount; its time is that of the change that brought it. */
const refundsOf = (body: Order): WholeOrder['refunds'] =>
  (body.refunds ?? []).map((refund) => ({
    refund: refund.id,
    at: changedAt(body),
    minor: Math.abs(minor(body, refund.total)),
    lines: [],
  }));

function whole(body: Order): WholeOrder {
  const customer = customerOf(body);
  const isOver = GONE.has(body.status);
  const express = body.shipping_lines?.some((one) =>
    /express|next.?day|priority/i.test(`${one.method_id} ${one.method_title}`),
  );
  return {
    id: body.id,
    name: clean(`#${body.number ?? body.id}`),
    placedAt: body.date_created_gmt,
    changedAt: changedAt(body),
    // One that was paid was a sale before it was cancelled, also where nobody has told of that yet.
    isSale: !NOT_YET.has(body.status) || (isOver && !!body.date_paid_gmt),
    currency: body.currency,
    totalMinor: minor(body, body.total),
    lines: body.line_items.filter(isGoods).map((one) => ({
      sku: one.sku!,
      units: one.quantity,
      unitMinor: Math.round(lineMinor(body, one) / one.quantity),
    })),
    otherMinor: otherMinorOf(body),
    customer,
    country: body.shipping?.country || body.billing?.country || undefined,
    channel: body.created_via ? clean(body.created_via) : undefined,
    shipping: express ? { priority: true } : undefined,
    paid: body.date_paid_gmt
      ? {
          at: body.date_paid_gmt,
          minor: minor(body, body.total),
          gateway: body.payment_method ? clean(body.payment_method) : undefined,
        }
      : undefined,
    cancelled: isOver
      ? // WooCommerce puts the units of a cancelled order back by itself; those of a deleted one it does not.
        { at: changedAt(body), reason: isTrash(body) ? 'deleted' : 'other', restocked: !isTrash(body) }
      : undefined,
    refunds: refundsOf(body),
    parcels:
      body.date_completed_gmt && !isOver
        ? [{ fulfilment: `completed-${body.id}`, at: body.date_completed_gmt, carrier: 'unknown', complete: true }]
        : [],
    tags: tagsOf(metaText(body.meta_data, TAGS_KEY)),
    hold: body.status === 'on-hold' ? { handle: clean(holdsOf(body).at(-1)?.handle ?? 'on-hold') } : null,
  };
}

const isTrash = (body: Order) => body.status === 'trash';

const customerOf = (body: Order) => (body.customer_id && body.customer_id !== '0' ? body.customer_id : undefined);

/** What an order says of its buyer; a customer's own record, when it comes, replaces it. */
function buyer(body: Order): Introduced[] {
  const customer = customerOf(body);
  if (!customer || !body.billing) return [];
  const person = personOf(body.billing, addressText(body.billing));
  return [{ subject: resource('customer', customer), person, replaces: false }];
}

/**
 * Every topic carries the whole order, and every save sends it: what is new is found by comparing. That an order was just
 * placed only its own times say, because the topic is not signed.
 */
export const orderTopics = ['order.created', 'order.updated', 'order.restored', 'fetched/order'].map((topic) =>
  defineTopic({
    topic,
    body: order,
    versions: (body) => versionsOfOrder({ id: body.id, changedAt: changedAt(body) }),
    wants: (body) => wantsOfOrder(body.id),
    map: (body, { known, toldAt }) => sayOrder(whole(body), known, toldAt, buyer(body)),
  }),
);
