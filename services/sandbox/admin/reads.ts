import { fulfillmentId } from '../bodies/after-sale.ts';
import { amount } from '../bodies/money.ts';
import { cancellationRefundId } from '../bodies/order.ts';
import { CURRENCY, type Product, type Variant } from '../catalogue/goods.ts';
import { gidOf, ID_BASE } from '../catalogue/identity.ts';
import type { Customer } from '../catalogue/people.ts';
import type { Order } from '../world/order.ts';
import type { World } from '../world/world.ts';

/** What a reader asks of the Admin API that no write of ours needs: the fields that webhooks tell otherwise. */

const iso = (ms: number) => new Date(ms).toISOString();
const bag = (minor: number) => ({ shopMoney: { amount: amount(minor), currencyCode: CURRENCY } });

export function orderFields(world: World, order: Order): object {
  const address = { countryCodeV2: order.countryCode };
  return {
    test: false,
    createdAt: iso(order.atMs),
    updatedAt: iso(world.touchedAt(`order:${order.id}`, order.atMs)),
    currencyCode: CURRENCY,
    sourceName: 'web',
    paymentGatewayNames: [order.gateway],
    customer: order.customer ? { id: gidOf('Customer', order.customer.id) } : null,
    shippingAddress: address,
    billingAddress: address,
    shippingLine: order.shippingMinor > 0 ? { code: 'standard', title: 'Standard' } : null,
    customAttributes: [{ key: 'promised_at', value: iso(order.promisedAtMs) }],
    fulfillments: () => [...order.state.parcels].map(([part, parcel]) => parcelView(world, order, part, parcel)),
  };
}

function parcelView(world: World, order: Order, part: number, { atMs, carrier }: { atMs: number; carrier: string }) {
  const units = [...(world.parts(order)[part]?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  return {
    id: gidOf('Fulfillment', fulfillmentId(order.id, part)),
    status: 'SUCCESS',
    createdAt: iso(atMs),
    totalQuantity: units,
    estimatedDeliveryAt: iso(order.promisedAtMs),
    trackingInfo: [{ company: carrier }],
  };
}

export function lineFields(order: Order, index: number): object {
  const { variant, priceMinor } = order.lines[index]!;
  return {
    isGiftCard: false,
    originalUnitPriceSet: bag(priceMinor),
    product: { id: gidOf('Product', variant.productId) },
  };
}

interface RefundView {
  readonly id: number;
  readonly note: string;
  readonly minor: number;
  readonly atMs: number;
  readonly lines: readonly { readonly sku: string; readonly units: number; readonly restocked: boolean }[];
  /** Part of a cancellation, as its webhook tells it. */
  readonly cancels?: boolean;
}

/** The shop's own refunds, and those that were written to it. */
export function refundsOf(world: World, order: Order): RefundView[] {
  const planned = order.state.refunds.map(({ refund, atMs }) => ({
    id: refund.id,
    note: refund.note,
    minor: refund.lines.reduce((sum, line) => sum + line.units * line.priceMinor, refund.otherMinor),
    atMs,
    lines: refund.lines.map(({ variant, units, restocked }) => ({ sku: variant.sku, units, restocked })),
  }));
  const written = world.writes(order.id).refunds.map((refund) => ({
    ...refund,
    lines: refund.lines.map(({ index, units, restocked = false }) => ({
      sku: order.lines[index]!.variant.sku,
      units,
      restocked,
    })),
  }));
  return [...planned, ...written, ...cancellation(world, order)];
}

/** What a cancellation puts back on the shelf stands with it as a refund of its own, without money. */
function cancellation(world: World, order: Order): RefundView[] {
  const atMs = world.cancelledAt(order);
  const restocked = order.state.cancelledAtMs !== null || world.writes(order.id).cancelled?.restocked === true;
  if (atMs === null || !restocked) return [];
  const lines = order.lines.map(({ variant, units }) => ({ sku: variant.sku, units, restocked }));
  return [{ id: cancellationRefundId(order.id), note: '', minor: 0, atMs, lines, cancels: true }];
}

/** Refunds have no index of their own: their ids begin where refunds begin. */
export function findRefund(world: World, id: number): RefundView | undefined {
  if (id < ID_BASE.refund) return undefined;
  for (const order of world.orders.values()) {
    const found = refundsOf(world, order).find((refund) => refund.id === id);
    if (found) return found;
  }
  return undefined;
}

export function refundView(refund: RefundView): object {
  const lines = refund.lines.map(({ sku, units, restocked }) => ({
    quantity: units,
    restockType: refund.cancels ? 'CANCEL' : restocked ? 'RETURN' : 'NO_RESTOCK',
    lineItem: { sku },
  }));
  return {
    id: gidOf('Refund', refund.id),
    note: refund.note,
    createdAt: iso(refund.atMs),
    totalRefundedSet: bag(refund.minor),
    refundLineItems: (args: PageArguments) => pageOf(lines, args),
  };
}

export function productFields(world: World, product: Product): object {
  return {
    vendor: product.variants[0]?.supplier ?? '',
    productType: product.category,
    updatedAt: iso(world.touchedAt(`product:${product.id}`, world.openedMs)),
  };
}

export function itemFields(variant: Variant): object {
  return { unitCost: { amount: amount(variant.costMinor), currencyCode: CURRENCY } };
}

export function customerFields(world: World, customer: Customer): object {
  return {
    firstName: customer.firstName,
    lastName: customer.lastName,
    updatedAt: iso(world.touchedAt(`customer:${customer.id}`, world.openedMs)),
    defaultEmailAddress: {
      emailAddress: customer.email,
      marketingState: world.subscribed(customer) ? 'SUBSCRIBED' : 'NOT_SUBSCRIBED',
    },
    defaultPhoneNumber: { phoneNumber: customer.phone },
    defaultAddress: {
      address1: customer.street,
      address2: null,
      city: customer.city,
      zip: customer.zip,
      country: customer.country,
      countryCodeV2: customer.countryCode,
    },
  };
}

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

const LONGEST_PAGE = 250;

/** A page of a list; the cursor is the place in it. */
export function pageOf<Node>(all: readonly Node[], { first, after }: PageArguments): object {
  const from = after ? Number(after) : 0;
  const nodes = all.slice(from, from + Math.min(first ?? LONGEST_PAGE, LONGEST_PAGE));
  const end = from + nodes.length;
  return { nodes, pageInfo: { hasNextPage: end < all.length, endCursor: nodes.length === 0 ? null : String(end) } };
}

/** Understands `updated_at:>='…'`, the one search that a reader needs; the oldest change first. */
export function changedSince<Thing>(
  things: Iterable<Thing>,
  touchedAt: (thing: Thing) => number,
  query: string | null | undefined,
): Thing[] {
  const since = /^updated_at:>='([^']+)'$/.exec(query ?? '')?.[1];
  const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  return [...things]
    .map((thing) => ({ thing, atMs: touchedAt(thing) }))
    .filter(({ atMs }) => atMs >= sinceMs)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ thing }) => thing);
}
