import { mergeParams } from '#shared/contracts/actions/resolve.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Finding, Policy } from '#shared/policy/policy.ts';
import { blockersOf } from './blockers.ts';
import { Board } from './board.ts';
import { type Breach, breaches, nearest } from './guard.ts';
import { reshape } from './prepare.ts';
import type { Candidate, Claim, ConflictClass, Surroundings } from './types.ts';

/** Where one candidate of a component would stand if nobody had to be asked. */
export interface Standing {
  readonly candidate: Candidate;
  readonly verdict: 'granted' | 'adjusted' | 'merged' | 'deferred' | 'denied';
  readonly reasons: readonly Finding[];
  /** The clash that decided, where there was one. */
  readonly clash?: {
    readonly class: ConflictClass;
    readonly with: readonly { id: string; agent: string; action: string }[];
  };
  readonly displaces: readonly Claim[];
  /** For `merged`: the intent whose action does it for all. */
  readonly leader?: string;
  readonly until?: Instant;
  readonly wakesOn?: string;
  /** A guardrail that says `ask` instead of deciding. */
  readonly asks?: Finding;
  /** True where a counter-offer could keep the constraint. */
  readonly negotiable?: boolean;
}

export interface Setting {
  readonly now: Instant;
  readonly around: Surroundings;
  readonly policy: Policy;
}

/** Admits a component in the order given: each one if it is compatible with what stands and every guardrail holds. */
export function admitAll(ordered: readonly Candidate[], setting: Setting, gone: Iterable<string> = []): Standing[] {
  const board = new Board(setting.around, setting.now, gone);
  const standings: Standing[] = [];
  for (const candidate of ordered) {
    const merged = tryMerge(candidate, standings, board, setting);
    if (merged) standings.push(merged);
    else standings.push(admit(candidate, board, setting));
  }
  return standings;
}

function admit(candidate: Candidate, board: Board, setting: Setting): Standing {
  // 1. What holds the keys already: claims, escalations, what has been admitted before.
  const blocked = blockersOf(candidate, board, setting);
  if (blocked.standing) return blocked.standing;
  const free =
    blocked.leaves.length === candidate.leaves.length
      ? candidate
      : reshape(candidate, candidate.params, blocked.leaves, setting.now, setting.around);
  // 2. Guardrails on the projected merged state.
  const trial = boardWithout(board, blocked.displaces);
  const found = breaches(free, trial, setting.around, setting.policy, setting.now);
  if (found.length === 0) return accept(candidate, free, blocked.displaces, blocked.reasons, blocked.clash, board);
  // 3. Adjust to the nearest that holds, or say why not.
  const fitted = fit(free, found, trial, setting);
  if (fitted) {
    const reasons = [...blocked.reasons, ...found.flatMap((breach) => breach.violations).slice(0, 3)];
    return accept(candidate, fitted, blocked.displaces, reasons, clashOf(free, found) ?? blocked.clash, board);
  }
  return refuse(candidate, found);
}

/** The board as it would be without the claims that the candidate displaces. */
function boardWithout(board: Board, displaced: readonly Claim[]): Board {
  return displaced.length === 0 ? board : board.without(displaced);
}

function accept(
  proposed: Candidate,
  accepted: Candidate,
  displaces: readonly Claim[],
  reasons: readonly Finding[],
  clash: Standing['clash'],
  board: Board,
): Standing {
  board.admit(accepted, displaces);
  const changed = accepted.params !== proposed.params || accepted.leaves.length !== proposed.leaves.length;
  const own: Finding = {
    rule: proposed.rank.rule,
    why: 'Nothing stands against it.',
    detail: `${proposed.agent}: ${proposed.intent.reason}`,
  };
  return {
    candidate: accepted,
    verdict: changed ? 'adjusted' : 'granted',
    reasons: reasons.length > 0 ? reasons : [own],
    displaces,
    ...(clash ? { clash } : {}),
  };
}

