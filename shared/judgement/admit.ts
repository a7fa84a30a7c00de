import { mergeParams } from '#shared/contracts/actions/resolve.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Finding } from '#shared/policy/policy.ts';
import { blockersOf } from './blockers.ts';
import { Board } from './board.ts';
import { type Breach, breaches } from './guard.ts';
import { nearest } from './nearest.ts';
import { preempt, takeBackOpposed } from './preempt.ts';
import { reshape } from './prepare.ts';
import { succeeds, superfluous } from './relations.ts';
import { type Clash, goesAhead, partyOf, type Setting, type Standing } from './standing.ts';
import type { Candidate } from './types.ts';

type Given = Partial<Omit<Standing, 'candidate' | 'verdict'>>;

/** Admits a component in the order given: each one if it is compatible with what stands and every guardrail holds. */
export function admitAll(ordered: readonly Candidate[], setting: Setting, gone: Iterable<string> = []): Standing[] {
  const admission = new Admission(setting, gone);
  for (const candidate of ordered) admission.take(candidate);
  return admission.standings;
}

class Admission {
  readonly standings: Standing[] = [];
  readonly #setting: Setting;
  readonly #board: Board;
  /** Where those that go ahead stand: by type and target, for merging, and by redundancy key. */
  readonly #leaders = new Map<string, number[]>();
  readonly #byKey = new Map<string, number>();

  constructor(setting: Setting, gone: Iterable<string>) {
    this.#setting = setting;
    this.#board = new Board(setting.around, setting.now, gone);
  }

