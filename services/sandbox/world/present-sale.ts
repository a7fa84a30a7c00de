import { unreachable } from '#shared/kernel/errors.ts';
import { disputeBody, fulfillmentBody, refundBody, riskBody, transitBody } from '../bodies/after-sale.ts';
import { type OrderView, orderBody } from '../bodies/order.ts';
import type { Order } from './order.ts';
import type { Delivery, Step } from './steps.ts';
import { shopifyWebhook } from './webhook.ts';
import type { World } from './world.ts';

type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;
type SaleStep = Of<'order' | 'paid' | 'risk' | 'fulfil' | 'transit' | 'cancel' | 'refund' | 'dispute'>;

/** The life of an order. What no longer fits (a parcel of a cancelled order) does not happen; what an order on hold keeps back waits. */
export function presentSale(world: World, step: SaleStep): Delivery[] {
  switch (step.kind) {
    case 'order':
      return place(world, step);
    case 'paid':
      return pay(world, step);
    case 'cancel':
      return cancel(world, step);
    case 'fulfil':
      return fulfil(world, step);
    case 'transit':
      return transit(world, step);
    case 'refund':
      return refund(world, step);
    case 'risk': {
      const { order, level, signals } = step;
      return [
        shopifyWebhook(world, 'orders/risk_assessment_changed', step.ref, step.atMs, { keys: keysOf(order) }, () =>
          riskBody(order, level, signals, step.atMs),
        ),
      ];
    }
    case 'dispute':
      return [
        shopifyWebhook(world, 'disputes/create', step.ref, step.atMs, { keys: keysOf(step.order) }, () =>
          disputeBody(step.order, step.atMs),
        ),
      ];
    default:
      return unreachable(step);
  }
}

export const keysOf = (order: Order) => [`order:${order.id}`];

/** How the order looks now, for a body made later. */
export function viewOf(world: World, order: Order, atMs: number): OrderView {
  const { cancelled, tags } = world.writes(order.id);
  return {
    updatedAtMs: atMs,
    paid: order.state.paid,
    fulfilled: order.state.fulfilled.size >= world.parts(order).length,
    cancelledAtMs: world.cancelledAt(order),
    cancelReason: order.state.cancelledAtMs !== null ? 'customer' : (cancelled?.reason ?? null),
    restocked: order.state.cancelledAtMs !== null || (cancelled?.restocked ?? false),
    tags,
    subscribed: order.customer !== null && world.subscribed(order.customer),
  };
}

function place(world: World, { order, ref, atMs }: Of<'order'>): Delivery[] {
  world.orders.set(order.id, order);
  if (order.customer !== null) world.customers.set(order.customer.id, order.customer);
  order.state.placed = true;
  for (const line of order.lines) world.move(line.variant.itemId, -line.units);
  // Money taken at once shares the merchant's action, and so Shopify's event id, with the order itself.
  const view: OrderView = { ...viewOf(world, order, atMs), cancelledAtMs: null, tags: [], fulfilled: false };
  const keys = [...keysOf(order), ...(order.customer ? [`customer:${order.customer.id}`] : [])];
  return [
    shopifyWebhook(
      world,
      'orders/create',
      ref,
      atMs,
      { keys, orderLines: order.lines.length, action: `order|${order.id}` },
      () => orderBody(order, view),
    ),
  ];
}

function pay(world: World, { order, ref, atMs }: Of<'paid'>): Delivery[] {
  if (world.cancelledAt(order) !== null) return [];
  order.state.paid = true;
  const view = viewOf(world, order, atMs);
  const atOnce = order.gateway === 'bank_transfer' ? {} : { action: `order|${order.id}` };
  return [
    shopifyWebhook(world, 'orders/paid', ref, atMs, { keys: keysOf(order), ...atOnce }, () => orderBody(order, view)),
  ];
}

function cancel(world: World, { order, ref, atMs }: Of<'cancel'>): Delivery[] {
  if (world.cancelledAt(order) !== null) return [];
  order.state.cancelledAtMs = atMs;
  for (const line of order.lines) world.move(line.variant.itemId, line.units);
  const view = viewOf(world, order, atMs);
  return [shopifyWebhook(world, 'orders/cancelled', ref, atMs, { keys: keysOf(order) }, () => orderBody(order, view))];
}

/** The parts that may leave do; while one is held the step is parked and happens again on its release. */
function fulfil(world: World, step: Of<'fulfil'>): Delivery[] {
  const { order, carrier, ref, atMs } = step;
  if (world.cancelledAt(order) !== null) return [];
  const deliveries: Delivery[] = [];
  let held = false;
  for (const [part, units] of world.parts(order).entries()) {
    if (order.state.fulfilled.has(part)) continue;
    if (world.isHeld(order, part, atMs)) {
      held = true;
      continue;
    }
    order.state.fulfilled.add(part);
    order.state.parcels.set(part, { atMs, carrier });
    const name = part === 0 ? ref : `${ref}|${part}`;
    deliveries.push(
      shopifyWebhook(world, 'fulfillments/create', name, atMs, { keys: keysOf(order) }, () =>
        fulfillmentBody(order, part, units, carrier, atMs),
      ),
    );
  }
  if (held) park(order, step);
  return deliveries;
}

function transit(world: World, step: Of<'transit'>): Delivery[] {
  const { order, status, estimatedAtMs, carrier, ref, atMs } = step;
  if (world.cancelledAt(order) !== null) return [];
  if (order.state.fulfilled.size < world.parts(order).length) park(order, step);
  return [...order.state.fulfilled].map((part) => {
    const name = part === 0 ? ref : `${ref}|${part}`;
    return shopifyWebhook(world, 'fulfillment_events/create', name, atMs, { keys: keysOf(order) }, () =>
      transitBody(order, part, status, estimatedAtMs, carrier, atMs),
    );
  });
}

function park(order: Order, step: Step): void {
  if (!order.state.parked.some((parked) => parked.ref === step.ref)) order.state.parked.push(step);
}

function refund(world: World, { refund: given, ref, atMs }: Of<'refund'>): Delivery[] {
  const { order } = given;
  if (order !== null && world.cancelledAt(order) !== null) return [];
  order?.state.refunds.push({ refund: given, atMs });
  for (const line of given.lines) {
    if (line.restocked) world.move(line.variant.itemId, line.units);
    if (order !== null && line.index !== null)
      order.state.refunded.set(line.index, (order.state.refunded.get(line.index) ?? 0) + line.units);
  }
  return [
    shopifyWebhook(world, 'refunds/create', ref, atMs, { keys: [`order:${given.orderId}`] }, () =>
      refundBody(given, atMs),
    ),
  ];
}
