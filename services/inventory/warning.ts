import type { Announcement } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import type { Shelf } from './shelf.ts';

/** A warning that has stood for this long without relief is said once more. */
const REPEAT_MS = 14 * DAY_MS;

/** The share by which a shelf must have filled since the warning for the next one to be news. */
const RELIEF = 1.2;

/** A SKU that hardly sells runs out without anybody having to rearrange anything. */
const LEAST_UNITS_PER_DAY = 0.5;

/**
 * The warning that a shelf will be empty before it can be replenished; undefined where it will not, where what is on its way
 * comes in time, and where it has been said already: the state is announced when it is entered, not on every sale in it.
 */
export function warningOf(shelf: Shelf, facts: FactView, now: Instant): Announcement | undefined {
  if (shelf.unitsPerDay < LEAST_UNITS_PER_DAY) return undefined;
  if (shelf.coverDays >= replenishedIn(shelf, now)) return undefined;
  const said = facts.get(shelf.key, 'stock-out');
  const relieved =
    said !== undefined && shelf.available > Math.max(0, said.value.available) * RELIEF + shelf.unitsPerDay;
  if (said && !relieved && plus(said.time, REPEAT_MS) > now) return undefined;
  return {
    type: 'stock-out.expected',
    subject: shelf.key,
    data: {
      available: shelf.available,
      unitsPerDay: round(shelf.unitsPerDay),
      coverDays: round(shelf.coverDays),
      leadTimeDays: shelf.leadTimeDays,
    },
  };
}

/** Days until there is more: what is on its way, or else what would be ordered now. */
function replenishedIn(shelf: Shelf, now: Instant): number {
  if (shelf.expectedAt === undefined) return shelf.leadTimeDays;
  return Math.max(0, (Date.parse(shelf.expectedAt) - Date.parse(now)) / DAY_MS);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