  take(candidate: Candidate): void {
    const standing =
      succeeds(candidate, this.#board) ??
      this.#merged(candidate) ??
      superfluous(candidate, (key) => this.standings[this.#byKey.get(key) ?? -1], this.#board, this.#setting) ??
      this.#admit(candidate);
    const index = this.standings.push(standing) - 1;
    if (!goesAhead(standing)) return;
    for (const { key } of candidate.same) if (!this.#byKey.has(key)) this.#byKey.set(key, index);
    if (standing.leader !== undefined) return;
    const key = groupKey(candidate);
    const leaders = this.#leaders.get(key);
    if (leaders) leaders.push(index);
    else this.#leaders.set(key, [index]);
  }

  #admit(candidate: Candidate): Standing {
    const setting = this.#setting;
    // 1. What holds the keys already: claims, escalations, what has been admitted before.
    const blocked = blockersOf(candidate, this.#board, setting);
    if (blocked.standing) return blocked.standing;
    const free = withLeaves(candidate, blocked.leaves, setting);
    const opposed = takeBackOpposed(free, blocked.displaces, setting);
    const given = { ...blocked, ...opposed };
    // 2. Guardrails on the projected merged state.
    const trial = blocked.displaces.length === 0 ? this.#board : this.#board.without(blocked.displaces);
    const found = breaches(free, trial, setting);
    if (found.length === 0) return this.#accept(candidate, free, given);
    const clash = clashOf(free, found, setting) ?? blocked.clash;
    const reasons = [...blocked.reasons, ...found.flatMap((breach) => breach.violations)].slice(0, 5);
    // 3. Adjusted to the nearest that holds; or what is weaker gives way; or without the leaves on which it does not hold.
    const fitted = flexed(free, found, trial, setting);
    if (fitted) return this.#accept(candidate, fitted, { ...given, reasons, ...(clash ? { clash } : {}) });
    const way = preempt(free, found, trial, setting);
    if (way && 'preempted' in way) {
      const preempts = opposed.preempts ? joined(opposed.preempts, way.preempted) : way.preempted;
      return this.#accept(candidate, free, {
        ...given,
        preempts,
        reasons: [yields(free, way.claims), ...reasons],
        ...(clash ? { clash } : {}),
      });
    }
    if (way && 'waitFor' in way) return waits(candidate, way.waitFor.action!, reasons, clash);
    const rest = withoutBroken(free, found, setting);
    if (rest) return this.#accept(candidate, rest, { ...given, reasons, ...(clash ? { clash } : {}) });
    return refuse(candidate, found, clash, way?.left);
  }

  #accept(proposed: Candidate, accepted: Candidate, given: Given): Standing {
    const { displaces = [], preempts, reasons = [], clash, supersedes = [], leftToPeople } = given;
    const gone = preempts ? [...displaces, ...preempts.revoked, ...preempts.undone] : displaces;
    const whole = preempts ? gone.flatMap((claim) => this.#claimsWith(claim.action, claim)) : gone;
    this.#board.admit(accepted, whole);
    for (const undo of preempts?.undoing ?? []) this.#board.admit(undo, []);
    const changed =
      accepted.params !== proposed.params ||
      accepted.leaves.length !== proposed.leaves.length ||
      proposed.trimmed !== undefined;
    const found = proposed.trimmed ? [...reasons, proposed.trimmed] : reasons;
    const own: Finding = {
      rule: proposed.rank.rule,
      why: 'Nothing stands against it.',
      detail: `${proposed.agent}: ${proposed.intent.reason}`,
    };
    return {
      candidate: accepted,
      verdict: changed ? 'adjusted' : 'granted',
      reasons: found.length > 0 ? found : [own],
      displaces,
      ...(preempts ? { preempts } : {}),
      ...(supersedes.length > 0 ? { supersedes } : {}),
      ...(clash ? { clash } : {}),
      ...(leftToPeople ? { leftToPeople } : {}),
    };
  }

  #claimsWith(action: string | undefined, claim: Standing['displaces'][number]) {
    return action === undefined ? [claim] : [claim, ...this.#setting.around.claimsOfAction(action)];
  }

  /** Two wishes that one action fulfils: the leader's action is widened, and both are `merged`. */
  #merged(candidate: Candidate): Standing | undefined {
    for (const index of this.#leaders.get(groupKey(candidate)) ?? []) {
      const leader = this.standings[index]!;
      const widened = this.#widened(leader, candidate);
      if (!widened) continue;
      const finding = {
        rule: this.#samenessOf(candidate, leader.candidate) ?? 'merge',
        why: 'One action does what both ask for.',
        detail: `${leader.candidate.agent} and ${candidate.agent} want the same on ${candidate.target}.`,
      };
      this.standings[index] = { ...leader, candidate: widened, verdict: 'merged', reasons: [finding] };
      const clash: Clash = { class: 'redundant', with: [partyOf(leader.candidate)] };
      return { candidate, verdict: 'merged', reasons: [finding], displaces: [], leader: leader.candidate.id, clash };
    }
    return undefined;
  }

  #samenessOf(candidate: Candidate, other: Candidate): string | undefined {
    return candidate.same.find(({ key }) => other.same.some((same) => same.key === key))?.rule;
  }

