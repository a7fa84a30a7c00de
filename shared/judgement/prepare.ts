import { type ActionType, type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { levelOf } from '#shared/contracts/level.ts';
import { type Aspect, kindOf, nameOf, type ResourceKey } from '#shared/contracts/resource.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Finding, Policy, RuledIntent } from '#shared/policy/policy.ts';
import type { Candidate, Proposed, Surroundings } from './types.ts';

/** The most often that one wish may be proposed again, deferrals and refusals alike. */
const REPLACEMENTS_MAX = 3;
const DEPTH_MAX = 8;

export type Prepared = { readonly candidate: Candidate } | { readonly refusal: Finding; readonly target: string };

/** Checks what an agent proposed against its contract and its manifest, and expands it into the leaves that it covers. */
export function prepare(proposed: Proposed, now: Instant, around: Surroundings, policy: Policy): Prepared {
  const { intent, agent, event } = proposed;
  const type = around.actionTypes.get(intent.action);
  const parsed = type?.params.safeParse(intent.params);
  const about = type && parsed?.success ? type.target(parsed.data) : 'store:unknown';
  const refuse = (rule: string, why: string, detail: string) => ({ refusal: { rule, why, detail }, target: about });
  if (!type || !parsed)
    return refuse('contract', 'Only known actions can be decided.', `There is no action "${cut(intent.action, 60)}".`);
  if (agent !== 'coordinator' && !around.permits(agent, intent.action, intent.objective)) {
    return refuse(
      'manifest',
      'An agent acts within its manifest.',
      `${agent} may not propose ${intent.action} for ${intent.objective}.`,
    );
  }
  if (event.depth >= DEPTH_MAX)
    return refuse('depth', 'A chain of causes ends somewhere.', `This answer lies ${event.depth} causes deep.`);
  if (proposed.replacements > REPLACEMENTS_MAX) {
    return refuse(
      'replacements',
      'A wish is proposed anew at most three times.',
      `It has been proposed ${proposed.replacements} times before.`,
    );
  }
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse(
      'contract',
      "Parameters follow the action's contract.",
      `params.${issue?.path.join('.')}: ${issue?.message}`,
    );
  }
  const target = type.target(parsed.data);
  const leaves = around.leavesOf(target);
  const ruled = describe(proposed, type, parsed.data, target, leaves, now, around);
  const candidate: Candidate = {
    ...proposed,
    type,
    params: parsed.data,
    target,
    leaves,
    window: type.window(parsed.data, now),
    ruled,
    rank: policy.precedence(ruled),
    same: policy.sameness(ruled),
    after: policy.successions(ruled),
  };
  return { candidate };
}

/** The same candidate with other parameters or fewer leaves. */
export function reshape(
  candidate: Candidate,
  params: Candidate['params'],
  leaves: readonly ResourceKey[],
  now: Instant,
  around: Surroundings,
): Candidate {
  const ruled = describe(candidate, candidate.type, params, candidate.target, leaves, now, around);
  return { ...candidate, params, leaves, ruled, window: candidate.type.window(params, now) };
}

function describe(
  proposed: Proposed,
  type: ActionType,
  params: Readonly<Record<string, unknown>>,
  target: ResourceKey,
  leaves: readonly ResourceKey[],
  now: Instant,
  around: Surroundings,
): RuledIntent {
  const category = kindOf(target) === 'category' ? nameOf(target) : around.category(target);
  return {
    intent: proposed.id,
    agent: proposed.agent,
    action: type.type,
    objective: proposed.intent.objective,
    resource: target,
    aspect: type.hold?.aspect as Aspect | undefined,
    params,
    category,
    protective: type.protective,
    customerVisible: type.customerVisible,
    impact: addImpacts(leaves.map((leaf) => type.impact(params, leaf, around.facts))),
    window: type.window(params, now),
    cause: { type: proposed.event.type, time: proposed.event.time, event: proposed.event.id },
    now,
    level: leaves[0] && levelOf(type.layer(params, leaves[0], around.facts)),
    ...lastChangeOf(type.hold?.aspect, leaves, now, around),
  };
}

/** When the aspect was last set by an action that is done: its claim stands for the dwell time after it. */
function lastChangeOf(
  aspect: Aspect | undefined,
  leaves: readonly ResourceKey[],
  now: Instant,
  around: Surroundings,
): { lastChange?: Instant } {
  let last: Instant | undefined;
  for (const leaf of leaves) {
    for (const claim of around.claimsOn(leaf, now)) {
      if (claim.aspect === aspect && claim.actionState === 'done' && (!last || claim.from > last)) last = claim.from;
    }
  }
  return last ? { lastChange: last } : {};
}

export function addImpacts(impacts: readonly Impact[]): Impact {
  return impacts.reduce(
    (sum, impact) => ({
      revenueMinor: sum.revenueMinor + impact.revenueMinor,
      marginMinor: sum.marginMinor + impact.marginMinor,
      cashMinor: sum.cashMinor + impact.cashMinor,
      units: sum.units + impact.units,
      customers: sum.customers + impact.customers,
    }),
    NO_IMPACT,
  );
}
