import type { FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { afterDiscount, priceForMargin } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';

/** No price is proposed that leaves less than this of itself above the cost. */
export const FLOOR_BASIS_POINTS = 1_500;
/** How far below the list price that people set a price may go, all steps together. */
const DEEPEST_CUT_BASIS_POINTS = 3_000;
/** How far above it a price may go. */
const HIGHEST_RISE_BASIS_POINTS = 500;
/** A smaller move is not worth the unrest; it also is the hysteresis between two prices. */
const SMALLEST_MOVE_BASIS_POINTS = 200;

/** Where the price of a SKU stands, and between which prices pricing may move it. */
export interface Position {
  readonly sku: string;
  readonly key: ResourceKey;
  readonly currency: string;
  readonly priceMinor: number;
  readonly costMinor: number;
  /** The list price as people last set it. */
  readonly referenceMinor: number;
  readonly lowestMinor: number;
  readonly highestMinor: number;
  /** What pricing itself last planned, while the price still is what came of it. */
  readonly plan: { readonly method: string; readonly at: Instant } | undefined;
}

/** The position, or in words why there is none: without a price and a cost in one currency nothing is proposed. */
export function positionOf(sku: string, facts: FactView): Position | string {
  const key = resource('sku', sku);
  const price = facts.get(key, 'price')?.value;
  const cost = facts.get(key, 'cost')?.value;
  if (!price || price.minor <= 0) return 'the list price is not known';
  if (!cost || cost.minor <= 0) return 'the cost is not known';
  if (price.currency !== cost.currency) return `price in ${price.currency}, cost in ${cost.currency}`;
  const lifecycle = facts.get(key, 'lifecycle')?.value;
  if (lifecycle && lifecycle !== 'active') return `the SKU is ${lifecycle}`;
  const planned = facts.get(key, 'price-plan');
  const ours = planned && isOutcomeOf(planned.value, price.minor) ? planned : undefined;
  const referenceMinor = ours ? ours.value.referenceMinor : price.minor;
  const floorMinor = priceForMargin(cost.minor, FLOOR_BASIS_POINTS);
  return {
    sku,
    key,
    currency: price.currency,
    priceMinor: price.minor,
    costMinor: cost.minor,
    referenceMinor,
    lowestMinor: Math.max(floorMinor, afterDiscount(referenceMinor, DEEPEST_CUT_BASIS_POINTS)),
    highestMinor: Math.floor((referenceMinor * (10_000 + HIGHEST_RISE_BASIS_POINTS)) / 10_000),
    plan: ours && { method: ours.value.method, at: ours.time },
  };
}

/** A price that no plan of ours explains was set by somebody else, and becomes the reference. */
function isOutcomeOf(plan: { fromMinor: number; lowMinor: number; highMinor: number }, priceMinor: number): boolean {
  return priceMinor === plan.fromMinor || (priceMinor >= plan.lowMinor && priceMinor <= plan.highMinor);
}

/** The smallest move worth making from the present price, in minor units. */
export function smallestMove(position: Position): number {
  return Math.max(1, Math.ceil((position.priceMinor * SMALLEST_MOVE_BASIS_POINTS) / 10_000));
}

/**
 * The nearest price that ends in 5 or 9 (pence), at or below, or at or above. Below 20 there is no room for endings.
 * Odd endings are what the shop's own price list uses; they also sell: Anderson and Simester 2003, Quantitative
 * Marketing and Economics 1(1), 93-110.
 */
export function charmBelow(minor: number): number {
  let price = minor;
  while (price >= 20 && !isCharm(price)) price -= 1;
  return price;
}

export function charmAbove(minor: number): number {
  let price = minor;
  while (price >= 20 && !isCharm(price)) price += 1;
  return price;
}

function isCharm(minor: number): boolean {
  return minor % 10 === 5 || minor % 10 === 9;
}

/** The charm price next to a target within bounds: below it where that keeps the lower bound, else above it. */
export function charmWithin(targetMinor: number, lowestMinor: number, highestMinor: number): number {
  const clamped = Math.min(highestMinor, Math.max(lowestMinor, targetMinor));
  const below = charmBelow(clamped);
  if (below >= lowestMinor) return below;
  const above = charmAbove(clamped);
  return above <= highestMinor ? above : clamped;
}
