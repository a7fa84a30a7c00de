import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { type Instant, toInstant } from '#shared/kernel/time.ts';
import { amount, clean, currency, id, nearestMinor, sku, text } from '../../mapping/fields.ts';
import { defineTopic, type Introduced } from '../../mapping/topic.ts';
import { sayOrder, versionsOfOrder, type WholeOrder, wantsOfOrder } from '../../mapping/whole-order.ts';
import { address, addressText, personOf } from './people.ts';

/** `Tue, 20 Nov 2012 00:00:00 +0000`; V3 resources write ISO 8601. Empty where it has not happened. */
export const when = text.transform((value, context): Instant => {
  const ms = Date.parse(value);
  if (Number.isFinite(ms)) return toInstant(ms);
  context.addIssue({ code: 'custom', message: 'not a time' });
  return z.NEVER;
});
const maybeWhen = z.preprocess((value) => (value === '' ? undefined : value), when.nullish());

const order = z.object({
  id,
  status_id: z.number().int(),
  date_created: when,
  date_modified: when,
  date_shipped: maybeWhen,
  total_inc_tax: amount,
  currency_code: currency.nullish(),
  default_currency_code: currency.nullish(),
  customer_id: id.nullish(),
  payment_method: text.nullish(),
  order_source: text.nullish(),
  is_deleted: z.boolean().nullish(),
  billing_address: address.nullish(),
});

const line = z.object({
  id,
  sku,
  product_id: id.nullish(),
  quantity: z.number().int(),
  price_inc_tax: amount,
});

const shipment = z.object({
  id,
  date_created: when,
  shipping_provider: text.nullish(),
  items: z.array(z.object({ order_product_id: id, quantity: z.number().int() })),
});

const refund = z.object({
  id,
  created: when,
  total_amount: amount,
  items: z.array(z.object({ item_type: text, item_id: id, quantity: z.number().nullish() })).nullish(),
});

/** The order with what lies beside it, as the reader puts them together. */
const fetched = z.object({
  order,
  products: z.array(line),
  shipments: z.array(shipment).nullish(),
  refunds: z.array(refund).nullish(),
});

type Fetched = z.infer<typeof fetched>;

/** https://docs.bigcommerce.com, Orders V2, order statuses. Incomplete (a basket) and declined ones are no sales. */
const STATUS = { incomplete: 0, cancelled: 5, declined: 6, manualReview: 12 } as const;
const PAID: ReadonlySet<number> = new Set([2, 3, 4, 8, 9, 10, 11, 13, 14]);
const SENT_WHOLE: ReadonlySet<number> = new Set([2, 10]);
const NO_SALE: ReadonlySet<number> = new Set([STATUS.incomplete, STATUS.cancelled, STATUS.declined]);

const isGoods = (one: z.infer<typeof line>) => !!one.sku && one.product_id !== '0' && one.quantity > 0;

function parcelsOf({ order: body, products, shipments }: Fetched): WholeOrder['parcels'] {
  const goods = new Set(products.filter(isGoods).map((one) => one.id));
  const ordered = products.filter(isGoods).reduce((sum, one) => sum + one.quantity, 0);
  let sent = 0;
  return [...(shipments ?? [])]
    .sort((a, b) => (a.date_created < b.date_created ? -1 : 1))
    .map((one) => {
      const items = one.items.filter((item) => goods.has(item.order_product_id));
      const units = items.reduce((sum, item) => sum + item.quantity, 0);
      sent += units;
      const complete = sent >= ordered || SENT_WHOLE.has(body.status_id);
      const carrier = clean(one.shipping_provider || 'unknown');
      return { fulfilment: one.id, at: one.date_created, carrier, units, complete };
    });
}

function refundsOf({ products, refunds }: Fetched, code: string): WholeOrder['refunds'] {
  const skus = new Map(products.map((one) => [one.id, one.sku]));
  return (refunds ?? []).map((one) => ({
    refund: one.id,
    at: one.created,
    minor: nearestMinor(one.total_amount, code),
    lines: (one.items ?? []).flatMap((item) => {
      const sku = item.item_type === 'PRODUCT' ? skus.get(item.item_id) : undefined;
      // Whether units are back on the shelf is a setting of the store; the stock's own hooks say it.
      return sku && item.quantity ? [{ sku, units: item.quantity, restocked: false }] : [];
    }),
  }));
}

function whole(body: Fetched, storeCurrency: string): WholeOrder {
  const { order: about, products } = body;
  const code = about.currency_code ?? about.default_currency_code ?? storeCurrency;
  const minor = (value: string) => nearestMinor(value, code);
  const strange = products.filter((one) => !isGoods(one));
  const isOver = about.status_id === STATUS.cancelled || about.is_deleted === true;
  return {
    id: about.id,
    name: `#${about.id}`,
    placedAt: about.date_created,
    changedAt: about.date_modified,
    isSale: !NO_SALE.has(about.status_id) && about.is_deleted !== true,
    currency: code,
    totalMinor: minor(about.total_inc_tax),
    lines: products
      .filter(isGoods)
      .map((one) => ({ sku: one.sku!, units: one.quantity, unitMinor: minor(one.price_inc_tax) })),
    otherMinor:
      strange.length === 0 ? undefined : strange.reduce((sum, one) => sum + minor(one.price_inc_tax) * one.quantity, 0),
    customer: customerOf(body),
    country: about.billing_address?.country_iso2 || undefined,
    channel: about.order_source ? clean(about.order_source) : undefined,
    paid: PAID.has(about.status_id)
      ? {
          at: about.date_modified,
          minor: minor(about.total_inc_tax),
          gateway: about.payment_method ? clean(about.payment_method) : undefined,
        }
      : undefined,
    cancelled: isOver
      ? { at: about.date_modified, reason: about.is_deleted ? 'deleted' : 'other', restocked: false }
      : undefined,
    refunds: refundsOf(body, code),
    parcels: parcelsOf(body),
    hold: about.status_id === STATUS.manualReview ? { handle: 'manual-review' } : null,
  };
}

const customerOf = ({ order: { customer_id } }: Fetched) =>
  customer_id && customer_id !== '0' ? customer_id : undefined;

function buyer(body: Fetched): Introduced[] {
  const customer = customerOf(body);
  const billing = body.order.billing_address;
  if (!customer || !billing) return [];
  return [
    { subject: resource('customer', customer), person: personOf(billing, addressText(billing)), replaces: false },
  ];
}

export const orderTopic = defineTopic({
  topic: 'fetched/order',
  body: fetched,
  versions: ({ order: { id: order, date_modified } }) => versionsOfOrder({ id: order, changedAt: date_modified }),
  wants: (body) => wantsOfOrder(body.order.id),
  map: (body, { known, toldAt, currency: code }) => sayOrder(whole(body, code), known, toldAt, buyer(body)),
});
