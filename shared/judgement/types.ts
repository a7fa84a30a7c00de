import type { ActionType, Impact, Inverse, Layer, PlannedWrite, Window } from '#shared/contracts/actions/define.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type {
  Change,
  Finding,
  LimitScope,
  Precedence,
  RuledIntent,
  Sameness,
  Succession,
} from '#shared/policy/policy.ts';

export type Verdict = 'granted' | 'adjusted' | 'merged' | 'deferred' | 'denied' | 'escalated';
export type ConflictClass = 'direct' | 'indirect' | 'implicit' | 'redundant' | 'sequence' | 'stale';
export type ClaimEnd =
  | 'window'
  | 'failed'
  | 'revoked'
  | 'undone'
  | 'dwell'
  | 'displaced'
  | 'amended'
  | 'answered'
  | 'voided';

/** An intent as it was proposed, with where it came from. */
export interface Proposed {
  readonly id: string;
  readonly agent: string;
  readonly intent: Intent;
  /** The event that it answers; of a re-proposal the one that first caused it. */
  readonly event: Envelope;
  /** How many intents it replaces, one after the other. */
  readonly replacements: number;
}

/** An intent whose parameters are valid, expanded into its leaves, with what rules may look at. */
export interface Candidate extends Proposed {
  readonly type: ActionType;
  readonly params: Readonly<Record<string, unknown>>;
  readonly target: ResourceKey;
  readonly leaves: readonly ResourceKey[];
  readonly window: Window;
  readonly ruled: RuledIntent;
  readonly rank: Precedence;
  /** Redundancy rules under which it may be one wish with another, and sequence rules that put others before it. */
  readonly same: readonly Sameness[];
  readonly after: readonly Succession[];
  /** Why it covers less of its group than it was proposed for. */
  readonly trimmed?: Finding;
}

/** What a claim is for: enough to project its effect and to compare its precedence in a later round. */
export interface ClaimLayer {
  readonly action: string;
  readonly layer: Layer;
  readonly intent: string;
  readonly rank: readonly number[];
  /** What the intent was for, and the `seq` of its cause; absent in a person's claim. */
  readonly objective?: string;
  readonly seq?: number;
  /** The keys of the redundancy rules that it fell under: a later wish with one of them may be superfluous. */
  readonly same?: readonly string[];
}

export interface Claim {
  readonly claim: string;
  readonly resource: ResourceKey;
  readonly aspect: Aspect;
  readonly from: Instant;
  /** Absent: until it is ended. */
  readonly to?: Instant;
  readonly exclusive: boolean;
  readonly amount?: number;
  /** An agent, `person`, `coordinator` or `escalation`. */
  readonly owner: string;
  readonly layer: ClaimLayer;
  /** The action that it belongs to, or the escalation that holds it. */
  readonly action?: string;
  readonly actionState?: 'pending' | 'calling' | 'done' | 'failed' | 'unknown' | 'revoked';
  /** Set where the claim is no longer in force and is looked at for what it once did. */
  readonly endedAs?: ClaimEnd;
}

export interface Decision {
  readonly intent: string;
  readonly agent: string;
  readonly actionType: string;
  readonly resource: string;
  readonly params: unknown;
  readonly verdict: Verdict;
  readonly rule: string;
  readonly reasons: readonly Finding[];
  readonly inputs: {
    readonly facts: readonly (readonly [string, string, number])[];
    readonly claims: readonly string[];
  };
  readonly replaces?: string | undefined;
  readonly action?: string | undefined;
  readonly wakesOn?: string | undefined;
}

export interface Conflict {
  readonly class: ConflictClass;
  readonly key: string;
  readonly instance: string;
  readonly stake: Impact;
  /** Intents and claims that cannot all hold, with the rule that decided. */
  readonly members: readonly {
    readonly id: string;
    readonly agent: string;
    readonly action: string;
    readonly resource: string;
  }[];
  readonly rule: string;
}

export interface Action {
  readonly action: string;
  readonly type: string;
  readonly agent: string;
  readonly params: unknown;
  readonly leaves: readonly string[];
  readonly writes: readonly PlannedWrite[];
  readonly inverse: readonly Inverse[];
  readonly cause: string;
  readonly notBefore: Instant;
  readonly notAfter?: Instant;
  readonly correlation: string;
  readonly depth: number;
}

/** An action that may still have to be revoked or undone. */
export interface StandingAction extends Omit<Action, 'notAfter'> {
  /** `watched`: it would have been carried out in a store that only watches, so that there is nothing of it to undo. */
  readonly state: 'pending' | 'calling' | 'done' | 'unknown' | 'watched';
  /** Its undoing has been ordered already. */
  readonly undone?: boolean;
}

export interface Option {
  readonly id: 'proposed' | 'alternative' | 'adjusted' | 'nothing';
  readonly label: string;
  readonly effect: string;
  readonly impact: Impact;
  /** Which members are carried out, with the parameters that this option gives them; `leaves` where it covers only some. */
  readonly intents: readonly {
    readonly intent: string;
    readonly params: unknown;
    readonly leaves?: readonly ResourceKey[];
  }[];
  /** Guardrails that leave the matter to a person and that this option does not keep. */
  readonly accepts?: readonly string[];
}

