import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { priceFactor } from './demand.ts';
import { charmBelow, type Position } from './position.ts';
import { isPromoted } from './promoted.ts';
import { reprice } from './reprice.ts';

/** What inventory says when it expects a SKU to run out. */
export interface Shortage {
  readonly available: number;
  readonly unitsPerDay: number;
  readonly coverDays: number;
  readonly leadTimeDays: number;
}

const SHORT_BY_DAYS = 5;
const WORTH_UNITS_PER_DAY = 2;
/** Of the present price, which may lie far below the list price that people set. */
const LARGEST_RISE = 1.05;
/** A rise is given this long before another is thought of. */
const PATIENCE_MS = 14 * DAY_MS;

/**
 * Slows the sale of what runs out before it can be replenished, by a small rise: the factor by which demand has to fall
 * is cover over lead time, and the rise stays within 5 % of the present price and of the list price. No rise while a promotion runs or is
 * announced: a reduction that follows a rise is what Directive (EU) 2019/2161 (Omnibus), article 2, forbids to advertise.
 */
export function slowScarce(position: Position, shortage: Shortage, facts: FactView, now: Instant): Proposal {
  if (shortage.available <= 0) return pass('it is out already; a price slows nothing');
  if (shortage.unitsPerDay < WORTH_UNITS_PER_DAY) return pass('it sells too slowly for a price to matter');
  if (shortage.leadTimeDays - shortage.coverDays < SHORT_BY_DAYS) return pass('the gap is short');
  if (isPromoted(position.key, facts, now)) return pass('a promotion runs or is announced');
  if (position.plan?.method === 'scarcity' && position.plan.at > plus(now, -PATIENCE_MS)) {
    return pass('a rise is already at work');
  }
  const factor = Math.min(LARGEST_RISE, priceFactor(Math.max(0.05, shortage.coverDays / shortage.leadTimeDays)));
  const toMinor = charmBelow(Math.min(position.highestMinor, Math.floor(position.priceMinor * factor)));
  if (toMinor <= position.priceMinor) return pass('no higher price within bounds');
  const why = `${Math.round(shortage.coverDays)} days of cover, ${Math.round(shortage.leadTimeDays)} days until more comes`;
  return reprice(position, { method: 'scarcity', toMinor, why, rests: ['promotions', 'price-plan'] }, facts);
}
