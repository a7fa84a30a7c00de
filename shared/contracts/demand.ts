import { DAY_MS, type Instant } from '#shared/kernel/time.ts';
import type { Daily, FactView } from './facts.ts';
import type { ResourceKey } from './resource.ts';

/** Days over which an impact without a window is counted. */
export const IMPACT_DAYS = 28;

/** Sum of the daily counts of the `days` days that end with `lastDay`. */
export function totalOver(daily: Daily | undefined, lastDay: number, days: number): number {
  if (!daily) return 0;
  let total = 0;
  for (let day = lastDay - days + 1; day <= lastDay; day++) total += daily.counts[day - daily.firstDay] ?? 0;
  return total;
}

/** The last day of which anything is known. */
export function lastDayOf(daily: Daily): number {
  return daily.firstDay + daily.counts.length - 1;
}

/** Plain mean of units a day over the last 28 days of which anything is known; impact figures rest on it. */
export function unitsPerDay(leaf: ResourceKey, facts: FactView): number {
  const sold = facts.get(leaf, 'sold')?.value;
  if (!sold || sold.counts.length === 0) return 0;
  const days = Math.min(IMPACT_DAYS, Math.max(7, sold.counts.length));
  return Math.max(0, totalOver(sold, lastDayOf(sold), days) / days);
}

/** Units expected to be sold between two times at the present rate; without an end, over 28 days. */
export function expectedUnits(leaf: ResourceKey, facts: FactView, from?: Instant, to?: Instant): number {
  const days = from && to ? Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY_MS) : IMPACT_DAYS;
  return Math.ceil(unitsPerDay(leaf, facts) * days);
}

/** Price elasticity of demand: mean of 1,851 estimates in 81 studies (Bijmolt, van Heerde, Pieters 2005). */
const ELASTICITY = 2.62;

/** Units expected to be sold under a discount: demand rises with it by the usual elasticity. */
export function promotedUnits(
  leaf: ResourceKey,
  facts: FactView,
  discountBasisPoints: number,
  from: Instant,
  to: Instant,
): number {
  const days = Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY_MS);
  return Math.ceil(unitsPerDay(leaf, facts) * days * (1 + (ELASTICITY * discountBasisPoints) / 10_000));
}
