import { DAILY_KEPT, type Daily } from '#shared/contracts/facts.ts';
import { dayNumber, type Instant } from '#shared/kernel/time.ts';

/** Fewer whole days than a week say nothing about a week: without them nothing is forecast. */
export const DAYS_NEEDED = 7;

/**
 * Weight of the newest day in the exponentially weighted mean (simple exponential smoothing: Brown 1959, "Statistical
 * Forecasting for Inventory Control"). 0.1 looks back about three weeks, so that one weekday does not lead.
 */
const SMOOTHING = 0.1;

/** Share of the highest days that is pulled in to the next highest: winsorising, Dixon 1960, Annals of Mathematical Statistics 31, 385-391. */
const WINSORISED_SHARE = 0.05;

export interface Demand {
  readonly unitsPerDay: number;
  /** Standard deviation of one day. */
  readonly sd: number;
  readonly days: number;
}

/**
 * Demand a day of whole days, today excluded because it is not over. The highest twentieth of the days, at least one, is
 * winsorised, so that a single bulk order neither empties the warehouse in the forecast nor fills it. Undefined
 * where too little has been seen or nothing was wanted.
 */
export function demandOf(sold: Daily | undefined, knownSince: Instant | undefined, now: Instant): Demand | undefined {
  if (!sold || sold.counts.length === 0) return undefined;
  const yesterday = dayNumber(now) - 1;
  const begun = knownSince === undefined ? sold.firstDay : Math.min(sold.firstDay, dayNumber(knownSince));
  const first = Math.max(begun, yesterday - DAILY_KEPT + 1);
  const days = yesterday - first + 1;
  if (days < DAYS_NEEDED) return undefined;
  const units = Array.from({ length: days }, (_, index) =>
    Math.max(0, sold.counts[first + index - sold.firstDay] ?? 0),
  );
  const { mean, sd } = weighted(winsorised(units));
  return mean > 0 ? { unitsPerDay: mean, sd, days } : undefined;
}

function winsorised(units: readonly number[]): number[] {
  const pulled = Math.max(1, Math.floor(units.length * WINSORISED_SHARE));
  const cap = [...units].sort((a, b) => b - a)[pulled] ?? 0;
  return units.map((value) => Math.min(value, cap));
}

/** Mean and unbiased standard deviation with weights that fall off towards the past. */
function weighted(units: readonly number[]): { mean: number; sd: number } {
  let weights = 0;
  let squares = 0;
  let total = 0;
  units.forEach((value, index) => {
    const weight = (1 - SMOOTHING) ** (units.length - 1 - index);
    weights += weight;
    squares += weight * weight;
    total += weight * value;
  });
  const mean = total / weights;
  const deviations = units.reduce(
    (sum, value, index) => sum + (1 - SMOOTHING) ** (units.length - 1 - index) * (value - mean) ** 2,
    0,
  );
  return { mean, sd: Math.sqrt(deviations / (weights - squares / weights)) };
}