  /** The leader's intent as one action for both, now part of the board; undefined, and the board as it was, where that does not hold. */
  #widened(leader: Standing, candidate: Candidate): Candidate | undefined {
    const before = leader.candidate;
    const params = mergeParams(candidate.type.resolve, before.params, candidate.params);
    if (!params || !candidate.type.params.safeParse(params).success) return undefined;
    const widened = reshape(before, params, before.leaves, this.#setting.now, this.#setting.around);
    this.#board.withdraw(before);
    const blocked = blockersOf(widened, this.#board, this.#setting);
    const holds =
      !blocked.standing &&
      blocked.leaves.length === widened.leaves.length &&
      blocked.displaces.length === 0 &&
      breaches(widened, this.#board, this.#setting).length === 0;
    this.#board.admit(holds ? widened : before, []);
    return holds ? widened : undefined;
  }
}

function groupKey(candidate: Candidate): string {
  return `${candidate.type.type} ${candidate.target}`;
}

function joined(
  a: NonNullable<Standing['preempts']>,
  b: NonNullable<Standing['preempts']>,
): NonNullable<Standing['preempts']> {
  return {
    revoked: [...a.revoked, ...b.revoked],
    undone: [...a.undone, ...b.undone],
    undoing: [...a.undoing, ...b.undoing],
  };
}

function withLeaves(candidate: Candidate, leaves: readonly ResourceKey[], setting: Setting): Candidate {
  if (leaves.length === candidate.leaves.length) return candidate;
  return reshape(candidate, candidate.params, leaves, setting.now, setting.around);
}

function yields(candidate: Candidate, claims: Standing['displaces']): Finding {
  const others = [...new Set(claims.map((claim) => `${claim.owner}'s ${claim.layer.action} on ${claim.resource}`))];
  return {
    rule: candidate.rank.rule,
    why: 'What was promised gives way to what goes before it, where it can be taken back.',
    detail: `${others.slice(0, 3).join(', ')} is taken back for it.`,
  };
}

function waits(candidate: Candidate, action: string, reasons: readonly Finding[], clash: Clash | undefined): Standing {
  return { candidate, verdict: 'deferred', reasons, displaces: [], wakesOn: action, ...(clash ? { clash } : {}) };
}

function refuse(
  candidate: Candidate,
  found: readonly Breach[],
  clash: Clash | undefined,
  left: NonNullable<Standing['leftToPeople']>[number] | undefined,
): Standing {
  const violations = found.flatMap((breach) => breach.violations);
  const asking = violations.find((violation) => violation.otherwise === 'ask');
  return {
    candidate,
    verdict: 'denied',
    reasons: violations.slice(0, 5),
    displaces: [],
    negotiable: violations.every((violation) => !violation.unknown),
    ...(clash ? { clash } : {}),
    ...(asking ? { asks: asking } : {}),
    ...(left ? { leftToPeople: [left] } : {}),
  };
}

/** Quantities of which there is only so much: who asks for more than is left collides with everybody who has a share. */
const SHARED_BUDGETS: ReadonlySet<string> = new Set(['contacts', 'spend', 'refundable']);

/** A clash is a breach that others take part in: what the candidate breaks on its own is a limit, not a conflict. */
function clashOf(candidate: Candidate, found: readonly Breach[], { around }: Setting): Clash | undefined {
  const against = [...new Map(found.flatMap((breach) => breach.against).map((other) => [other.id, other])).values()];
  if (against.length === 0) return undefined;
  const types = against.map((other) => around.actionTypes.get(other.action));
  const common = candidate.type.moves.filter((moved) => types.some((type) => type?.moves.includes(moved)));
  const same = types.some((type) => type?.hold && type.hold.aspect === candidate.type.hold?.aspect);
  const budget = common.some((moved) => SHARED_BUDGETS.has(moved));
  return {
    class: budget ? 'implicit' : same ? 'direct' : 'indirect',
    with: against.map(({ id, agent, action, resource }) => ({ id, agent, action, resource })),
  };
}

/** The flexible parameter moved to the nearest value that holds; undefined where there is none, or a rule does not adjust. */
function flexed(candidate: Candidate, found: readonly Breach[], board: Board, setting: Setting): Candidate | undefined {
  if (found.some((breach) => breach.violations.some((violation) => violation.otherwise !== 'adjust'))) return undefined;
  const broken = (breach: Breach) => breach.violations.map(({ rule }) => `${breach.leaf} ${rule}`);
  const first = new Set(found.flatMap(broken));
  return nearest(
    candidate,
    (shaped) => breaches(shaped, board, setting).length === 0,
    setting,
    (shaped) => !breaches(shaped, board, setting).some((breach) => broken(breach).some((one) => first.has(one))),
  );
}

function withoutBroken(candidate: Candidate, found: readonly Breach[], setting: Setting): Candidate | undefined {
  const broken = new Set(found.map((breach) => breach.leaf));
  const rest = candidate.leaves.filter((leaf) => !broken.has(leaf));
  return rest.length === 0 ? undefined : withLeaves(candidate, rest, setting);
}
