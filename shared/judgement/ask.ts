import type { Ask, Finding, LimitScope } from '#shared/policy/policy.ts';
import { conflictOf } from './detect.ts';
import { goesAhead, partyOf, type Setting, type Standing } from './standing.ts';
import type { Conflict, LimitEntry, Outcome } from './types.ts';

export type Reason = Finding & Partial<Ask>;

export interface Asking {
  readonly reason: Reason;
  /** The conflict that a cumulative limit makes of many small wishes. */
  readonly conflict?: Conflict;
}

/**
 * The first reason to ask a person about a component: a guardrail that says so, a threshold that its stake or a sum over
 * time passes, or an autonomy rule that keeps a person in the loop, or on it.
 */
export function reasonToAsk(
  standings: readonly Standing[],
  conflicts: readonly Conflict[],
  setting: Setting,
  outcome: Outcome,
): Asking | undefined {
  for (const { asks } of standings) if (asks) return { reason: asks };
  const conflictOfMember = new Map(conflicts.flatMap((conflict) => conflict.members.map(({ id }) => [id, conflict])));
  const counted = [...outcome.limits];
  for (const standing of standings) {
    const conflict = conflictOfMember.get(standing.candidate.id);
    // Who lost a clash may yet win it by a person's word; what was only said twice would not be done twice.
    const isOver = standing.verdict === 'denied' && (!conflict || standing.clash?.class === 'redundant');
    if (standing.verdict === 'deferred' || isOver) continue;
    const found = overThreshold(standing, conflict, counted, setting, outcome);
    if (found) return found;
    // Two halves of one change, in one round, are seen together.
    if (goesAhead(standing) && !standing.leader) counted.push(...entriesOf(standing, setting));
  }
  return loopedIn(standings, setting);
}

function entriesOf({ candidate }: Standing, { policy }: Setting): LimitEntry[] {
  const { ruled, id } = candidate;
  return policy.limits(ruled).map((limit) => ({ ...limit, intent: id, amount: ruled.impact[limit.measure] }));
}

function overThreshold(
  standing: Standing,
  conflict: Conflict | undefined,
  entries: readonly LimitEntry[],
  setting: Setting,
  outcome: Outcome,
): Asking | undefined {
  const { ruled } = standing.candidate;
  const reason = setting.policy.ask({
    intent: ruled,
    conflict: conflict && {
      class: conflict.class,
      stake: conflict.stake,
      agents: conflict.members.map((member) => member.agent),
      actions: conflict.members.map((member) => member.action),
    },
    counted: (limit) => {
      let sum = setting.around.counted(limit);
      for (const entry of entries) if (isOf(entry, limit)) sum += entry.amount;
      return sum;
    },
    now: setting.now,
  });
  if (!reason) return undefined;
  const limit = setting.policy.limits(ruled).find((entry) => entry.rule === reason.rule);
  const shared = limit && sharedLimit(standing, limit, entries, reason, setting, outcome);
  return shared ? { reason, conflict: shared } : { reason };
}

function isOf(entry: LimitScope, limit: LimitScope): boolean {
  return entry.rule === limit.rule && entry.scope === limit.scope && entry.measure === limit.measure;
}

/** Who has taken of the same limit: intents of this round by name, those of earlier rounds as one sum. */
function sharedLimit(
  standing: Standing,
  limit: LimitScope,
  entries: readonly LimitEntry[],
  { rule, amount }: Reason,
  setting: Setting,
  outcome: Outcome,
): Conflict | undefined {
  const { candidate } = standing;
  const decided = new Map(outcome.decisions.map((decision) => [decision.intent, decision]));
  const members: Conflict['members'][number][] = [{ ...partyOf(candidate), resource: candidate.target }];
  for (const entry of entries) {
    if (!isOf(entry, limit) || entry.amount === 0) continue;
    const other = decided.get(entry.intent);
    members.push({
      id: entry.intent,
      agent: other?.agent ?? candidate.agent,
      action: other?.actionType ?? candidate.type.type,
      resource: other?.resource ?? candidate.target,
    });
  }
  if (setting.around.counted(limit) > 0)
    members.push({
      id: `${limit.rule} ${limit.scope}`,
      agent: 'coordinator',
      action: 'counted.before',
      resource: limit.scope,
    });
  if (members.length === 1) return undefined;
  const stake = { ...candidate.ruled.impact, [limit.measure]: amount ?? candidate.ruled.impact[limit.measure] };
  return conflictOf('implicit', members, rule, stake, candidate);
}

/** Whom an autonomy rule keeps in the loop goes before whom it keeps on it: silence must not grant what somebody has to approve. */
function loopedIn(standings: readonly Standing[], { policy }: Setting): Asking | undefined {
  let told: Reason | undefined;
  for (const standing of standings) {
    if (!goesAhead(standing)) continue;
    const autonomy = policy.autonomy(standing.candidate.ruled);
    if (autonomy?.mode === 'ask') return { reason: autonomy };
    if (autonomy?.mode === 'tell') told ??= autonomy;
  }
  return told && { reason: told };
}
