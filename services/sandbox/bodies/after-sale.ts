import { fulfillmentOrderId, gidOf, ID_BASE, lineId } from '../catalogue/identity.ts';
import type { Order, Refund } from '../world/order.ts';
import { addressBody } from './catalogue.ts';
import { amount, iso, moneySet } from './money.ts';
import { lineBody } from './order.ts';

export const fulfillmentId = (order: number, part: number) => order - ID_BASE.order + ID_BASE.fulfillment + part;

const TRACKING = new Set(['DPD', 'Parcelforce', 'DHL Express']);

/** `units` by line: a part of a split order carries less than the whole. */
export function fulfillmentBody(
  order: Order,
  part: number,
  units: ReadonlyMap<number, number>,
  carrier: string,
  atMs: number,
): string {
  const id = fulfillmentId(order.id, part);
  const lines = [...units].map(([index, count]) => {
    const line = order.lines[index]!;
    return lineBody(order.id, index, line.variant, count, line.priceMinor, 0);
  });
  const tracking = TRACKING.has(carrier) ? `"ZZ${id}"` : 'null';
  return `{"id":${id},"admin_graphql_api_id":"gid://shopify/Fulfillment/${id}","order_id":${order.id},"status":"success","created_at":"${iso(atMs)}","service":"manual","updated_at":"${iso(atMs)}","tracking_company":"${carrier}","shipment_status":null,"location_id":null,"origin_address":null,"email":${order.customer ? `"${order.customer.email}"` : 'null'},"destination":${order.customer ? addressBody(order.customer) : 'null'},"estimated_delivery_at":"${iso(order.promisedAtMs)}","line_items":[${lines.join(',')}],"tracking_number":${tracking},"tracking_numbers":${tracking === 'null' ? '[]' : `[${tracking}]`},"tracking_url":null,"tracking_urls":[],"receipt":{},"name":"${order.name}.${part + 1}"}`;
}

export function transitBody(
  order: Order,
  part: number,
  status: string,
  estimatedAtMs: number,
  carrier: string,
  atMs: number,
): string {
  const id =
    fulfillmentId(order.id, part) -
    ID_BASE.fulfillment +
    ID_BASE.fulfillmentEvent +
    (status === 'delivered' ? 1_000_000_000_000 : 0);
  return JSON.stringify({
    id,
    fulfillment_id: fulfillmentId(order.id, part),
    status,
    message: `${carrier}: ${status}`,
    happened_at: iso(atMs),
    city: null,
    province: null,
    country: order.countryCode,
    zip: null,
    address1: null,
    latitude: null,
    longitude: null,
    shop_id: 1,
    created_at: iso(atMs),
    updated_at: iso(atMs),
    estimated_delivery_at: iso(estimatedAtMs),
    order_id: order.id,
    admin_graphql_api_id: gidOf('FulfillmentEvent', id),
  });
}

export function refundBody(refund: Refund, atMs: number): string {
  const lines = refund.lines.map((line, place) => {
    const value = line.units * line.priceMinor;
    const index = line.index ?? place;
    const id = lineId(refund.orderId, index);
    return `{"id":${refund.id * 1_000 + place},"quantity":${line.units},"line_item_id":${id},"location_id":null,"restock_type":"${line.restocked ? 'return' : 'no_restock'}","subtotal":${amount(value)},"total_tax":0,"subtotal_set":${moneySet(value)},"total_tax_set":${moneySet(0)},"line_item":${lineBody(refund.orderId, index, line.variant, line.units, line.priceMinor, 0)}}`;
  });
  const lineValue = refund.lines.reduce((sum, line) => sum + line.units * line.priceMinor, 0);
  const total = lineValue + refund.otherMinor;
  const adjustments =
    refund.otherMinor === 0
      ? ''
      : `{"id":${refund.id},"order_id":${refund.orderId},"refund_id":${refund.id},"amount":"${amount(-refund.otherMinor)}","tax_amount":"0.00","kind":"refund_discrepancy","reason":"Refund discrepancy","amount_set":${moneySet(-refund.otherMinor)},"tax_amount_set":${moneySet(0)}}`;
  return `{"id":${refund.id},"order_id":${refund.orderId},"created_at":"${iso(atMs)}","note":${JSON.stringify(refund.note)},"user_id":null,"processed_at":"${iso(atMs)}","duties":[],"total_duties_set":${moneySet(0)},"return":null,"refund_shipping_lines":[],"restock":${refund.lines.some((line) => line.restocked)},"admin_graphql_api_id":"gid://shopify/Refund/${refund.id}","order_adjustments":[${adjustments}],"refund_line_items":[${lines.join(',')}],"transactions":[{"id":${refund.id + ID_BASE.transaction},"admin_graphql_api_id":"gid://shopify/OrderTransaction/${refund.id + ID_BASE.transaction}","amount":"${amount(total)}","currency":"GBP","created_at":"${iso(atMs)}","gateway":"${refund.order?.gateway ?? 'manual'}","kind":"refund","status":"success","order_id":${refund.orderId},"parent_id":null,"test":false}]}`;
}

export function riskBody(order: Order, level: string, signals: readonly string[], atMs: number): string {
  return JSON.stringify({
    order_id: order.id,
    admin_graphql_api_order_id: gidOf('Order', order.id),
    provider_id: 1,
    provider_title: 'Simulated payment provider',
    risk_level: level,
    created_at: iso(atMs),
    facts: signals.map((description) => ({ sentiment: 'negative', description })),
  });
}

export function disputeBody(order: Order, atMs: number): string {
  return JSON.stringify({
    id: order.id - ID_BASE.order + ID_BASE.dispute,
    order_id: order.id,
    type: 'chargeback',
    amount: amount(order.totalMinor),
    currency: 'GBP',
    reason: 'fraudulent',
    network_reason_code: '4837',
    status: 'needs_response',
    evidence_due_by: iso(atMs + 7 * 86_400_000),
    evidence_sent_on: null,
    finalized_on: null,
    initiated_at: iso(atMs),
  });
}

export interface HoldView {
  readonly id: number;
  readonly reason: string;
  readonly notes: string | null;
  readonly handle: string;
}

/** `order_id` and `handle` are additions of ours to Shopify's payload, which names neither. */
export function holdBody(
  order: number,
  part: number,
  status: string,
  holds: readonly HoldView[],
  atMs: number,
): string {
  return JSON.stringify({
    fulfillment_order: {
      id: gidOf('FulfillmentOrder', fulfillmentOrderId(order, part)),
      order_id: gidOf('Order', order),
      status,
      updated_at: iso(atMs),
      fulfillment_holds: holds.map((hold) => ({
        id: gidOf('FulfillmentHold', hold.id),
        held_by_requesting_app: true,
        reason: hold.reason.toLowerCase(),
        reason_notes: hold.notes,
        handle: hold.handle,
      })),
    },
    remaining_fulfillment_order: null,
    held_fulfillment_order_line_items: [],
  });
}
