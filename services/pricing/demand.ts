import { totalOver } from '#shared/contracts/demand.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { dayNumber, type Instant } from '#shared/kernel/time.ts';

/**
 * Mean price elasticity of demand of 1,851 estimates from 81 studies: Bijmolt, van Heerde and Pieters 2005, "New
 * empirical generalizations on the determinants of price elasticity", Journal of Marketing Research 42(2), 141-156.
 */
const ELASTICITY = -2.62;

const WINDOW_DAYS = 28;

export interface Cover {
  readonly units: number;
  readonly unitsPerDay: number;
  readonly days: number;
  /** For how many days sales have been counted, at most the window. */
  readonly observedDays: number;
}

/**
 * Days for which the units at hand last, at the mean rate of the last 28 days. The mean is taken as it is: a burst or a
 * wholesale order raises it, which makes a markdown less likely, never more; a cancelled order is already taken out of
 * the counts. Where nothing was sold, one unit over the time observed is assumed: no sale is no proof of no demand.
 */
export function coverOf(key: ResourceKey, facts: FactView, now: Instant): Cover | undefined {
  const units = facts.get(key, 'available')?.value.units;
  const sold = facts.get(key, 'sold')?.value;
  const listedAt = facts.get(key, 'product')?.time;
  if (units === undefined) return undefined;
  const today = dayNumber(now);
  const firstDay = Math.min(
    sold && sold.counts.length > 0 ? sold.firstDay : today,
    listedAt ? dayNumber(listedAt) : today,
  );
  const observedDays = Math.min(WINDOW_DAYS, today - firstDay + 1);
  const total = Math.max(1, totalOver(sold, today, observedDays));
  const unitsPerDay = total / observedDays;
  return { units, unitsPerDay, days: Math.max(0, units) / unitsPerDay, observedDays };
}

/** The factor on the price that moves demand by a factor, at constant elasticity. */
export function priceFactor(demandFactor: number): number {
  return demandFactor ** (1 / ELASTICITY);
}
