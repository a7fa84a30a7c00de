import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { ASPECT_OF_ATTRIBUTE } from '#shared/contracts/facts.ts';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { claimId } from '#shared/kernel/ids.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { brokenBy } from './broken.ts';
import { undoBy } from './commit.ts';
import { applyRuling } from './rule.ts';
import { settingOf } from './standing.ts';
import { type Claim, emptyOutcome, type Outcome, type StandingAction, type Surroundings } from './types.ts';
import { undoing } from './undo.ts';

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
  if (type?.voids) voidCause(event, around, policy, outcome);
  switch (event.type) {
    case 'action.done':
      actionDone(String(event.data.action), event, around, policy, outcome);
      break;
    case 'action.failed':
      endAction(String(event.data.action), 'failed', around, outcome);
      break;
    case 'action.revoked':
      if (event.data.actionReason === 'watch') actionDone(String(event.data.action), event, around, policy, outcome);
      else endAction(String(event.data.action), 'revoked', around, outcome);
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

/**
 * In a store that only watches what is granted never becomes a fact. Its claim stands in for it, so that the next verdict
 * is the one that would follow; without an end of its own for so long, because by then the store has moved on.
 */
const WATCHED_MS = 7 * DAY_MS;

/**
 * From the outcome on, a level without a window is a fact; its claim stands for the dwell time and then ends by its range.
 * What was being called while its cause was voided is undone now. What a store only watches is done as far as the claims go.
 */
function actionDone(id: string, event: Envelope, around: Surroundings, policy: Policy, outcome: Outcome): void {
  outcome.wakes.push(id);
  const claims = around.claimsOfAction(id);
  const action = around.actionOf(id);
  const seq = claims[0]?.layer.seq;
  const voided = action && around.voidedBy(action.cause as ResourceKey);
  if (action && seq !== undefined && voided !== undefined && voided > seq) {
    undoVoided({ ...action, state: action.state === 'watched' ? 'watched' : 'done' }, event, around, policy, outcome);
    return;
  }
  const atLeastMs = event.type === 'action.revoked' ? WATCHED_MS : 0;
  for (const { claim, aspect, to } of claims) {
    if (to !== undefined) continue;
    const staysMs = Math.max(policy.shop.dwellMs(aspect), atLeastMs);
    outcome.closedClaims.push({ claim, until: plus(event.now, staysMs) });
  }
}

function endAction(action: string, as: 'failed' | 'revoked', around: Surroundings, outcome: Outcome): void {
  for (const claim of around.claimsOfAction(action)) outcome.endedClaims.push({ claim: claim.claim, as });
  outcome.struck.push(action);
  outcome.wakes.push(action);
}

/** Open questions and pending actions whose cause this event voids end with it; what is done is undone, or left to people. */
function voidCause(event: Envelope, around: Surroundings, policy: Policy, outcome: Outcome): void {
  for (const action of around.actionsOf(event.subject)) {
    // The event may be the echo of an action of ours, and what undoes others is not undone again.
    if (action.action === event.causationid || action.agent === 'coordinator') continue;
    if (action.state === 'done' || action.state === 'watched') undoVoided(action, event, around, policy, outcome);
    if (action.state !== 'pending') continue;
    outcome.revocations.push({ action: action.action, reason: 'voided' });
    endAll(around.claimsOfAction(action.action), 'voided', outcome);
    outcome.struck.push(action.action);
  }
  for (const escalation of around.escalations.values()) {
    if (escalation.state !== 'open' || !escalation.members.some((member) => member.event.subject === event.subject))
      continue;
    outcome.endedEscalations.push({ escalation: escalation.escalation, as: 'voided', by: 'voided', option: 'nothing' });
    endAll(around.claimsOfAction(escalation.escalation), 'voided', outcome);
    for (const member of escalation.members) outcome.struck.push(member.id);
    outcome.wakes.push(escalation.escalation);
  }
}

function endAll(claims: readonly Claim[], as: Outcome['endedClaims'][number]['as'], outcome: Outcome): void {
  for (const { claim } of claims) outcome.endedClaims.push({ claim, as });
}

/** Protective actions take nothing from anybody and stand; so does what took no hold of anything. */
function undoVoided(
  action: StandingAction,
  event: Envelope,
  around: Surroundings,
  policy: Policy,
  outcome: Outcome,
): void {
  const type = around.actionTypes.get(action.type);
  if (!type?.hold || type.protective || action.undone) return;
  const setting = settingOf(event.now, around, policy);
  const claims = around.claimsOfAction(action.action);
  if (action.state === 'watched') {
    endAll(claims, 'voided', outcome);
    outcome.struck.push(action.action);
    return;
  }
  const reason = `Its cause ${action.cause} was voided.`;
  const undo = undoing(action, reason, claims[0]?.layer.rank ?? [], event, setting);
  if ('left' in undo) {
    outcome.leftToPeople.push(undo.left);
    return;
  }
  endAll(claims, 'undone', outcome);
  const finding = { rule: 'freshness', why: 'What rests on a voided cause is taken back.', detail: reason };
  for (const candidate of undo.candidates) {
    const { noop } = candidate.type;
    if (noop && candidate.leaves.every((leaf) => noop(candidate.params, leaf, around.facts))) continue;
    undoBy(candidate, [finding], outcome, setting);
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
    recipients: plan.reminded.map((person) => person.address),
  });
}

/** A value that people alone move, changed by no action of ours, is a person's wish: it takes the key for the respect time. */
function respectPerson(event: Envelope, before: Before, around: Surroundings, policy: Policy, outcome: Outcome): void {
  const aspect = ASPECT_OF_ATTRIBUTE[before.attribute] as Aspect | undefined;
  if (!aspect || canonicalJson(before.was as Json) === canonicalJson(before.is as Json)) return;
  for (const claim of around.claimsOn(event.subject, event.now)) {
    if (claim.aspect !== aspect || claim.owner === 'person') continue;
    outcome.endedClaims.push({ claim: claim.claim, as: 'displaced' });
    // A question about the key stays open; its options are judged against the person's wish when it is answered.
    if (claim.action && claim.actionState === 'pending' && claim.owner !== 'escalation')
      outcome.revocations.push({ action: claim.action, reason: 'displaced' });
  }
  for (const claim of around.claimsOn(event.subject, event.now)) {
    if (claim.aspect === aspect && claim.owner === 'person')
      outcome.endedClaims.push({ claim: claim.claim, as: 'amended' });
  }
  const price = before.attribute === 'price' ? { priceMinor: (before.is as { minor: number }).minor } : {};
  const claim: Claim = {
    claim: claimId(event.id, event.subject, aspect),
    resource: event.subject,
    aspect,
    from: event.now,
    to: plus(event.now, policy.respectMs(event.subject, around.category(event.subject), aspect, event.now)),
    exclusive: true,
    owner: 'person',
    layer: { action: 'person.change', layer: price, intent: event.id, rank: [-1] },
  };
  outcome.claims.push(claim);
  const was = before.attribute === 'price' && before.was ? { priceMinor: (before.was as { minor: number }).minor } : {};
  outcome.events.push(...brokenBy(claim, was, event, settingOf(event.now, around, policy)));
}
