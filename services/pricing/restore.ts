import { pass } from '#shared/agent/propose.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { coverOf } from './demand.ts';
import type { Position } from './position.ts';
import { isPromoted } from './promoted.ts';
import { reprice } from './reprice.ts';

/** What a plan has to have lasted, so that one delivery does not turn the price at once. */
const LASTED_MS = 3 * DAY_MS;
const PLENTY_DAYS = 21;
const SOLD_DOWN_DAYS = 30;

/** Back to the list price that people set, when what the rise or the markdown was for is over. */
export function restoreReference(position: Position, facts: FactView, now: Instant): Proposal | undefined {
  const { plan, priceMinor, referenceMinor } = position;
  if (!plan || priceMinor === referenceMinor || plan.at > plus(now, -LASTED_MS)) return undefined;
  const cover = coverOf(position.key, facts, now);
  if (!cover || cover.units <= 0) return undefined;
  const over =
    (plan.method === 'scarcity' && cover.days >= PLENTY_DAYS) ||
    (plan.method === 'markdown' && cover.days <= SOLD_DOWN_DAYS);
  if (!over) return undefined;
  if (referenceMinor > priceMinor && isPromoted(position.key, facts, now))
    return pass('a promotion runs or is announced');
  const why = `the ${plan.method} price has done its work: ${Math.round(cover.days)} days of cover`;
  const toMinor = Math.max(referenceMinor, position.lowestMinor);
  return reprice(position, { method: 'restore', toMinor, why, rests: ['price-plan', 'stock'] }, facts);
}
