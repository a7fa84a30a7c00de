import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { ASPECT_OF_ATTRIBUTE } from '#shared/contracts/facts.ts';
import type { Aspect } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { claimId } from '#shared/kernel/ids.ts';
import { plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { applyRuling } from './rule.ts';
import { emptyOutcome, type Outcome, type Surroundings } from './types.ts';

/** The value that a fact had before the event of the round, where people alone can have changed it. */
export interface Before {
  readonly attribute: string;
  readonly was: unknown;
  readonly is: unknown;
}

/** What an event itself does to claims, actions and escalations, before any intent of its round is judged. */
export function effectsOf(event: Envelope, around: Surroundings, policy: Policy, before: Before | undefined): Outcome {
  const outcome = emptyOutcome();
  const type = EVENT_TYPES.get(event.type);
  if (type?.voids) voidCause(event, around, outcome);
  switch (event.type) {
    case 'action.done':
      closeLevels(String(event.data.action), event, around, policy, outcome);
      break;
    case 'action.failed':
    case 'action.revoked':
      endAction(String(event.data.action), event.type === 'action.failed' ? 'failed' : 'revoked', around, outcome);
      break;
    case 'ruling.given':
      applyRuling(
        event,
        String(event.data.escalation),
        String(event.data.option),
        String(event.data.by),
        around,
        policy,
        outcome,
      );
      break;
    case 'escalation.due':
      escalationDue(event, around, policy, outcome);
      break;
    default:
      if (before) respectPerson(event, before, around, policy, outcome);
  }
  return outcome;
}

/** From the outcome on, a level without a window is a fact; its claim stands for the dwell time and then ends by its range. */
function closeLevels(action: string, event: Envelope, around: Surroundings, policy: Policy, outcome: Outcome): void {
  for (const claim of around.claimsOfAction(action)) {
    if (claim.to === undefined)
      outcome.closedClaims.push({ claim: claim.claim, until: plus(event.now, policy.shop.dwellMs(claim.aspect)) });
  }
  outcome.wakes.push(action);
}

function endAction(action: string, as: 'failed' | 'revoked', around: Surroundings, outcome: Outcome): void {
  for (const claim of around.claimsOfAction(action)) outcome.endedClaims.push({ claim: claim.claim, as });
  outcome.struck.push(action);
  outcome.wakes.push(action);
}

/** Open questions and pending actions whose cause this event voids end with it; what is done already is left to people. */
function voidCause(event: Envelope, around: Surroundings, outcome: Outcome): void {
  for (const action of around.pendingActionsOf(event.subject)) {
    outcome.revocations.push({ action, reason: 'voided' });
    for (const claim of around.claimsOfAction(action)) outcome.endedClaims.push({ claim: claim.claim, as: 'voided' });
    outcome.struck.push(action);
  }
  for (const escalation of around.escalations.values()) {
    if (escalation.state !== 'open' || !escalation.members.some((member) => member.event.subject === event.subject))
      continue;
    outcome.endedEscalations.push({ escalation: escalation.escalation, as: 'voided', by: 'voided', option: 'nothing' });
    for (const claim of around.claimsOfAction(escalation.escalation))
      outcome.endedClaims.push({ claim: claim.claim, as: 'voided' });
    for (const member of escalation.members) outcome.struck.push(member.id);
    outcome.wakes.push(escalation.escalation);
  }
}

function escalationDue(event: Envelope, around: Surroundings, policy: Policy, outcome: Outcome): void {
  const escalation = around.escalations.get(String(event.data.escalation));
  if (escalation?.state !== 'open') return;
  if (event.data.purpose === 'default') {
    applyRuling(event, escalation.escalation, escalation.defaultOption, 'default', around, policy, outcome);
    return;
  }
  const plan = policy.askPlan(escalation.rule, event.now);
  outcome.reminders.push({
    escalation: escalation.escalation,
    recipients: plan.recipients.map((person) => person.address),
    tier: escalation.nextTier ?? escalation.tier,
  });
}

/** A value that people alone move, changed by no action of ours, is a person's wish: it takes the key for the respect time. */
function respectPerson(event: Envelope, before: Before, around: Surroundings, policy: Policy, outcome: Outcome): void {
  const aspect = ASPECT_OF_ATTRIBUTE[before.attribute] as Aspect | undefined;
  if (!aspect || canonicalJson(before.was as Json) === canonicalJson(before.is as Json)) return;
  for (const claim of around.claimsOn(event.subject, event.now)) {
    if (claim.aspect !== aspect || claim.owner === 'person') continue;
    outcome.endedClaims.push({ claim: claim.claim, as: 'displaced' });
    if (claim.action && claim.actionState === 'pending')
      outcome.revocations.push({ action: claim.action, reason: 'displaced' });
  }
  for (const claim of around.claimsOn(event.subject, event.now)) {
    if (claim.aspect === aspect && claim.owner === 'person')
      outcome.endedClaims.push({ claim: claim.claim, as: 'amended' });
  }
  const price = before.attribute === 'price' ? { priceMinor: (before.is as { minor: number }).minor } : {};
  outcome.claims.push({
    claim: claimId(event.id, event.subject, aspect),
    resource: event.subject,
    aspect,
    from: event.now,
    to: plus(event.now, policy.shop.respectMs),
    exclusive: true,
    owner: 'person',
    layer: { action: 'person.change', layer: price, intent: event.id, rank: [-1] },
  });
}
