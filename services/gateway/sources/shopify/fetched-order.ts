import { z } from 'zod';
import { amount, clean, currency, gid, idOfGid, parseMinor, sku, tagsOf, text, time } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';
import { sayOrder, versionsOfOrder, type WholeOrder, wantsOfOrder } from '../../mapping/whole-order.ts';

const money = z.object({ shopMoney: z.object({ amount }) });

const line = z.object({
  sku,
  quantity: z.number().int(),
  isGiftCard: z.boolean(),
  originalUnitPriceSet: money,
  product: z.object({ id: gid }).nullish(),
});

const refund = z.object({
  id: gid,
  createdAt: time,
  totalRefundedSet: money,
  lines: z.array(z.object({ quantity: z.number().int(), restockType: text, lineItem: z.object({ sku }) })),
});

const parcel = z.object({
  id: gid,
  status: text,
  createdAt: time,
  totalQuantity: z.number().int(),
  trackingInfo: z.array(z.object({ company: text.nullish() })),
  estimatedDeliveryAt: time.nullish(),
});

const address = z.object({ countryCodeV2: text.nullish() });

const order = z.object({
  order: z.object({
    id: gid,
    name: text,
    test: z.boolean(),
    createdAt: time,
    updatedAt: time,
    cancelledAt: time.nullish(),
    cancelReason: text.nullish(),
    currencyCode: currency,
    tags: z.array(text),
    sourceName: text.nullish(),
    displayFinancialStatus: text.nullish(),
    paymentGatewayNames: z.array(text),
    totalPriceSet: money,
    customer: z.object({ id: gid }).nullish(),
    shippingAddress: address.nullish(),
    billingAddress: address.nullish(),
    shippingLine: z.object({ code: text.nullish(), title: text.nullish() }).nullish(),
    customAttributes: z.array(z.object({ key: text, value: text.nullish() })),
    fulfillments: z.array(parcel),
  }),
  lines: z.array(line),
  refunds: z.array(refund),
});

type Body = z.infer<typeof order>;

const PAID: ReadonlySet<string> = new Set(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED']);
const SENT: ReadonlySet<string> = new Set(['SUCCESS', 'OPEN', 'PENDING']);
/** `CANCEL` puts units back too, but the cancellation says so itself, and one unit must not come back twice. */
const RETURNED: ReadonlySet<string> = new Set(['RETURN', 'LEGACY_RESTOCK']);
const BACK: ReadonlySet<string> = new Set([...RETURNED, 'CANCEL']);

const isGoods = (one: Body['lines'][number]) =>
  !!one.sku &&
  !!one.product &&
  !one.isGiftCard &&
  one.quantity > 0 &&
  !one.originalUnitPriceSet.shopMoney.amount.startsWith('-');

function parcelsOf({ order: { fulfillments }, lines }: Body): WholeOrder['parcels'] {
  const ordered = lines.filter(isGoods).reduce((sum, one) => sum + one.quantity, 0);
  let sent = 0;
  return fulfillments
    .filter((one) => SENT.has(one.status))
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .map((one) => {
      sent += one.totalQuantity;
      return {
        fulfilment: idOfGid(one.id),
        at: one.createdAt,
        carrier: clean(one.trackingInfo[0]?.company || 'unknown'),
        units: one.totalQuantity,
        complete: sent >= ordered,
        promisedAt: one.estimatedDeliveryAt ?? undefined,
      };
    });
}

/** One without money whose units came back by a cancellation says nothing that the cancellation does not say. */
const isOfCancellation = ({ totalRefundedSet, lines }: z.infer<typeof refund>) =>
  Number(totalRefundedSet.shopMoney.amount) === 0 && lines.every((one) => one.restockType === 'CANCEL');

function refundsOf({ order: { currencyCode }, refunds }: Body): WholeOrder['refunds'] {
  return refunds
    .filter((one) => !isOfCancellation(one))
    .map((one) => ({
      refund: idOfGid(one.id),
      at: one.createdAt,
      minor: Math.max(0, parseMinor(one.totalRefundedSet.shopMoney.amount, currencyCode)),
      lines: one.lines
        .filter((each) => each.lineItem.sku && each.quantity > 0)
        .map(({ quantity, restockType, lineItem }) => ({
          sku: lineItem.sku!,
          units: quantity,
          restocked: RETURNED.has(restockType),
        })),
    }));
}

function shippingOf({ order: { customAttributes, shippingLine } }: Body): WholeOrder['shipping'] {
  const promised = time.safeParse(customAttributes.find((one) => one.key === 'promised_at')?.value);
  const isExpress = /express|next.?day|priority/i.test(`${shippingLine?.code} ${shippingLine?.title}`);
  return { promisedAt: promised.data, priority: isExpress || undefined };
}

function paidOf({ order: about }: Body, totalMinor: number): WholeOrder['paid'] {
  if (!PAID.has(about.displayFinancialStatus ?? '')) return undefined;
  const gateway = about.paymentGatewayNames[0];
  return { at: about.updatedAt, minor: totalMinor, gateway: gateway ? clean(gateway) : undefined };
}

function whole(body: Body): WholeOrder {
  const { order: about, lines, refunds } = body;
  const minor = (value: z.infer<typeof money>) => parseMinor(value.shopMoney.amount, about.currencyCode);
  const strange = lines.filter((one) => !isGoods(one));
  const totalMinor = minor(about.totalPriceSet);
  const other = strange.reduce((sum, one) => sum + minor(one.originalUnitPriceSet) * one.quantity, 0);
  return {
    id: idOfGid(about.id),
    name: clean(about.name),
    placedAt: about.createdAt,
    changedAt: about.updatedAt,
    isSale: true,
    test: about.test || undefined,
    currency: about.currencyCode,
    totalMinor,
    lines: lines
      .filter(isGoods)
      .map((one) => ({ sku: one.sku!, units: one.quantity, unitMinor: minor(one.originalUnitPriceSet) })),
    otherMinor: strange.length === 0 ? undefined : other,
    customer: about.customer ? idOfGid(about.customer.id) : undefined,
    country: about.shippingAddress?.countryCodeV2 ?? about.billingAddress?.countryCodeV2 ?? undefined,
    channel: about.sourceName ? clean(about.sourceName) : undefined,
    shipping: shippingOf(body),
    paid: paidOf(body, totalMinor),
    cancelled: about.cancelledAt
      ? {
          at: about.cancelledAt,
          reason: clean((about.cancelReason ?? 'other').toLowerCase()),
          restocked: refunds.some((one) => one.lines.some((each) => BACK.has(each.restockType))),
        }
      : undefined,
    refunds: refundsOf(body),
    parcels: parcelsOf(body),
    tags: tagsOf(about.tags),
  };
}

/** The order as the Admin API shows it, in the words in which its webhooks would have told it. */
export const fetchedOrder = defineTopic({
  topic: 'fetched/order',
  body: order,
  versions: ({ order: { id, updatedAt } }) => versionsOfOrder({ id: idOfGid(id), changedAt: updatedAt }),
  wants: ({ order: { id } }) => wantsOfOrder(idOfGid(id)),
  map: (body, { known, toldAt }) => sayOrder(whole(body), known, toldAt),
});
