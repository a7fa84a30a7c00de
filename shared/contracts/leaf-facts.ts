import { DAY_MS, dayNumber, type Instant, plus } from '#shared/kernel/time.ts';
import { COUPON_MS } from './actions/coupon-give.ts';
import { totalOver } from './demand.ts';
import { disputeOf } from './disputed.ts';
import type { FactView } from './facts.ts';
import { holdsOn } from './holds.ts';
import { kindOf, type ResourceKey } from './resource.ts';

/** What the facts say of a leaf, as far as a projection needs it, before anything is laid upon it. */
export type LeafFacts =
  | {
      readonly kind: 'sku';
      readonly priceMinor: number | undefined;
      readonly costMinor: number | undefined;
      readonly lowestMinor: number | undefined;
      readonly mapMinor: number | undefined;
      readonly feedMinor: number | undefined;
      readonly available: number | undefined;
      readonly stock: number | undefined;
      /** Units that were sold while a fall of the price still concerns those who bought. */
      readonly soldLately: number;
      readonly clearing: boolean;
      readonly archived: boolean;
    }
  | {
      readonly kind: 'order';
      readonly capturedMinor: number | undefined;
      readonly refundedMinor: number;
      readonly disputed: boolean;
      readonly damaged: boolean;
      readonly shipped: boolean;
      readonly labelled: boolean;
      readonly holds: readonly string[];
    }
  | {
      readonly kind: 'customer';
      readonly complaint: boolean;
      readonly disputed: boolean;
      readonly consent?: boolean;
      readonly sinceOrderMs?: number;
      readonly coupons: number;
    }
  | { readonly kind: 'other' };

/** EU Omnibus, article 6a: an announced reduction is measured against the lowest price of so many days. */
const REFERENCE_MS = 30 * DAY_MS;
/** A customer who bought so lately would ask for the difference when the price falls. */
const PRICE_PROMISE_DAYS = 14;
/** A complaint has no end of its own; after this long it is taken to be settled. */
const COMPLAINT_MS = 30 * DAY_MS;

export function readLeaf(leaf: ResourceKey, facts: FactView, now: Instant): LeafFacts {
  switch (kindOf(leaf)) {
    case 'sku':
      return readSku(leaf, facts, now);
    case 'order':
      return readOrder(leaf, facts);
    case 'customer':
      return readCustomer(leaf, facts, now);
    default:
      return { kind: 'other' };
  }
}

function readSku(leaf: ResourceKey, facts: FactView, now: Instant): LeafFacts {
  const sold = facts.get(leaf, 'sold')?.value;
  return {
    kind: 'sku',
    priceMinor: facts.get(leaf, 'price')?.value.minor,
    costMinor: facts.get(leaf, 'cost')?.value.minor,
    lowestMinor: lowestLately(facts.get(leaf, 'price-history')?.value, now),
    mapMinor: facts.get(leaf, 'map')?.value.minor,
    feedMinor: facts.get(leaf, 'feed-price')?.value.minor,
    available: facts.get(leaf, 'available')?.value.units,
    stock: facts.get(leaf, 'stock')?.value,
    soldLately: sold ? Math.max(0, totalOver(sold, dayNumber(now), PRICE_PROMISE_DAYS)) : 0,
    clearing: facts.get(leaf, 'price-plan')?.value.method === 'markdown',
    archived: facts.get(leaf, 'lifecycle')?.value === 'archived',
  };
}

/** The lowest of the prices asked in the time of reference; the one that was in force when it began is among them. */
function lowestLately(
  history: Readonly<Record<Instant, { readonly minor: number }>> | undefined,
  now: Instant,
): number | undefined {
  if (!history) return undefined;
  const since = plus(now, -REFERENCE_MS);
  let inForce: { readonly from: Instant; readonly minor: number } | undefined;
  let lowest: number | undefined;
  for (const [from, { minor }] of Object.entries(history)) {
    if (from > since) lowest = Math.min(lowest ?? minor, minor);
    else if (!inForce || from > inForce.from) inForce = { from, minor };
  }
  return inForce ? Math.min(lowest ?? inForce.minor, inForce.minor) : lowest;
}

function readOrder(leaf: ResourceKey, facts: FactView): LeafFacts {
  return {
    kind: 'order',
    capturedMinor: facts.get(leaf, 'paid')?.value.minor ?? facts.get(leaf, 'placed')?.value.totalMinor,
    refundedMinor: facts.get(leaf, 'refunded')?.value ?? 0,
    disputed: disputeOf(leaf, facts) === 'open',
    damaged: facts.get(leaf, 'damaged') !== undefined,
    shipped: facts.get(leaf, 'fulfilled') !== undefined,
    labelled: facts.get(leaf, 'label') !== undefined,
    holds: holdsOn(leaf, facts),
  };
}

function readCustomer(leaf: ResourceKey, facts: FactView, now: Instant): LeafFacts {
  const complaint = facts.get(leaf, 'complaint')?.value;
  const consent = facts.get(leaf, 'consent')?.value.email;
  const lastOrder = facts.get(leaf, 'last-order')?.value.at;
  const coupons = facts.get(leaf, 'coupons')?.value;
  return {
    kind: 'customer',
    complaint: complaint?.open === true && complaint.at > plus(now, -COMPLAINT_MS),
    disputed: Object.values(facts.get(leaf, 'disputes')?.value ?? {}).some(({ state = 'open' }) => state === 'open'),
    ...(consent === undefined ? {} : { consent }),
    ...(lastOrder === undefined ? {} : { sinceOrderMs: Date.parse(now) - Date.parse(lastOrder) }),
    coupons: coupons ? heldAt(Object.values(coupons), now) : 0,
  };
}

function heldAt(coupons: readonly { readonly at: Instant }[], now: Instant): number {
  const since = plus(now, -COUPON_MS);
  return coupons.filter(({ at }) => at > since).length;
}
