import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { admitAll, type Setting, type Standing } from './admit.ts';
import { commitStandings, refuseOutright } from './commit.ts';
import { components, conflictsOf, instanceOf } from './detect.ts';
import { escalate, reasonToAsk } from './escalate.ts';
import { byPrecedence, prepare } from './prepare.ts';
import { type Candidate, emptyOutcome, type Outcome, type Proposed, type Surroundings } from './types.ts';

/**
 * Judges the intents of one round. Deterministic given rule set, intents, claims, facts and `now`: the order in which
 * answers arrived plays no part.
 */
export function judge(event: Envelope, proposed: readonly Proposed[], around: Surroundings, policy: Policy): Outcome {
  const now = event.now;
  const outcome = emptyOutcome();
  const setting: Setting = { now, around, policy };
  // 1. Contract, manifest, freshness, no-ops, earlier rulings, temporal holds: what needs no comparison.
  const undecided: Candidate[] = [];
  for (const entry of proposed) {
    const prepared = prepare(entry, now, around, policy);
    if ('refusal' in prepared) outcome.decisions.push(refuseOutright(entry, prepared.target, [prepared.refusal]));
    else {
      const standing = beforeAdmission(prepared.candidate, setting);
      if (standing) {
        outcome.conflicts.push(...conflictsOf([standing]));
        commitStandings([standing], outcome, setting);
      } else undecided.push(prepared.candidate);
    }
  }
  // 2. Each component of intents that touch each other, whole.
  const parts = components(undecided.sort(byPrecedence));
  for (const [index, component] of parts.entries()) settle(component, `${event.id}.e${index}`, outcome, setting);
  return outcome;
}

function settle(component: readonly Candidate[], escalationId: string, outcome: Outcome, setting: Setting): void {
  const standings = admitAll([...component].sort(byPrecedence), setting);
  const conflicts = conflictsOf(standings);
  outcome.conflicts.push(...conflicts);
  const asking = standings.filter((standing) => standing.verdict !== 'deferred');
  const ask = reasonToAsk(asking, conflicts, setting, outcome.limits);
  if (!ask) {
    commitStandings(standings, outcome, setting);
    return;
  }
  commitStandings(
    standings.filter((standing) => standing.verdict === 'deferred'),
    outcome,
    setting,
  );
  escalate(asking, conflicts, ask, escalationId, outcome, setting);
}

/** Verdicts that rest on the candidate and the facts alone. */
function beforeAdmission(candidate: Candidate, setting: Setting): Standing | undefined {
  const { around, policy, now } = setting;
  const denied = (rule: string, why: string, detail: string, stale = false): Standing => ({
    candidate,
    verdict: 'denied',
    reasons: [{ rule, why, detail }],
    displaces: [],
    ...(stale ? { clash: { class: 'stale', with: [] } } : {}),
  });
  if (candidate.leaves.length === 0)
    return denied(
      'nothing-covered',
      'An action must cover something.',
      `${candidate.target} covers nothing at the moment.`,
    );
  const voided = around.voidedBy(candidate.event.subject);
  if (voided !== undefined && voided > candidate.event.seq && !candidate.type.protective) {
    return denied(
      'freshness',
      'What rests on a voided cause is not carried out.',
      `${candidate.event.subject} was voided at ${voided}, after this was proposed on ${candidate.event.seq}.`,
      true,
    );
  }
  const moved = movedCitation(candidate, setting);
  if (moved) return denied('freshness', 'The facts that it cites have moved.', moved, true);
  if (candidate.leaves.every((leaf) => candidate.type.noop?.(candidate.params, leaf, around.facts))) {
    return denied('no-op', 'What would change nothing is not done.', `${candidate.target} is already as asked.`);
  }
  const refusedBefore = around.refusedBefore(
    `${candidate.agent}:${candidate.type.type} @ ${instanceOf(candidate.leaves)}`,
  );
  if (refusedBefore) return denied('remembered-ruling', 'A person has refused this lately.', refusedBefore);
  const hold = policy.hold(candidate.ruled, now);
  if (!hold) return undefined;
  return {
    candidate,
    verdict: hold.verdict,
    reasons: [hold],
    displaces: [],
    ...(hold.until ? { until: hold.until as Instant } : {}),
  };
}

/** Attributes that a sale does not move: a change of one of these means that the agent saw another world. */
const FIRM = new Set(['price', 'cost', 'lifecycle', 'cancelled', 'dispute', 'consent']);

function movedCitation(candidate: Candidate, setting: Setting): string | undefined {
  for (const cited of candidate.intent.cites) {
    if (!FIRM.has(cited.attribute)) continue;
    const fact = setting.around.facts.get(cited.resource, cited.attribute as never);
    if (fact && fact.version > cited.version)
      return `${cited.attribute} of ${cited.resource} was cited at ${cited.version} and is now at ${fact.version}.`;
  }
  return undefined;
}

/** Ids of intents in an order that does not depend on arrival. */
export function inOrder(proposed: readonly Proposed[]): Proposed[] {
  return [...proposed].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
