import { pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { matchCompetitor } from './competitor.ts';
import { restoreMargin } from './cost.ts';
import { markDownOverstock } from './overstock.ts';
import { type Position, positionOf } from './position.ts';
import { halfway, reprice } from './reprice.ts';
import { restoreReference } from './restore.ts';
import { type Shortage, slowScarce } from './scarcity.ts';

/** How many prices one review may move; the dearest shelves come first. */
export const PRICES_PER_REVIEW = 20;

/** The schedule of the shop on which shelves are looked over. */
export const REVIEW = 'daily-review';

/** What pricing answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  switch (event.type) {
    case 'competitor.price-changed':
      return onePrice(event, briefing, (position) => matchCompetitor(position, briefing.facts, now));
    case 'cost.changed':
      return onePrice(event, briefing, (position) => restoreMargin(position, briefing.facts, now));
    case 'stock.changed':
      return onePrice(event, briefing, (position) => byStock(position, briefing, now));
    case 'stock-out.expected':
      return onePrice(event, briefing, (position) =>
        slowScarce(position, event.data as unknown as Shortage, briefing.facts, now),
      );
    case 'schedule.due':
      return event.data.name === REVIEW ? review(briefing, now) : pass('not a review of prices');
    case 'intent.due':
    case 'intent.refused':
      return again(event, briefing, now);
    case 'claim.broken':
      return takeBackPrice(briefing);
    default:
      return pass(`nothing to do about ${event.type}`);
  }
}

function onePrice(event: Envelope, briefing: Briefing, method: (position: Position) => Proposal): Proposal {
  const standing = openPosition(nameOf(event.subject), briefing);
  return typeof standing === 'string' ? pass(standing) : method(standing);
}

/** The position, unless somebody's hold on the price says that it is not to be moved now. */
function openPosition(sku: string, { facts, claims }: Briefing, mine?: string): Position | string {
  const position = positionOf(sku, facts);
  if (typeof position === 'string') return position;
  const held = claims.find(
    (claim) => claim.resource === position.key && claim.aspect === 'price' && claim.owner !== mine,
  );
  return held ? `the price is held by ${held.owner}` : position;
}

function byStock(position: Position, { facts }: Briefing, now: Instant): Proposal {
  return restoreReference(position, facts, now) ?? markDownOverstock(position, facts, now);
}

/** The daily look over the shelves, for what no delivery and no write-off brings to mind. */
function review(briefing: Briefing, now: Instant): Proposal {
  const found: { worth: number; proposal: Proposal }[] = [];
  for (const sku of briefing.skus) {
    const position = openPosition(sku, briefing);
    if (typeof position === 'string') continue;
    const proposal = byStock(position, briefing, now);
    if (proposal.intents.length === 0) continue;
    const units = briefing.facts.get(position.key, 'available')?.value.units ?? 0;
    found.push({ worth: units * position.costMinor, proposal });
  }
  if (found.length === 0) return pass('no shelf needs another price');
  found.sort((a, b) => b.worth - a.worth);
  const chosen = found.slice(0, PRICES_PER_REVIEW).map((entry) => entry.proposal);
  return propose(
    chosen.flatMap((proposal) => proposal.intents),
    chosen.flatMap((proposal) => proposal.announcements),
  );
}

/** A deferred price may be proposed again if it still makes sense; a refused one is met halfway. */
function again(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  const { intent, proposal } = event.data as { intent: string; proposal: Intent };
  const { sku, priceMinor } = proposal.params as { sku: string; priceMinor: number };
  const position = openPosition(sku, briefing);
  if (typeof position === 'string') return pass(position);
  const counter = event.type === 'intent.refused';
  if (proposal.objective === 'margin' && priceMinor !== position.referenceMinor) {
    return counter
      ? pass('a price that the cost asks for is not haggled about')
      : restoreMargin(position, briefing.facts, now, intent);
  }
  const toMinor = counter ? halfway(position, priceMinor) : priceMinor;
  const why = counter ? 'half the way to what was refused' : 'proposed again as soon as it may be';
  const method = METHOD_OF[proposal.objective] ?? 'restore';
  return reprice(position, { method, toMinor, why, rests: [], replaces: intent }, briefing.facts);
}

/**
 * A person has changed something with which our price breaks a rule. What broke it is theirs, so ours gives way: back to the
 * list price that people set. Who moved it must be ourselves, which our plan tells.
 */
function takeBackPrice(briefing: Briefing): Proposal {
  const [sku] = briefing.skus;
  if (sku === undefined) return pass('it is not told which price');
  const position = openPosition(sku, briefing, 'pricing');
  if (typeof position === 'string') return pass(position);
  const { plan, priceMinor, referenceMinor, lowestMinor } = position;
  if (!plan || priceMinor === referenceMinor) return pass('the price is the one that people set');
  const why = `back, since a person has changed what the ${plan.method} price rests on`;
  const toMinor = Math.max(referenceMinor, lowestMinor);
  return reprice(position, { method: 'restore', toMinor, why, rests: ['price-plan', 'promotions'] }, briefing.facts);
}

const METHOD_OF: Readonly<Record<string, 'competitor' | 'scarcity' | 'markdown'>> = {
  growth: 'competitor',
  availability: 'scarcity',
  clearance: 'markdown',
};
