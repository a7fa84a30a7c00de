import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import { disputeOf } from '#shared/contracts/disputed.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { nameOf, type ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { CANCELLATIONS_PER_REVIEW, RELEASES_PER_REVIEW, TAGS_PER_REVIEW } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { FRAUD_HANDLE } from './fraud.ts';

const LATE_TAG = 'late';
/** So long before the promised time an order that has not left is worth a look. */
const LATE_MS = DAY_MS;
/** An order that was due longer ago is history. */
const FORGOTTEN_MS = 30 * DAY_MS;
/**
 * After this long a hold has an end: what was paid and is not disputed goes, what was never paid is cancelled. What was paid
 * and is disputed stays.
 */
const HELD_AT_MOST_MS = 3 * DAY_MS;

const ROOM: Readonly<Record<string, number>> = {
  'order.tag': TAGS_PER_REVIEW,
  'order.release': RELEASES_PER_REVIEW,
  'order.cancel': CANCELLATIONS_PER_REVIEW,
};

/** Looks over what has not left: ends holds that have stood long enough, and marks what is late. */
export function review({ orders, facts, claims }: Briefing, now: Instant): Proposal {
  const foreign = claims.filter((claim) => claim.aspect === 'fulfilment' && claim.owner !== 'orders');
  const taken = new Set(foreign.map((claim) => claim.resource));
  const found = orders.flatMap((order) => reviewOne(order, facts, taken.has(order), now) ?? []);
  const counts = new Map<string, number>();
  const intents = found.filter(({ action }) => {
    const count = (counts.get(action) ?? 0) + 1;
    counts.set(action, count);
    return count <= (ROOM[action] ?? 0);
  });
  return intents.length > 0 ? propose(intents) : pass('nothing is late, and no hold has stood too long');
}

function reviewOne(order: ResourceKey, facts: FactView, isTaken: boolean, now: Instant): Intent | undefined {
  const placed = facts.get(order, 'placed')?.value;
  if (!placed || placed.test || placed.totalMinor <= 0 || placed.units <= 0) return undefined;
  if (facts.get(order, 'cancelled') || facts.get(order, 'fulfilled')) return undefined;
  const held = facts.get(order, 'held');
  if (!held?.value.held) return lateTag(order, facts, now);
  const isOver = held.value.handle === FRAUD_HANDLE && plus(held.time, HELD_AT_MOST_MS) <= now;
  return isOver ? endOfHold(order, facts, isTaken) : undefined;
}

function lateTag(order: ResourceKey, facts: FactView, now: Instant): Intent | undefined {
  const promisedAt = facts.get(order, 'placed')?.value.promisedAt;
  if (!promisedAt || promisedAt > plus(now, LATE_MS) || promisedAt < plus(now, -FORGOTTEN_MS)) return undefined;
  if (facts.get(order, 'tags')?.value.includes(LATE_TAG)) return undefined;
  return {
    action: 'order.tag',
    objective: 'promise-keeping',
    params: { order: nameOf(order), tag: LATE_TAG },
    reason: `Promised for ${promisedAt.slice(0, 10)} and still here.`,
    cites: citing(facts, order, 'placed', 'tags'),
  };
}

/** A cancellation takes the order whole, so it waits while anybody else has a claim on it. */
function endOfHold(order: ResourceKey, facts: FactView, isTaken: boolean): Intent | undefined {
  const dispute = disputeOf(order, facts);
  const cites = citing(facts, order, 'held', 'paid', 'risk', 'dispute', 'disputes');
  if (facts.get(order, 'paid') && (dispute === undefined || dispute === 'won')) {
    return {
      action: 'order.release',
      objective: 'promise-keeping',
      params: { order: nameOf(order), handle: FRAUD_HANDLE },
      reason: 'Held for three days; the payment stands and no bank has complained.',
      cites,
    };
  }
  // A cancellation pays back, and so does the bank of whoever disputes: the goods stay here and a person looks.
  if (isTaken || (facts.get(order, 'paid') && dispute !== undefined)) return undefined;
  return {
    action: 'order.cancel',
    objective: 'safety',
    params: { order: nameOf(order), cancelReason: 'fraud', restock: true },
    reason: dispute ? 'Held for fraud, and disputed.' : 'Held for fraud for three days and never paid.',
    cites,
  };
}
