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

/** How many of each lane may be taken now: bulk never fills the places that are kept for the urgent. */
export function placesFor(underWay: number, atOnce: number, keptForUrgent: number): { urgent: number; bulk: number } {
  const free = Math.max(0, atOnce - underWay);
  return { urgent: free, bulk: Math.max(0, free - keptForUrgent) };
}
