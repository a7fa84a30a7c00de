import { holdBody, refundBody } from '../bodies/after-sale.ts';
import { customerBody } from '../bodies/catalogue.ts';
import { orderBody } from '../bodies/order.ts';
import { derivedHex } from '../catalogue/draw.ts';
import { CURRENCY } from '../catalogue/goods.ts';
import {
  FULFILLMENT_ORDERS,
  fulfillmentOrderId,
  gidOf,
  ID_BASE,
  lineIndex,
  numberOf,
  orderOfFulfillmentOrder,
} from '../catalogue/identity.ts';
import type { Order, RefundLine } from '../world/order.ts';
import { present } from '../world/present.ts';
import { keysOf, viewOf } from '../world/present-sale.ts';
import type { Hold, OrderWrites } from '../world/records.ts';
import { shopifyWebhook } from '../world/webhook.ts';
import type { Draft, Fault } from './ledgered.ts';
import type { Views } from './views.ts';
import { minorOf } from './writes-goods.ts';

type Decided<Answer> = { answer: Answer } | { faults: Fault[] };

const fault = (field: string[] | null, message: string, code: string | null): { faults: Fault[] } => ({
  faults: [{ field, message, code }],
});
const HANDLE_LENGTH = 64;
const HOLDS = 10;

function partOf(draft: Draft, gid: string): { order: Order; part: number; writes: OrderWrites } | undefined {
  const id = numberOf(gid, 'FulfillmentOrder');
  if (id === undefined) return undefined;
  const { order: orderId, part } = orderOfFulfillmentOrder(id);
  const order = draft.world.orders.get(orderId);
  if (!order || part >= draft.world.parts(order).length) return undefined;
  return { order, part, writes: draft.world.writes(order.id) };
}

const isOpen = (draft: Draft, order: Order, part: number) =>
  draft.world.cancelledAt(order) === null && !order.state.fulfilled.has(part);
const keep = (draft: Draft, order: Order, writes: OrderWrites) => draft.put('order', String(order.id), writes);
const serial = (draft: Draft, salt = '') => Number.parseInt(derivedHex(`${draft.ref}${salt}`).slice(0, 9), 16);

interface HoldInput {
  readonly reason: string;
  readonly reasonNotes?: string | null;
  readonly handle?: string;
}

export function holdOrder(
  draft: Draft,
  args: { id: string; fulfillmentHold: HoldInput },
): Decided<{ hold: Hold; fulfillmentOrder: string }> {
  const found = partOf(draft, args.id);
  if (!found) return fault(['id'], 'Fulfillment order could not be found.', 'FULFILLMENT_ORDER_NOT_FOUND');
  const { order, part, writes } = found;
  const handle = args.fulfillmentHold.handle ?? '';
  const holds = writes.holds.filter((hold) => hold.part === part);
  if (!isOpen(draft, order, part))
    return fault(['id'], 'The fulfillment order is not in a state in which it can be held.', null);
  if (handle.length > HANDLE_LENGTH)
    return fault(['fulfillmentHold', 'handle'], `Handle is too long (maximum is ${HANDLE_LENGTH} characters)`, null);
  if (holds.some((hold) => hold.handle === handle))
    return fault(
      ['fulfillmentHold', 'handle'],
      'The handle provided for the fulfillment hold is already in use by this app for another hold on this fulfillment order.',
      'DUPLICATE_FULFILLMENT_HOLD_HANDLE',
    );
  if (holds.length >= HOLDS)
    return fault(
      ['id'],
      'The maximum number of fulfillment holds for this fulfillment order has been reached.',
      'FULFILLMENT_ORDER_HOLD_LIMIT_REACHED',
    );
  const hold: Hold = {
    id: ID_BASE.hold + serial(draft),
    part,
    reason: args.fulfillmentHold.reason,
    notes: args.fulfillmentHold.reasonNotes ?? null,
    handle,
    atMs: draft.atMs,
  };
  keep(draft, order, { ...writes, holds: [...writes.holds, hold] });
  draft.effect(args.id);
  tellHold(draft, order, part, 'fulfillment_orders/placed_on_hold', 'on_hold', [...holds, hold]);
  return { answer: { hold, fulfillmentOrder: args.id } };
}

