import { hash32 } from '#shared/kernel/ids.ts';

/**
 * Platform ids from names. All stay below 2^53, where JSON numbers are exact. Two names with one hash take the next free
 * number, in the order in which they are asked for, so the caller asks in a fixed order.
 */
export function idMaker(base: number): (name: string) => number {
  const taken = new Set<number>();
  return (name) => {
    let id = base + hash32(name);
    while (taken.has(id)) id += 1;
    taken.add(id);
    return id;
  };
}

export const ID_BASE = {
  product: 8_000_000_000_000,
  variant: 44_000_000_000_000,
  item: 46_000_000_000_000,
  customer: 7_000_000_000_000,
  order: 5_000_000_000_000,
  refund: 900_000_000_000,
  fulfillment: 4_000_000_000_000,
  fulfillmentEvent: 30_000_000_000_000,
  transaction: 6_000_000_000_000,
  discount: 1_400_000_000_000,
  hold: 2_000_000_000_000,
  dispute: 80_000_000_000,
} as const;

/** Orders lie four apart, so that the ids of their lines and fulfilment orders are sums and no list of them is kept. */
const ORDER_STEP = 4;
const FULFILLMENT_ORDER_OFFSET = 1_000_000_000_000;
/** A fulfilment order can be split into at most this many. */
export const FULFILLMENT_ORDERS = ORDER_STEP;

export const orderId = (number: number) => ID_BASE.order + number * ORDER_STEP;
export const lineId = (order: number, index: number) => order * 1_000 + index;
export const lineIndex = (order: number, line: number) => line - order * 1_000;
export const fulfillmentOrderId = (order: number, part: number) => order + FULFILLMENT_ORDER_OFFSET + part;

/** The order of a fulfilment order, and which part of it. */
export function orderOfFulfillmentOrder(id: number): { order: number; part: number } {
  const part = (id - FULFILLMENT_ORDER_OFFSET - ID_BASE.order) % ORDER_STEP;
  return { order: id - FULFILLMENT_ORDER_OFFSET - part, part };
}

/** `gid://shopify/Order/12` to 12; undefined when it is of another kind or malformed. */
export function numberOf(gid: string, kind: string): number | undefined {
  const match = /^gid:\/\/shopify\/([A-Za-z]+)\/(\d{1,16})$/.exec(gid);
  return match?.[1] === kind ? Number(match[2]) : undefined;
}

export const gidOf = (kind: string, id: number) => `gid://shopify/${kind}/${id}`;
