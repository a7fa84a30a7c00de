import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { marginBasisPoints, priceForMargin } from '#shared/kernel/money.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { charmAbove, FLOOR_BASIS_POINTS, type Position } from './position.ts';
import { isPromoted } from './promoted.ts';
import { reprice } from './reprice.ts';

/** Below this margin a higher cost is passed on. Gift-ware at retail usually keeps 40 to 50 %, so this is rarely met. */
const HEALTHY_BASIS_POINTS = 2_500;
/** What one change of cost may raise a price by at most, unless the floor itself asks for more; then rules may ask a person. */
const LARGEST_RISE = 1.15;

/**
 * Passes a higher cost on, as far as a healthy margin needs it. A lower cost changes nothing: it is what competitor
 * matching then works with.
 */
export function restoreMargin(position: Position, facts: FactView, now: Instant, replaces?: string): Proposal {
  const margin = marginBasisPoints(position.priceMinor, position.costMinor);
  if (margin >= HEALTHY_BASIS_POINTS) return pass(`the margin is ${Math.round(margin / 100)} %`);
  if (isPromoted(position.key, facts, now)) return pass('a promotion runs or is announced');
  const wanted = charmAbove(priceForMargin(position.costMinor, HEALTHY_BASIS_POINTS));
  const floorMinor = priceForMargin(position.costMinor, FLOOR_BASIS_POINTS);
  const toMinor = Math.max(floorMinor, Math.min(wanted, Math.floor(position.priceMinor * LARGEST_RISE)));
  // A change of cost moves the list price itself, so the bounds that are relative to the old one do not apply; the floor does.
  const moved = { ...position, referenceMinor: toMinor, lowestMinor: floorMinor, highestMinor: toMinor };
  const why = `at the new cost the margin is ${(margin / 100).toFixed(1)} %`;
  return reprice(
    moved,
    { method: 'cost', toMinor, why, rests: ['promotions'], ...(replaces ? { replaces } : {}) },
    facts,
  );
}