function tellHold(
  draft: Draft,
  order: Order,
  part: number,
  topic: string,
  status: string,
  holds: readonly Hold[],
): void {
  draft.tell(() =>
    shopifyWebhook(draft.world, topic, `${draft.ref}|${part}`, draft.atMs, { keys: keysOf(order) }, () =>
      holdBody(order.id, part, status, holds, draft.atMs),
    ),
  );
}

/** Without ids every hold goes. What had waited for the release happens now. */
export function releaseOrder(
  draft: Draft,
  args: { id: string; holdIds?: string[] | null },
): Decided<{ fulfillmentOrder: string }> {
  const found = partOf(draft, args.id);
  if (!found) return fault(['id'], 'Fulfillment order could not be found.', 'FULFILLMENT_ORDER_NOT_FOUND');
  const { order, part, writes } = found;
  const gone = writes.holds.filter(
    (hold) => hold.part === part && (args.holdIds == null || args.holdIds.includes(gidOf('FulfillmentHold', hold.id))),
  );
  if (gone.length === 0) return { answer: { fulfillmentOrder: args.id } };
  const left = writes.holds.filter((hold) => !gone.includes(hold));
  keep(draft, order, { ...writes, holds: left });
  draft.effect(args.id);
  tellHold(
    draft,
    order,
    part,
    'fulfillment_orders/hold_released',
    left.some((hold) => hold.part === part) ? 'on_hold' : 'open',
    gone,
  );
  draft.tell(() => unpark(draft, order), false);
  return { answer: { fulfillmentOrder: args.id } };
}

function unpark(draft: Draft, order: Order) {
  const { parked } = order.state;
  order.state.parked = [];
  return parked.flatMap((step) => present(draft.world, { ...step, atMs: Math.max(step.atMs, draft.atMs) }));
}

export interface SplitInput {
  readonly fulfillmentOrderId: string;
  readonly fulfillmentOrderLineItems: readonly { id: string; quantity: number }[];
}

/** The named lines go into a new fulfilment order; the rest stays where it was. */
export function splitOrder(draft: Draft, split: SplitInput): Decided<{ from: string; to: string }> {
  const found = partOf(draft, split.fulfillmentOrderId);
  if (!found)
    return fault(['fulfillmentOrderSplits'], 'Fulfillment order could not be found.', 'FULFILLMENT_ORDER_NOT_FOUND');
  const { order, part, writes } = found;
  if (!isOpen(draft, order, part))
    return fault(['fulfillmentOrderSplits'], 'The fulfillment order cannot be split in its state.', null);
  const parts = draft.world.parts(order).map((units) => new Map(units));
  const source = parts[part]!;
  const moved = new Map<number, number>();
  for (const { id, quantity } of split.fulfillmentOrderLineItems) {
    const index = lineIndex(order.id, numberOf(id, 'FulfillmentOrderLineItem') ?? 0);
    const units = source.get(index) ?? 0;
    if (quantity < 1) return fault(['fulfillmentOrderSplits'], 'Quantity must be greater than 0.', 'GREATER_THAN');
    if (quantity > units)
      return fault(
        ['fulfillmentOrderSplits'],
        'Invalid fulfillment order line item quantity requested.',
        'INVALID_LINE_ITEM_QUANTITY',
      );
    if (quantity === units) source.delete(index);
    else source.set(index, units - quantity);
    moved.set(index, (moved.get(index) ?? 0) + quantity);
  }
  if (moved.size === 0 || source.size === 0)
    return fault(
      ['fulfillmentOrderSplits'],
      'A split must leave something on both sides.',
      'INVALID_LINE_ITEM_QUANTITY',
    );
  if (parts.length >= FULFILLMENT_ORDERS)
    return fault(['fulfillmentOrderSplits'], 'The fulfillment order cannot be split any further.', null);
  parts.push(moved);
  keep(draft, order, { ...writes, parts: parts.map((units) => Object.fromEntries(units)) });
  const to = gidOf('FulfillmentOrder', fulfillmentOrderId(order.id, parts.length - 1));
  draft.effect(split.fulfillmentOrderId);
  tellOrder(draft, order, 'orders/updated');
  return { answer: { from: split.fulfillmentOrderId, to } };
}

