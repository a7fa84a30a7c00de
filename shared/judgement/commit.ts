import type { Inverse } from '#shared/contracts/actions/define.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { claimId } from '#shared/kernel/ids.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { rankOf } from './precedence.ts';
import { allOf } from './preempt.ts';
import { goesAhead, type Setting, type Standing } from './standing.ts';
import type { Candidate, Claim, ClaimEnd, Decision, Outcome, Proposed } from './types.ts';

/** Writes down where the intents of a component stand: decisions, and for those that go ahead claims and actions. */
export function commitStandings(standings: readonly Standing[], outcome: Outcome, setting: Setting): void {
  for (const standing of standings) {
    const { candidate, verdict } = standing;
    if (verdict === 'deferred') defer(standing, outcome);
    if (goesAhead(standing)) goAhead(standing, outcome, setting);
    outcome.leftToPeople.push(...(standing.leftToPeople ?? []));
    if (verdict === 'denied' && standing.negotiable) offerCounter(standing, outcome);
    const action = standing.leader ?? (verdict === 'denied' || verdict === 'deferred' ? undefined : candidate.id);
    outcome.decisions.push(
      decide(
        candidate,
        verdict,
        standing,
        setting,
        action,
        standing.until ? `time:${standing.until}` : standing.wakesOn,
      ),
    );
  }
}

export function decide(
  candidate: Candidate,
  verdict: Decision['verdict'],
  why: Pick<Standing, 'reasons'>,
  setting: Setting,
  action?: string,
  wakesOn?: string,
): Decision {
  return {
    intent: candidate.id,
    agent: candidate.agent,
    actionType: candidate.type.type,
    resource: candidate.target,
    params: candidate.params,
    verdict,
    rule: why.reasons[0]?.rule ?? candidate.rank.rule,
    reasons: why.reasons,
    inputs: inputsOf(candidate, setting),
    replaces: candidate.intent.replaces,
    action,
    wakesOn,
  };
}

/** The decision of an intent that never became a candidate. */
export function refuseOutright(proposed: Proposed, target: string, reasons: Decision['reasons']): Decision {
  return {
    intent: proposed.id,
    agent: proposed.agent,
    actionType: proposed.intent.action,
    resource: target,
    params: proposed.intent.params,
    verdict: 'denied',
    rule: reasons[0]?.rule ?? 'contract',
    reasons,
    inputs: { facts: [], claims: [] },
    replaces: proposed.intent.replaces,
  };
}

/** How many leaves' inputs a decision records; a group of hundreds is recorded by its first ones and its rule-set hash. */
const INPUT_LEAVES = 20;

function inputsOf(candidate: Candidate, setting: Setting): Decision['inputs'] {
  const leaves = candidate.leaves.slice(0, INPUT_LEAVES);
  const facts = leaves.flatMap((leaf) =>
    candidate.type.reads.flatMap((attribute) => {
      const fact = setting.around.facts.get(leaf, attribute);
      return fact ? [[leaf, attribute, fact.version] as const] : [];
    }),
  );
  return {
    facts,
    claims: leaves.flatMap((leaf) => setting.around.claimsOn(leaf, setting.now).map((claim) => claim.claim)),
  };
}

/** Everything that a standing which goes ahead brings about; of merged ones the leader does it for all. */
export function goAhead(standing: Standing, outcome: Outcome, setting: Setting): void {
  if (standing.leader !== undefined) return;
  const { candidate, displaces, preempts, supersedes = [] } = standing;
  const undone = new Set(preempts?.undone);
  for (const claim of displaces) if (!undone.has(claim)) displace(claim, candidate, outcome);
  for (const escalation of supersedes) supersede(escalation, candidate, outcome, setting);
  if (preempts) {
    for (const action of new Set(preempts.revoked.map((claim) => claim.action!)))
      outcome.revocations.push({ action, reason: 'preempted' });
    end(allOf(preempts.revoked, setting), 'revoked', outcome);
    end(allOf(preempts.undone, setting), 'undone', outcome);
    for (const undo of preempts.undoing) undoBy(undo, standing.reasons, outcome, setting);
  }
  carryOut(candidate, outcome, setting);
}

/** An inverse is an intent of the coordinator: decided, claimed and carried out like any other. */
export function undoBy(undo: Candidate, reasons: Decision['reasons'], outcome: Outcome, setting: Setting): void {
  carryOut(undo, outcome, setting);
  outcome.decisions.push(decide(undo, 'granted', { reasons }, setting, undo.id));
}

function end(claims: readonly Claim[], as: ClaimEnd, outcome: Outcome): void {
  for (const { claim } of claims) outcome.endedClaims.push({ claim, as });
}

/** The question is no longer one: who outranks every member has gone ahead. */
function supersede(escalation: string, by: Candidate, outcome: Outcome, setting: Setting): void {
  const ended = setting.around.escalations.get(escalation);
  outcome.endedEscalations.push({ escalation, as: 'superseded', by: by.id, option: 'nothing' });
  for (const member of ended?.members ?? []) outcome.struck.push(member.id);
  outcome.wakes.push(escalation);
}

