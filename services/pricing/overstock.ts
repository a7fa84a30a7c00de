import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { coverOf, priceFactor } from './demand.ts';
import { charmWithin, type Position } from './position.ts';
import { isPromoted } from './promoted.ts';
import { reprice } from './reprice.ts';

const TOO_MUCH_DAYS = 90;
const TARGET_DAYS = 60;
/** Fewer days of sales say nothing about cover. */
const OBSERVED_DAYS = 14;
/** Capital on the shelf below which a markdown costs more attention than it frees. */
const WORTH_MINOR = 2_500;
const SHALLOWEST = 0.95;
const DEEPEST = 0.7;
/** A markdown is given this long to work before another is thought of. */
const PATIENCE_MS = 28 * DAY_MS;

/**
 * Marks down what lies on the shelf for far too long, by as much as brings its cover to the target at the mean
 * elasticity of demand: at half the wanted rate that is 1 - 2^(1/-2.62) = 23 %.
 */
export function markDownOverstock(position: Position, facts: FactView, now: Instant): Proposal {
  const cover = coverOf(position.key, facts, now);
  if (!cover || cover.observedDays < OBSERVED_DAYS) return pass('too few days of sales to judge the cover by');
  if (cover.days <= TOO_MUCH_DAYS) return pass(`${Math.round(cover.days)} days of cover`);
  if (cover.units * position.costMinor < WORTH_MINOR) return pass('too little capital on the shelf');
  if (position.plan?.method === 'markdown' && position.plan.at > plus(now, -PATIENCE_MS)) {
    return pass('a markdown is already at work');
  }
  if (isPromoted(position.key, facts, now)) return pass('a promotion already sells it');
  const factor = Math.min(SHALLOWEST, Math.max(DEEPEST, priceFactor(cover.days / TARGET_DAYS)));
  const target = Math.round(position.priceMinor * factor);
  const toMinor = charmWithin(
    target,
    Math.max(position.lowestMinor, Math.ceil(position.priceMinor * DEEPEST)),
    position.priceMinor,
  );
  const days = cover.days > 365 ? 'more than a year' : `${Math.round(cover.days)} days`;
  const why = `${days} of cover; the target is ${TARGET_DAYS} days`;
  return reprice(
    position,
    { method: 'markdown', toMinor, why, rests: ['stock', 'price-plan'], coverDays: cover.days },
    facts,
  );
}