function tellOrder(draft: Draft, order: Order, topic: string): void {
  draft.tell(() => {
    const view = viewOf(draft.world, order, draft.atMs);
    return shopifyWebhook(draft.world, topic, draft.ref, draft.atMs, { keys: keysOf(order) }, () =>
      orderBody(order, view),
    );
  });
}

export function cancelOrder(
  draft: Draft,
  args: { orderId: string; reason: string; restock: boolean; staffNote?: string | null },
): Decided<{ job: string }> {
  const order = draft.world.orders.get(numberOf(args.orderId, 'Order') ?? 0);
  if (!order) return fault(['orderId'], 'Order does not exist', 'NOT_FOUND');
  if (draft.world.cancelledAt(order) !== null) return fault(['orderId'], 'Order has already been canceled', 'INVALID');
  if (order.state.fulfilled.size > 0) return fault(['orderId'], 'Cannot cancel a fulfilled order', 'INVALID');
  const writes = draft.world.writes(order.id);
  keep(draft, order, {
    ...writes,
    holds: [],
    cancelled: {
      atMs: draft.atMs,
      reason: args.reason.toLowerCase(),
      note: args.staffNote ?? null,
      restocked: args.restock,
    },
  });
  if (args.restock)
    restock(
      draft,
      order.lines.map((line, index) => ({
        itemId: line.variant.itemId,
        units: line.units - (order.state.refunded.get(index) ?? 0),
      })),
    );
  draft.effect(args.orderId);
  tellOrder(draft, order, 'orders/cancelled');
  return { answer: { job: `gid://shopify/Job/${derivedHex(draft.ref)}` } };
}

/** Levels change in silence here: the webhook of the order or the refund says what is back on the shelf. */
function restock(draft: Draft, lines: readonly { itemId: number; units: number }[]): void {
  const byItem = new Map<number, number>();
  for (const { itemId, units } of lines) byItem.set(itemId, (byItem.get(itemId) ?? 0) + units);
  for (const [itemId, units] of byItem)
    draft.put('level', String(itemId), (draft.world.records.level.get(String(itemId)) ?? 0) + units);
}

interface RefundInput {
  readonly orderId: string;
  readonly note?: string | null;
  readonly allowOverRefunding?: boolean;
  readonly refundLineItems?: readonly { lineItemId: string; quantity: number; restockType?: string }[];
  readonly shipping?: { amount?: unknown };
  readonly transactions?: readonly { amount: unknown }[];
}

export function createRefund(
  draft: Draft,
  input: RefundInput,
  views: Views,
): Decided<{ order: string; refund: { id: number; note: string; minor: number; atMs: number } }> {
  const order = draft.world.orders.get(numberOf(input.orderId, 'Order') ?? 0);
  if (!order) return fault(['orderId'], 'Order does not exist', null);
  const lines: RefundLine[] = [];
  for (const [place, item] of (input.refundLineItems ?? []).entries()) {
    const index = lineIndex(order.id, numberOf(item.lineItemId, 'LineItem') ?? 0);
    const line = order.lines[index];
    const at = ['input', 'refundLineItems', String(place)];
    if (!line) return fault([...at, 'lineItemId'], 'Line item does not exist', null);
    if (item.quantity < 1 || item.quantity > views.refundable(order, index))
      return fault([...at, 'quantity'], 'Quantity cannot refund more items than were purchased', null);
    const restocked = item.restockType === 'RETURN' || item.restockType === 'CANCEL';
    lines.push({ variant: line.variant, index, units: item.quantity, priceMinor: line.priceMinor, restocked });
  }
  const lineMinor = lines.reduce((sum, line) => sum + line.units * line.priceMinor, 0);
  const amounts = (input.transactions ?? []).map((transaction) => minorOf(transaction.amount));
  const shippingMinor = input.shipping?.amount === undefined ? 0 : minorOf(input.shipping.amount);
  if (amounts.some((minor) => minor === undefined || minor <= 0) || shippingMinor === undefined || shippingMinor < 0)
    return fault(['transactions'], 'Amount is invalid', null);
  const paid = amounts.length > 0 ? amounts.reduce<number>((sum, minor) => sum + minor!, 0) : lineMinor + shippingMinor;
  const writes = draft.world.writes(order.id);
  const before = writes.refunds.reduce((sum, refund) => sum + refund.minor, 0);
  if (paid <= 0) return fault(null, 'Refund must have an amount, lines or shipping', null);
  if (!input.allowOverRefunding && before + paid > order.totalMinor)
    return fault(['transactions'], 'Refund amount cannot exceed the net payment of the order', null);
  const kept = {
    id: ID_BASE.refund + 600_000_000 + serial(draft),
    note: input.note ?? '',
    minor: paid,
    atMs: draft.atMs,
    lines: lines.map((line) => ({ index: line.index!, units: line.units, restocked: line.restocked })),
  };
  keep(draft, order, { ...writes, refunds: [...writes.refunds, kept] });
  restock(
    draft,
    lines.filter((line) => line.restocked).map((line) => ({ itemId: line.variant.itemId, units: line.units })),
  );
  draft.effect(input.orderId);
  const refund = { id: kept.id, orderId: order.id, order, lines, otherMinor: paid - lineMinor, note: kept.note };
  draft.tell(() =>
    shopifyWebhook(draft.world, 'refunds/create', draft.ref, draft.atMs, { keys: keysOf(order) }, () =>
      refundBody(refund, draft.atMs),
    ),
  );
  return { answer: { order: input.orderId, refund: kept } };
}