export interface Escalation {
  readonly escalation: string;
  readonly key: string;
  readonly instance: string;
  readonly rule: string;
  readonly question: unknown;
  readonly options: readonly Option[];
  readonly members: readonly Proposed[];
  readonly stake: unknown;
  readonly defaultOption: Option['id'];
  readonly deadline: Instant;
  readonly remindAt?: Instant | undefined;
  readonly tier: string;
  readonly recipients: readonly string[];
  readonly replaces?: string | undefined;
}

export interface Timer {
  readonly timer: string;
  readonly due: Instant;
  readonly kind: 'intent.due' | 'escalation.due';
  /** What it becomes: the data of its event, or whom it waits for. */
  readonly ref: unknown;
}

export interface LimitEntry extends LimitScope {
  readonly intent: string;
  readonly amount: number;
}

/** Everything that judging one round changes. The shell writes it in one transaction. */
export interface Outcome {
  readonly decisions: Decision[];
  readonly conflicts: Conflict[];
  readonly claims: Claim[];
  readonly endedClaims: { claim: string; as: ClaimEnd }[];
  /** Claims without a window whose action is done: they end when their dwell time is over. */
  readonly closedClaims: { claim: string; until: Instant }[];
  readonly actions: Action[];
  readonly revocations: { action: string; reason: string }[];
  /** Actions that should be undone and are not, for a person to see to. */
  readonly leftToPeople: { action: string; reason: 'changed-meanwhile' | 'not-undoable'; detail: string }[];
  readonly escalations: Escalation[];
  readonly endedEscalations: {
    escalation: string;
    as: 'ruled' | 'replaced' | 'superseded' | 'voided';
    by: string;
    option: string;
    rememberUntil?: Instant | undefined;
  }[];
  readonly timers: Timer[];
  /** Deferrals that wait for this action, escalation or claim wake now. */
  readonly wakes: string[];
  readonly limits: LimitEntry[];
  readonly struck: string[];
  readonly events: Omit<Draft, 'id' | 'time' | 'store'>[];
  /** Mail that asks again: an escalation, to whom. */
  readonly reminders: { escalation: string; recipients: readonly string[] }[];
}

export function emptyOutcome(): Outcome {
  return {
    decisions: [],
    conflicts: [],
    claims: [],
    endedClaims: [],
    closedClaims: [],
    actions: [],
    revocations: [],
    leftToPeople: [],
    escalations: [],
    endedEscalations: [],
    timers: [],
    wakes: [],
    limits: [],
    struck: [],
    events: [],
    reminders: [],
  };
}

/** An escalation that waits, as a later round sees it. */
export interface OpenEscalation {
  readonly escalation: string;
  readonly instance: string;
  readonly key: string;
  readonly rule: string;
  readonly state: 'open' | 'answered';
  readonly options: readonly Option[];
  readonly members: readonly Proposed[];
  readonly deadline: Instant;
  readonly defaultOption: Option['id'];
  readonly tier: string;
}

/** An earlier ruling on a conflict of the same key; `features` tell how alike it was, where a person gave it. */
export interface LikeCase {
  readonly option: string;
  readonly by: string;
  readonly at: Instant;
  readonly features?: unknown;
}

/** The boundary of a round: what stands already. Read by the core, evolved between rounds of one batch. */
export interface Surroundings {
  readonly facts: FactView;
  /** Every action type there is, by name: the judgement knows none of them but by what it declares. */
  readonly actionTypes: ReadonlyMap<string, ActionType>;
  category(leaf: ResourceKey): string | undefined;
  /** The leaves that a group covers now. */
  leavesOf(target: ResourceKey): readonly ResourceKey[];
  claimsOn(resource: ResourceKey, now: Instant): readonly Claim[];
  claimsOfAction(action: string): readonly Claim[];
  readonly escalations: ReadonlyMap<string, OpenEscalation>;
  /** Changes of a level by actions of ours that are done, since then, oldest first. */
  changesOn(resource: ResourceKey, aspect: Aspect, since: Instant): readonly Change[];
  /** The latest claim with this redundancy key that began no earlier, in force or not, unless it never came to anything. */
  sameSince(key: string, since: Instant): Claim | undefined;
  actionOf(action: string): StandingAction | undefined;
  /** Actions whose cause has this subject. */
  actionsOf(cause: ResourceKey): readonly StandingAction[];
  /** The `seq` of the event that voided causes with this subject, if one did, and the types of cause that it voids. */
  voidedBy(subject: ResourceKey): number | undefined;
  counted(limit: LimitScope): number;
  /** Agents that may propose this, with the most of it that one answer may carry. */
  permits(agent: string, action: string, objective: string): boolean;
  /** A ruling against this instance that is still to be remembered. */
  refusedBefore(instance: string): string | undefined;
  likeCases(key: string): readonly LikeCase[];
}
