import { totalOver } from '#shared/contracts/demand.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { dayNumber, type Instant } from '#shared/kernel/time.ts';

const WINDOW_DAYS = 28;
/** A rate over fewer days would take the first good day for the rule. */
const LEAST_DAYS = 7;

/**
 * Mean price elasticity of demand of 1,851 estimates (Bijmolt, van Heerde and Pieters 2005, Journal of Marketing
 * Research 42(2), 141-156): what a discount does to demand.
 */
const ELASTICITY = -2.62;

export interface Shelf {
  readonly units: number;
  readonly unitsPerDay: number;
  readonly coverDays: number;
  /** For how many days sales have been counted, at most the window. */
  readonly observedDays: number;
}

/** Units at hand and how long they last at the mean rate of the last 28 days; undefined where the stock is not known. */
export function shelfOf(key: ResourceKey, facts: FactView, now: Instant): Shelf | undefined {
  const units = facts.get(key, 'available')?.value.units;
  if (units === undefined) return undefined;
  const sold = facts.get(key, 'sold')?.value;
  const today = dayNumber(now);
  const observedDays = sold && sold.counts.length > 0 ? Math.min(WINDOW_DAYS, today - sold.firstDay + 1) : 0;
  const days = Math.max(LEAST_DAYS, observedDays);
  const unitsPerDay = Math.max(0, totalOver(sold, today, days) / days);
  return {
    units,
    unitsPerDay,
    observedDays,
    coverDays: unitsPerDay > 0 ? Math.max(0, units) / unitsPerDay : units > 0 ? Infinity : 0,
  };
}

/** Units that a discount is expected to sell over some days. */
export function unitsUnderDiscount(shelf: Shelf, discountBasisPoints: number, days: number): number {
  return shelf.unitsPerDay * days * (1 - discountBasisPoints / 10_000) ** ELASTICITY;
}
