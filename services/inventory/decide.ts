import { pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { REORDERS_PER_ANSWER, WARNINGS_PER_ANSWER } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { correctionOf } from './correct.ts';
import { type Reorder, reorderOf, takeBack } from './reorder.ts';
import { type Shelf, shelfOf } from './shelf.ts';
import { warningOf } from './warning.ts';

/** The schedule of the shop on which shelves are looked over. */
export const REVIEW = 'daily-review';

/** What inventory answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  switch (event.type) {
    case 'order.placed':
      return event.data.test
        ? pass('a test order')
        : replenish(briefing, now, (shelf) => crosses(shelf, event, briefing));
    case 'order.cancelled':
      return takeBackWhat(briefing, now);
    case 'stock.changed':
      return stockChanged(event, briefing, now);
    case 'stock.written-off':
      return writtenOff(event, briefing, now);
    case 'supplier.delayed':
      return replenish(briefing, now);
    case 'schedule.due':
      return event.data.name === REVIEW ? replenish(briefing, now) : pass('not a review of stock');
    case 'intent.due':
    case 'intent.refused':
    case 'claim.broken':
      return again(event, briefing, now);
    default:
      return pass(`nothing to do about ${event.type}`);
  }
}

/** Orders what is below its reorder point and warns of what will not last, the most urgent first. */
function replenish(briefing: Briefing, now: Instant, concerns = (_shelf: Shelf) => true): Proposal {
  const judged = shelvesOf(briefing, now);
  const shelves = judged.shelves.filter(concerns);
  if (shelves.length === 0)
    return pass(judged.shelves.length > 0 ? 'it takes no shelf below its reorder point' : judged.why);
  const reorders = shelves.flatMap((shelf) => {
    const reorder = reorderOf(shelf, briefing.facts, now);
    return typeof reorder === 'string' ? [] : [reorder];
  });
  const warnings = shelves.flatMap((shelf) => warningOf(shelf, briefing.facts, now) ?? []);
  return answerOf(reorders.slice(0, REORDERS_PER_ANSWER), [], warnings, 'every shelf is above its reorder point');
}

/**
 * Whether this very order took the shelf below its reorder point, or below what lasts for the lead time. Only the order
 * that crosses the line speaks: the next ones would say the same again before anybody can have answered the first. What
 * no order crosses by itself the daily review finds.
 */
function crosses(shelf: Shelf, event: Envelope, { facts }: Briefing): boolean {
  const available = facts.get(shelf.key, 'available')?.value;
  if (!available) return false;
  const since = (past: (at: Instant) => boolean) =>
    available.level +
    available.movements.filter((movement) => past(movement.at)).reduce((sum, movement) => sum + movement.by, 0);
  const before = since((at) => at < event.time);
  const after = since((at) => at <= event.time);
  const lasts = shelf.unitsPerDay * shelf.leadTimeDays;
  return [shelf.reorderPoint, lasts].some((line) => before > line && after <= line);
}

function shelvesOf(briefing: Briefing, now: Instant): { shelves: Shelf[]; why: string } {
  const judged = briefing.skus.map((sku) => shelfOf(sku, briefing, now));
  const shelves = judged.filter((shelf) => typeof shelf !== 'string');
  shelves.sort((a, b) => urgency(a) - urgency(b) || (a.sku < b.sku ? -1 : 1));
  return { shelves, why: judged.find((shelf) => typeof shelf === 'string') ?? 'the event names no SKU' };
}

/** How much of the lead time is covered. */
function urgency(shelf: Shelf): number {
  return shelf.coverDays / shelf.leadTimeDays;
}

function answerOf(
  reorders: readonly Reorder[],
  others: readonly Intent[],
  warnings: Proposal['announcements'],
  why: string,
): Proposal {
  const intents = [...others, ...reorders.map((reorder) => reorder.intent)];
  const announcements = [...warnings.slice(0, WARNINGS_PER_ANSWER), ...reorders.map((reorder) => reorder.announcement)];
  return intents.length + announcements.length > 0 ? propose(intents, announcements) : pass(why);
}

function stockChanged(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const heldBy = briefing.claims.find((claim) => claim.resource === event.subject && claim.aspect === 'stock')?.owner;
  const correction = correctionOf(event, briefing.facts, heldBy);
  if (typeof correction === 'string') return replenish(briefing, now);
  return propose([correction]);
}

/** The level that follows a write-off says what is left; until it has come the units are taken off here. */
function writtenOff(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const judged = shelfOf(nameOf(event.subject), briefing, now);
  if (typeof judged === 'string') return pass(judged);
  const levelTime = briefing.facts.get(judged.key, 'available')?.value.levelTime ?? '';
  const gone = levelTime < event.time ? Number(event.data.units) : 0;
  const available = judged.available - gone;
  const shelf = { ...judged, available, coverDays: Math.max(0, available) / judged.unitsPerDay };
  const reorder = reorderOf(shelf, briefing.facts, now);
  const warning = warningOf(shelf, briefing.facts, now);
  return answerOf(
    typeof reorder === 'string' ? [] : [reorder],
    [],
    warning ? [warning] : [],
    typeof reorder === 'string' ? reorder : '',
  );
}

function takeBackWhat(briefing: Briefing, now: Instant): Proposal {
  const { shelves, why } = shelvesOf(briefing, now);
  const intents = shelves.flatMap((shelf) => {
    const intent = takeBack(shelf, briefing.facts);
    return typeof intent === 'string' ? [] : [intent];
  });
  if (intents.length > 0) return propose(intents.slice(0, 10));
  return pass(shelves.length > 0 ? 'nothing that is on order has become needless' : why);
}

/** Something of ours was deferred, refused or broken: proposed anew on the facts of now, or not at all. */
function again(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const { intent, proposal } = event.data as { intent?: string; proposal?: Intent };
  const sku = briefing.skus[0];
  if (!proposal || sku === undefined) return pass('there is nothing to propose again');
  if (event.type === 'intent.refused') return pass('a smaller order would not reach the reorder point');
  if (proposal.action !== 'reorder.place') return pass(`${proposal.action} is not proposed twice`);
  const shelf = shelfOf(sku, briefing, now);
  if (typeof shelf === 'string') return pass(shelf);
  const reorder = reorderOf(shelf, briefing.facts, now, true);
  if (typeof reorder === 'string') return pass(reorder);
  return propose(
    [intent === undefined ? reorder.intent : { ...reorder.intent, replaces: intent }],
    [reorder.announcement],
  );
}