function refuse(candidate: Candidate, found: readonly Breach[]): Standing {
  const violations = found.flatMap((breach) => breach.violations);
  const asking = violations.find((violation) => violation.otherwise === 'ask');
  const clash = clashOf(candidate, found);
  return {
    candidate,
    verdict: 'denied',
    reasons: violations.slice(0, 5),
    displaces: [],
    negotiable: violations.every((violation) => !violation.unknown),
    ...(clash ? { clash } : {}),
    ...(asking ? { asks: asking } : {}),
  };
}

/** A clash is a breach that others take part in: what the candidate breaks on its own is a limit, not a conflict. */
function clashOf(candidate: Candidate, found: readonly Breach[]): Standing['clash'] {
  const against = [...new Map(found.flatMap((breach) => breach.against).map((other) => [other.id, other])).values()];
  if (against.length === 0) return undefined;
  const shared = candidate.type.moves.includes('contacts') || candidate.type.moves.includes('spend');
  const same = against.some((other) => other.action === candidate.type.type);
  return { class: shared ? 'implicit' : same ? 'direct' : 'indirect', with: against };
}

/** Moves the flexible parameter, or leaves out the leaves of a group that break a guardrail; undefined where neither helps. */
function fit(candidate: Candidate, found: readonly Breach[], board: Board, setting: Setting): Candidate | undefined {
  const { now, around, policy } = setting;
  if (found.some((breach) => breach.violations.some((violation) => violation.otherwise !== 'adjust'))) {
    return withoutLeaves(candidate, found, setting);
  }
  const flex = candidate.intent.flex;
  const proposed = flex ? candidate.params[flex.param] : undefined;
  if (flex && typeof proposed === 'number') {
    const shaped = (value: number) =>
      reshape(candidate, { ...candidate.params, [flex.param]: value }, candidate.leaves, now, around);
    const value = nearest(proposed, flex.min, flex.max, (tried) => {
      const trial = shaped(tried);
      return (
        candidate.type.params.safeParse(trial.params).success &&
        breaches(trial, board, around, policy, now).length === 0
      );
    });
    if (value !== undefined) return shaped(value);
  }
  return withoutLeaves(candidate, found, setting);
}

function withoutLeaves(candidate: Candidate, found: readonly Breach[], setting: Setting): Candidate | undefined {
  const broken = new Set(found.map((breach) => breach.leaf));
  const rest = candidate.leaves.filter((leaf) => !broken.has(leaf));
  return rest.length === 0 ? undefined : reshape(candidate, candidate.params, rest, setting.now, setting.around);
}

/** Two wishes that one action fulfils: the leader's action is widened, and both are `merged`. */
function tryMerge(candidate: Candidate, standings: Standing[], board: Board, setting: Setting): Standing | undefined {
  const index = standings.findIndex(
    (standing) =>
      standing.verdict !== 'denied' &&
      standing.verdict !== 'deferred' &&
      standing.leader === undefined &&
      standing.candidate.type === candidate.type &&
      standing.candidate.target === candidate.target,
  );
  const leader = standings[index];
  if (!leader) return undefined;
  const params = mergeParams(candidate.type.resolve, leader.candidate.params, candidate.params);
  if (!params) return undefined;
  const widened = reshape(leader.candidate, params, leader.candidate.leaves, setting.now, setting.around);
  board.withdraw(leader.candidate);
  if (breaches(widened, board, setting.around, setting.policy, setting.now).length > 0) {
    board.admit(leader.candidate, leader.displaces);
    return undefined;
  }
  board.admit(widened, leader.displaces);
  const finding = {
    rule: 'merge',
    why: 'One action does what both ask for.',
    detail: `${leader.candidate.agent} and ${candidate.agent} want the same on ${candidate.target}.`,
  };
  standings[index] = { ...leader, candidate: widened, verdict: 'merged', reasons: [finding] };
  const clash = {
    class: 'redundant' as const,
    with: [{ id: leader.candidate.id, agent: leader.candidate.agent, action: leader.candidate.type.type }],
  };
  return { candidate, verdict: 'merged', reasons: [finding], displaces: [], leader: leader.candidate.id, clash };
}
