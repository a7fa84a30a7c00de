import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Announcement, Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { DAY_MS, type Instant, plus } from '#shared/kernel/time.ts';
import { REORDERS_PER_ANSWER } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { type Shelf, shelfOf } from './shelf.ts';

/** A stock-out that was announced is announced again only after this time, or when cover has halved. */
const WARN_AGAIN_MS = 3 * DAY_MS;
/** A plan whose goods should have come this long ago is no longer counted on. */
const OVERDUE_MS = 7 * DAY_MS;

/** What inventory answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  if (event.type === 'stock.changed' && Number(event.data.level) < 0) return correct(event, briefing);
  if (event.type === 'intent.due' && (event.data.proposal as Intent).action !== 'reorder.place') return again(event);
  const shelves: Shelf[] = [];
  let silence = 'nothing is to be looked after';
  for (const sku of briefing.skus) {
    const shelf = shelfOf(sku, briefing.facts, now);
    if (typeof shelf === 'string') silence = shelf;
    else shelves.push(shelf);
  }
  const low = shelves.filter((shelf) => shelf.units <= shelf.reorderPoint).sort(byUrgency);
  if (low.length === 0) return pass(shelves.length > 0 ? 'every shelf is above its reorder point' : silence);
  const orders = low.filter((shelf) => !isOnItsWay(shelf, briefing, now)).slice(0, REORDERS_PER_ANSWER);
  const warnings = low.filter((shelf) => isNews(shelf, briefing, now)).slice(0, REORDERS_PER_ANSWER);
  if (orders.length === 0 && warnings.length === 0) return pass('what is low is on its way, and has been told');
  return propose(
    orders.map((shelf) => order(shelf, event, briefing, now)),
    [...warnings.map(warning), ...orders.map((shelf) => plan(shelf, now))],
  );
}

/** The shelf that runs empty first; between equals the one that sells more. */
function byUrgency(a: Shelf, b: Shelf): number {
  return (
    a.coverDays - a.leadTimeDays - (b.coverDays - b.leadTimeDays) ||
    b.demand.unitsPerDay - a.demand.unitsPerDay ||
    (a.sku < b.sku ? -1 : 1)
  );
}

function isOnItsWay(shelf: Shelf, { facts, claims }: Briefing, now: Instant): boolean {
  if (claims.some((claim) => claim.resource === shelf.key && claim.aspect === 'reorder')) return true;
  const planned = facts.get(shelf.key, 'reorder-plan')?.value;
  return planned !== undefined && plus(planned.expectedAt, OVERDUE_MS) > now;
}

/** Less cover than lead time, and not told lately. */
function isNews(shelf: Shelf, { facts }: Briefing, now: Instant): boolean {
  if (shelf.coverDays >= shelf.leadTimeDays) return false;
  const told = facts.get(shelf.key, 'stock-out');
  return told === undefined || plus(told.time, WARN_AGAIN_MS) <= now || shelf.coverDays < told.value.coverDays / 2;
}

function order(shelf: Shelf, event: Envelope, { facts }: Briefing, now: Instant): Intent {
  const { unitsPerDay } = shelf.demand;
  return {
    action: 'reorder.place',
    objective: 'availability',
    params: {
      sku: shelf.sku,
      supplier: shelf.supplier,
      units: shelf.orderUnits,
      expectedAt: plus(now, shelf.leadTimeDays * DAY_MS),
    },
    reason: `${shelf.units} available, ${unitsPerDay.toFixed(1)} sold a day, ${shelf.leadTimeDays} days to replenish: below the reorder point of ${shelf.reorderPoint}.`,
    cites: citing(facts, shelf.key, 'available', 'sold'),
    ...(event.type === 'intent.due' ? { replaces: String(event.data.intent) } : {}),
  };
}

function plan(shelf: Shelf, now: Instant): Announcement {
  return {
    type: 'reorder.planned',
    subject: shelf.key,
    data: { units: shelf.orderUnits, supplier: shelf.supplier, expectedAt: plus(now, shelf.leadTimeDays * DAY_MS) },
  };
}

function warning(shelf: Shelf): Announcement {
  const { unitsPerDay } = shelf.demand;
  return {
    type: 'stock-out.expected',
    subject: shelf.key,
    data: { available: shelf.units, unitsPerDay, coverDays: shelf.coverDays, leadTimeDays: shelf.leadTimeDays },
  };
}

/** A level below zero is a mistake of the books: nothing is there, and the store should say so. */
function correct(event: Envelope, { facts }: Briefing): Proposal {
  const level = Number(event.data.level);
  return propose([
    {
      action: 'stock.correct',
      objective: 'availability',
      params: { sku: event.subject.slice(event.subject.indexOf(':') + 1), level: 0, expected: level },
      reason: `The store says ${level} units; there cannot be fewer than none.`,
      cites: citing(facts, event.subject, 'stock'),
    },
  ]);
}

/** What was put off is still wanted as it was; whether it still holds is the coordinator's to judge. */
function again(event: Envelope): Proposal {
  return propose([{ ...(event.data.proposal as Intent), replaces: String(event.data.intent) }]);
}
