import type { Lane } from '#shared/connectors/call.ts';
import { isMail } from './customer-mail.ts';

/** Action types in order of urgency: what prevents harm, then what a person waits for, then bulk. */
export const URGENT_TYPES = [
  'order.hold',
  'promotion.pause',
  'order.cancel',
  'stock.correct',
  'refund.issue',
  'order.release',
  'credit.give',
] as const;

export const BULK_TYPES = [
  'promotion.end',
  'stock.reserve',
  'order.split',
  'order.upgrade',
  'shipping.offer',
  'reorder.cancel',
  'reorder.place',
  'product.archive',
  'price.set',
  'promotion.launch',
  'order.tag',
  'feed.push',
  'coupon.give',
  'notice.send',
  'campaign.send',
] as const;

const URGENT: ReadonlySet<string> = new Set(URGENT_TYPES);

export const laneOf = (type: string): Lane => (URGENT.has(type) ? 'urgent' : 'bulk');

/** The types of each lane that may be taken, in order of urgency. */
export interface LaneTypes {
  readonly urgent: readonly string[];
  readonly bulk: readonly string[];
}

export const ALL_LANES: LaneTypes = { urgent: URGENT_TYPES, bulk: BULK_TYPES };
export const MAIL_LANES: LaneTypes = { urgent: [], bulk: BULK_TYPES.filter(isMail) };
export const STORE_LANES: LaneTypes = { urgent: URGENT_TYPES, bulk: BULK_TYPES.filter((type) => !isMail(type)) };

/** How many actions may be taken: `urgent` is all that is free, `bulk` what of it bulk may fill. */
export interface Places {
  readonly urgent: number;
  readonly bulk: number;
}

/** Bulk never fills the places that are kept for the urgent. */
export function placesFor(underWay: number, atOnce: number, keptForUrgent: number): Places {
  const free = Math.max(0, atOnce - underWay);
  return { urgent: free, bulk: Math.max(0, free - keptForUrgent) };
}

export function lessPlaces({ urgent, bulk }: Places, taken: number): Places {
  return { urgent: Math.max(0, urgent - taken), bulk: Math.max(0, bulk - taken) };
}
