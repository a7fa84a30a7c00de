import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { admitAll } from './admit.ts';
import { reasonToAsk } from './ask.ts';
import { commitStandings, refuseOutright } from './commit.ts';
import { components, conflictsOf } from './detect.ts';
import { escalate } from './escalate.ts';
import { beforeAdmission } from './fresh.ts';
import { stakeOf, waysOf } from './options.ts';
import { byPrecedence, inSequence } from './precedence.ts';
import { prepare } from './prepare.ts';
import { type Setting, type Standing, settingOf } from './standing.ts';
import { type Candidate, emptyOutcome, type Outcome, type Proposed, type Surroundings } from './types.ts';

/**
 * Judges the intents of one round. Deterministic given rule set, intents, claims, facts and `now`: the order in which
 * answers arrived plays no part.
 */
export function judge(event: Envelope, proposed: readonly Proposed[], around: Surroundings, policy: Policy): Outcome {
  const outcome = emptyOutcome();
  const setting = settingOf(event.now, around, policy);
  // 1. Contract, manifest, freshness, no-ops, earlier rulings, holds, calm: what needs no comparison.
  const undecided: Candidate[] = [];
  for (const entry of proposed) {
    const prepared = prepare(entry, setting.now, around, policy);
    if ('refusal' in prepared) {
      outcome.decisions.push(refuseOutright(entry, prepared.target, [prepared.refusal]));
      continue;
    }
    const found = beforeAdmission(prepared.candidate, setting);
    if ('verdict' in found) {
      outcome.conflicts.push(...conflictsOf([found], prepared.candidate.ruled.impact));
      commitStandings([found], outcome, setting);
    } else undecided.push(found);
  }
  // 2. Each component of intents that touch each other, whole.
  const parts = components(undecided.sort(byPrecedence));
  for (const [index, component] of parts.entries()) settle(component, `${event.id}.e${index}`, outcome, setting);
  return outcome;
}

function settle(component: readonly Candidate[], escalation: string, outcome: Outcome, setting: Setting): void {
  // What an earlier component of the round has ended stands in nobody's way any more.
  const gone = outcome.endedClaims.map((ended) => ended.claim);
  const standings = admitAll(inSequence(component), setting, gone);
  const asking = standings.filter((standing) => standing.verdict !== 'deferred');
  // What could be done is worked out only where something collides or somebody has to be asked.
  const ways = standings.some((standing) => standing.clash) ? waysOf(asking, setting, gone) : undefined;
  const conflicts = ways ? conflictsOf(standings, stakeOf(ways)) : [];
  const found = reasonToAsk(asking, conflicts, setting, outcome);
  const all = found?.conflict ? [...conflicts, found.conflict] : conflicts;
  outcome.conflicts.push(...all);
  if (!found) {
    commitStandings(standings, outcome, setting);
    return;
  }
  const waiting = standings.filter((standing) => standing.verdict === 'deferred');
  commitStandings(
    waiting.map((standing) => behind(escalation, standing, asking)),
    outcome,
    setting,
  );
  const question = { escalation, standings: asking, conflicts: all, reason: found.reason, gone };
  escalate(ways ? { ...question, ways } : question, outcome, setting);
}

/** Who waits for an intent that is now put to a person waits for the ruling. */
function behind(escalation: string, standing: Standing, asking: readonly Standing[]): Standing {
  const waitsForOne = asking.some((other) => other.candidate.id === standing.wakesOn);
  return waitsForOne ? { ...standing, wakesOn: escalation } : standing;
}

/** Ids of intents in an order that does not depend on arrival. */
export function inOrder(proposed: readonly Proposed[]): Proposed[] {
  return [...proposed].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