export function addTags(draft: Draft, args: { id: string; tags: string[] }): Decided<{ id: string }> {
  const tags = args.tags
    .flatMap((tag) => tag.split(','))
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length === 0) return fault(['tags'], 'Tags must be present', null);
  const order = draft.world.orders.get(numberOf(args.id, 'Order') ?? 0);
  if (order) {
    const writes = draft.world.writes(order.id);
    keep(draft, order, { ...writes, tags: [...new Set([...writes.tags, ...tags])] });
    draft.effect(args.id);
    tellOrder(draft, order, 'orders/updated');
    return { answer: { id: args.id } };
  }
  const customer = draft.world.customers.get(numberOf(args.id, 'Customer') ?? 0);
  if (!customer) return fault(['id'], 'Node could not be found', null);
  draft.put('tags', args.id, [...new Set([...(draft.world.records.tags.get(args.id) ?? []), ...tags])]);
  draft.effect(args.id);
  draft.tell(() => {
    const subscribed = draft.world.subscribed(customer);
    return shopifyWebhook(
      draft.world,
      'customers/update',
      draft.ref,
      draft.atMs,
      { keys: [`customer:${customer.id}`] },
      () => customerBody(customer, subscribed, draft.atMs),
    );
  });
  return { answer: { id: args.id } };
}

export function giveCredit(
  draft: Draft,
  args: { id: string; creditInput: { creditAmount: { amount: unknown; currencyCode: string } } },
): Decided<{ account: number; minor: number; balance: number; transaction: number; atMs: number }> {
  const { amount, currencyCode } = args.creditInput.creditAmount;
  const account = numberOf(args.id, 'StoreCreditAccount');
  const customer = numberOf(args.id, 'Customer') ?? account;
  const field = ['creditInput', 'creditAmount', 'amount'];
  const known =
    customer !== undefined &&
    draft.world.customers.has(customer) &&
    (account === undefined || draft.world.records.credit.has(String(account)));
  if (!known)
    return fault(
      ['id'],
      account === undefined ? 'Owner does not exist' : 'Store credit account does not exist',
      account === undefined ? 'OWNER_NOT_FOUND' : 'ACCOUNT_NOT_FOUND',
    );
  const minor = minorOf(amount);
  if (minor === undefined || minor <= 0)
    return fault(field, 'A positive amount must be used to credit a store credit account', 'NEGATIVE_OR_ZERO_AMOUNT');
  if (currencyCode !== CURRENCY)
    return fault(
      field,
      'The currency provided does not match the currency of the store credit account',
      'MISMATCHING_CURRENCY',
    );
  const before = draft.world.records.credit.get(String(customer))?.given ?? [];
  const balance = before.reduce((sum, credit) => sum + credit.minor, minor);
  const id = serial(draft);
  draft.put('credit', String(customer), { customer, given: [...before, { id, minor, atMs: draft.atMs }] });
  draft.effect(args.id);
  return { answer: { account: customer, minor, balance, transaction: id, atMs: draft.atMs } };
}
