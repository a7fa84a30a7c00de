import { citing, pass, propose } from '#shared/agent/propose.ts';
import type { Intent, Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { nameOf } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Briefing } from './briefing.ts';
import { FRAUD_HANDLE, shouldHold, suspicionOf } from './fraud.ts';
import { review } from './review.ts';
import { splitOf } from './split.ts';

/** What orders answers to one event. Pure: the same event and briefing, the same answer. */
export function decide(event: Envelope, briefing: Briefing, now: Instant): Proposal {
  if (event.type === 'schedule.due') return review(briefing, now);
  const [order] = briefing.orders;
  if (!order) return pass('it names no order');
  const over = isOver(order, briefing);
  if (over) return pass(over);
  switch (event.type) {
    case 'order.placed':
      return holdSuspect(order, briefing) ?? splitOf(event, briefing) ?? pass('nothing unusual about it');
    case 'order.flagged':
      return (
        holdSuspect(order, briefing) ??
        release(order, briefing, 'the risk has been cleared') ??
        pass('nothing to hold and nothing to release')
      );
    case 'order.paid':
      return (
        holdSuspect(order, briefing) ??
        release(order, briefing, 'it is paid and nothing is against it') ??
        pass('paid, and nothing is held')
      );
    case 'payment.disputed':
      return disputed(event, order, briefing);
    default:
      return again(event, order, briefing);
  }
}

/** A deferred intent of ours, proposed again unless the order has moved on. */
function again(event: Envelope, order: ResourceKey, { facts }: Briefing): Proposal {
  const { intent: replaces, proposal } = event.data as { intent: string; proposal: Intent };
  const held = facts.get(order, 'held')?.value;
  const isOurs = held?.held === true && held.handle === FRAUD_HANDLE;
  if (proposal.action === 'order.release' && !isOurs) return pass('no hold of ours stands on it');
  if (proposal.action === 'order.hold' && isOurs) return pass('it is held already');
  if (proposal.action === 'order.split') return pass('what was missing then may be there by now');
  return propose([{ ...proposal, replaces }]);
}

/**
 * An order that is cancelled, shipped or a test is nobody's business any more; what is worth nothing or holds no goods (a bad
 * debt, a manual entry) never was an order.
 */
function isOver(order: ResourceKey, { facts }: Briefing): string | undefined {
  const placed = facts.get(order, 'placed')?.value;
  if (!placed) return 'the order is from before our time';
  if (placed.test) return 'a test order';
  if (placed.totalMinor <= 0 || placed.units <= 0) return 'no order of goods';
  if (facts.get(order, 'cancelled')) return 'the order is cancelled';
  return facts.get(order, 'fulfilled')?.value.complete ? 'the order has left' : undefined;
}

function holdSuspect(order: ResourceKey, briefing: Briefing): Proposal | undefined {
  const suspicion = suspicionOf(order, briefing.facts);
  if (!shouldHold(suspicion) || isHeld(order, briefing)) return undefined;
  const text = suspicion.signals.join('; ');
  return propose([
    {
      action: 'order.hold',
      objective: 'safety',
      params: { order: nameOf(order), handle: FRAUD_HANDLE, holdReason: 'fraud', note: cut(text, 200) },
      reason: cut(`Held for a look: ${text}.`, 500),
      cites: citing(briefing.facts, order, 'placed', 'risk'),
    },
  ]);
}

function isHeld(order: ResourceKey, { facts, claims }: Briefing): boolean {
  const held = facts.get(order, 'held')?.value;
  return (
    (held?.held === true && held.handle === FRAUD_HANDLE) ||
    claims.some((claim) => claim.resource === order && claim.action === 'order.hold' && claim.owner === 'orders')
  );
}

function release(order: ResourceKey, briefing: Briefing, why: string): Proposal | undefined {
  const held = briefing.facts.get(order, 'held')?.value;
  if (!held?.held || held.handle !== FRAUD_HANDLE || shouldHold(suspicionOf(order, briefing.facts))) return undefined;
  return propose([
    {
      action: 'order.release',
      objective: 'promise-keeping',
      params: { order: nameOf(order), handle: FRAUD_HANDLE },
      reason: `Released: ${why}.`,
      cites: citing(briefing.facts, order, 'held', 'risk'),
    },
  ]);
}

/**
 * A dispute on an order that is flagged high and has not left: fraud, and nothing should leave any more. What was paid is held
 * and not cancelled: a cancellation pays back, and the bank that is asked may do so too.
 */
function disputed(event: Envelope, order: ResourceKey, briefing: Briefing): Proposal {
  const { dispute, state } = event.data as { dispute: string; state: string };
  // Its opening may be told after its end.
  const since = briefing.facts.get(order, 'disputes')?.value[dispute]?.state ?? state;
  if (since !== 'open') return pass('the dispute is closed');
  if (briefing.facts.get(order, 'risk')?.value.level !== 'high')
    return pass('a dispute alone is no fraud; support looks after it');
  if (briefing.facts.get(order, 'paid'))
    return holdSuspect(order, briefing) ?? pass('it is held, and the bank decides about the payment');
  return propose([
    {
      action: 'order.cancel',
      objective: 'safety',
      params: { order: nameOf(order), cancelReason: 'fraud', restock: true },
      reason: 'Flagged high and disputed before it has left.',
      cites: citing(briefing.facts, order, 'risk', 'dispute', 'disputes'),
    },
  ]);
}
