import type { Daily } from '#shared/contracts/facts.ts';

/**
 * Weight of the newest day in the moving mean. 0.1 gives a half-life of about a week, within the range of 0.1 to 0.3
 * that Silver, Pyke and Thomas 2017, "Inventory and Production Management in Supply Chains", section 3.4, advise.
 */
const NEWEST_WEIGHT = 0.1;
const WINDOW_DAYS = 28;

export interface Demand {
  readonly unitsPerDay: number;
  readonly sdPerDay: number;
  /** Days observed, and days of those on which anything was sold. */
  readonly days: number;
  readonly daysSold: number;
}

/**
 * Rate of demand and its spread from daily counts. Days are winsorised before they are weighed: one wholesale order is
 * an order, not a rate. A cancelled order has been taken out of its day already; a day below zero counts as none.
 */
export function demandOf(sold: Daily | undefined, today: number): Demand {
  if (!sold || sold.counts.length === 0) return { unitsPerDay: 0, sdPerDay: 0, days: 0, daysSold: 0 };
  const first = Math.max(sold.firstDay, today - WINDOW_DAYS + 1);
  const days = Array.from({ length: Math.max(0, today - first + 1) }, (_, index) =>
    Math.max(0, sold.counts[first + index - sold.firstDay] ?? 0),
  );
  const cap = ceilingOf(days);
  let weight = 0;
  let mean = 0;
  let square = 0;
  for (const [index, units] of days.entries()) {
    const capped = Math.min(units, cap);
    const mine = (1 - NEWEST_WEIGHT) ** (days.length - 1 - index);
    weight += mine;
    mean += mine * capped;
    square += mine * capped * capped;
  }
  mean = weight > 0 ? mean / weight : 0;
  const variance = weight > 0 ? Math.max(0, square / weight - mean * mean) : 0;
  return {
    unitsPerDay: mean,
    sdPerDay: Math.sqrt(variance),
    days: days.length,
    daysSold: days.filter((units) => units > 0).length,
  };
}

/** Four times the median of the days with sales, or the third largest day where that is more: what lies above is a single customer. */
function ceilingOf(days: readonly number[]): number {
  const sold = days.filter((units) => units > 0).sort((a, b) => a - b);
  if (sold.length === 0) return 0;
  const median = sold[Math.floor(sold.length / 2)]!;
  return Math.max(4 * median, sold.at(-3) ?? 0);
}