/** Claims on every leaf, the action itself, and what it counts towards cumulative limits. */
export function carryOut(candidate: Candidate, outcome: Outcome, setting: Setting): void {
  for (const leaf of candidate.leaves) {
    const claim = claimOn(leaf, candidate, setting, candidate.id);
    if (claim) outcome.claims.push(claim);
  }
  const { type, params } = candidate;
  outcome.actions.push({
    action: candidate.id,
    type: type.type,
    agent: candidate.agent,
    params,
    leaves: candidate.leaves,
    writes: candidate.leaves.flatMap((leaf) => type.writes(params, leaf)),
    inverse: inversesOf(candidate, setting),
    cause: candidate.event.subject,
    notBefore: setting.now,
    ...(candidate.window.to ? { notAfter: candidate.window.to } : {}),
    correlation: candidate.event.correlationid,
    depth: candidate.event.depth + 1,
  });
  for (const limit of setting.policy.limits(candidate.ruled)) {
    outcome.limits.push({ ...limit, intent: candidate.id, amount: candidate.ruled.impact[limit.measure] });
  }
}

/** Of a group often one inverse undoes it on every leaf. */
function inversesOf({ type, params, leaves }: Candidate, { around }: Setting): readonly Inverse[] {
  const found = leaves.flatMap((leaf) => type.inverse?.(params, leaf, around.facts) ?? []);
  if (found.length < 2) return found;
  return [...new Map(found.map((inverse) => [canonicalJson(inverse as unknown as Json), inverse])).values()];
}

export function claimOn(
  leaf: ResourceKey,
  candidate: Candidate,
  setting: Setting,
  action: string,
  to?: Instant,
): Claim | undefined {
  const { type, params, window } = candidate;
  if (!type.hold) return undefined;
  const layer = type.layer(params, leaf, setting.around.facts);
  const amount = layer.units ?? layer.spendMinor ?? layer.refundMinor ?? layer.contacts;
  const end = to ?? window.to;
  return {
    claim: claimId(candidate.id, leaf, type.hold.aspect),
    resource: leaf,
    aspect: type.hold.aspect,
    from: window.from,
    ...(end ? { to: end } : {}),
    exclusive: type.hold.exclusive,
    ...(amount === undefined ? {} : { amount }),
    owner: candidate.agent,
    layer: {
      action: type.type,
      layer,
      intent: candidate.id,
      rank: rankOf(candidate),
      objective: candidate.intent.objective,
      seq: candidate.event.seq,
      ...(candidate.same.length > 0 ? { same: candidate.same.map(({ key }) => key) } : {}),
    },
    action,
    actionState: 'pending',
  };
}

/** A pending action of a displaced claim is revoked before its call; a done one stands, and the new value goes over it. */
function displace(claim: Claim, by: Candidate, outcome: Outcome): void {
  if (claim.owner === 'escalation') {
    outcome.endedClaims.push({ claim: claim.claim, as: 'answered' });
    return;
  }
  const own = claim.owner === by.agent;
  const { action } = claim;
  const known = outcome.revocations.some((revocation) => revocation.action === action);
  if (action && claim.actionState === 'pending' && !known) {
    outcome.revocations.push({ action, reason: own ? 'amended' : 'preempted' });
  }
  outcome.endedClaims.push({
    claim: claim.claim,
    as: own ? 'amended' : claim.actionState === 'pending' ? 'revoked' : 'displaced',
  });
}

/** An event that brings a wish back to the agent that had it: only that agent is expected to answer. */
function toAgent({ agent, event }: Candidate) {
  return { addressee: agent, correlationid: event.correlationid, causationid: event.id, depth: event.depth + 1 };
}

/** The wish whole, ready to be proposed again in its own place. */
function wishOf({ agent, id, intent }: Candidate) {
  return { agent, intent: id, proposal: { ...intent, replaces: id } };
}

function defer(standing: Standing, outcome: Outcome): void {
  const { candidate } = standing;
  outcome.timers.push({
    timer: `due.${candidate.id}`,
    due: standing.until ?? NEVER,
    kind: 'intent.due',
    ref: {
      wakesOn: standing.wakesOn,
      event: {
        ...toAgent(candidate),
        data: { ...wishOf(candidate), origin: candidate.event.id },
      },
    },
  });
}

/** The due time of a timer that only its `wakesOn` fires. */
export const NEVER: Instant = '9999-12-31T00:00:00.000Z';

/** A denial that names a constraint goes back to its agent, which may offer something else. */
function offerCounter(standing: Standing, outcome: Outcome): void {
  const { candidate } = standing;
  if (candidate.agent === 'coordinator') return;
  outcome.events.push({
    type: 'intent.refused',
    subject: `store:${candidate.event.store}`,
    source: 'coordinator',
    ...toAgent(candidate),
    data: {
      ...wishOf(candidate),
      constraint: cut(standing.reasons[0]?.detail ?? '', 500),
      rule: standing.reasons[0]?.rule ?? 'none',
    },
  });
}
