import type { Impact } from '#shared/contracts/actions/define.ts';
import type { Projection } from '#shared/contracts/projection.ts';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';

/** What rules may look at of one intent: names, target and impact from facts; never the agent's own figures. */
export interface RuledIntent {
  readonly intent: string;
  readonly agent: string;
  readonly action: string;
  readonly objective: string;
  readonly resource: ResourceKey;
  readonly aspect: Aspect | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  /** Category of the SKU, where it has one. */
  readonly category: string | undefined;
  readonly protective: boolean;
  readonly customerVisible: boolean;
  readonly impact: Impact;
  readonly window: { readonly from: Instant; readonly to?: Instant };
  /** When an action of ours last changed the same aspect of the same resource, where one did; for rules about spacing. */
  readonly lastChange?: Instant | undefined;
  /** The event that caused it; of a wish that is proposed anew, the one that first did. */
  readonly cause: { readonly type: string; readonly time: Instant; readonly event?: string };
  /** The round's time: seasons are read by it. */
  readonly now: Instant;
  /** The level that it would set (`levelOf` its layer); undefined where it sets none. For rules about reversals. */
  readonly level: number | undefined;
}

/** Why a rule decided as it did: the rule's id, its own words, and the figure that decided. */
export interface Finding {
  readonly rule: string;
  readonly why: string;
  /** In words for people: "projected margin 9.8 % is below 15 %". */
  readonly detail: string;
}

/** `priority` rules: smaller ranks are stronger. Unlisted objectives and agents rank after all listed ones, equal among themselves. */
export interface Precedence {
  /** From `temporal` rules of the form planned-first: 0 where the intent is planned ahead, 1 otherwise. */
  readonly temporal: number;
  readonly objective: number;
  readonly agent: number;
  readonly rule: string;
}

/** A `temporal` rule that keeps an intent from running now. */
export interface TemporalHold extends Finding {
  readonly verdict: 'deferred' | 'denied';
  /** When it may be proposed again; only for `deferred`. */
  readonly until?: Instant;
}

/** A `guardrail` that does not hold on the projected merged state of a leaf. */
export interface Violation extends Finding {
  readonly otherwise: 'adjust' | 'deny' | 'ask';
  /** True where facts are missing; `otherwise` then comes from `whenUnknown`. */
  readonly unknown: boolean;
}

export interface GuardrailInput {
  readonly leaf: ResourceKey;
  readonly category: string | undefined;
  /** Action types that take part in the projection, the new one included. */
  readonly actions: readonly string[];
  readonly projected: Projection;
  readonly now: Instant;
}

/** A `threshold` rule whose limit is passed. */
export interface Ask extends Finding {
  readonly measure: keyof Impact;
  readonly amount: number;
  readonly limit: number;
}

/** A cumulative limit that an intent counts towards. */
export interface LimitScope {
  readonly rule: string;
  /** `store`, `agent:pricing`, `rule`, or a resource key. */
  readonly scope: string;
  readonly measure: keyof Impact;
  readonly overMs: number;
}

export interface ThresholdInput {
  readonly intent: RuledIntent;
  /** The conflict that the intent is part of, if any. */
  readonly conflict:
    | {
        readonly class: string;
        readonly stake: Impact;
        readonly agents: readonly string[];
        readonly actions: readonly string[];
      }
    | undefined;
  /** What has been counted in the rolling window of a cumulative limit, this intent excluded. */
  readonly counted: (limit: LimitScope) => number;
  readonly now: Instant;
}

/** A `redundancy` rule under which this intent and another one with the same key are one wish. */
export interface Sameness {
  readonly rule: string;
  readonly why: string;
  /** What the two have in common, the rule's id included: `one-notice customer:17850 delay`. */
  readonly key: string;
  /** For how long a wish that was granted makes a later one redundant; 0: only within a round. */
  readonly withinMs: number;
}

/** A `sequence` rule: on a leaf that both touch, these actions have to be over before the intent. */
export interface Succession {
  readonly rule: string;
  readonly why: string;
  readonly after: readonly string[];
  readonly otherwise: 'defer' | 'deny';
}

/**
 * An `autonomy` rule: `alone` (a person is out of the loop), `tell` (on the loop: a person is asked and silence means yes),
 * `ask` (in the loop: a person is asked and silence means no), `off` (hands off).
 */
export interface Autonomy extends Finding {
  readonly mode: 'alone' | 'tell' | 'ask' | 'off';
}

/** An earlier change of a level by an action of ours, oldest first; what `damping` rules count. The level is `levelOf` its layer. */
export interface Change {
  readonly at: Instant;
  readonly level: number;
  readonly action: string;
}

/** What one rule said, or why it was silent: for `explain`. */
export interface RuleTrace {
  readonly rule: string;
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly why: string;
  /** `spoke`: it holds back, breaks, asks or ranks. `silent`: in scope, but its condition does not hold. `outside`: not its scope. */
  readonly outcome: 'spoke' | 'silent' | 'outside';
  /** The first condition that failed, with its figures: "impact revenue £4,900.00 is not above £5,000.00"; or what it said. */
  readonly detail: string;
}

/** Everything that rules may be asked about one intent. */
export interface TraceInput {
  readonly intent: RuledIntent;
  readonly leaves: readonly GuardrailInput[];
  readonly threshold: ThresholdInput;
  readonly changes: readonly Change[];
  readonly now: Instant;
}

/** Whom to ask, until when, and what happens without an answer. */
export interface AskPlan {
  readonly tier: string;
  readonly recipients: readonly Recipient[];
  readonly deadline: Instant;
  readonly remindAt: Instant | undefined;
  /** Who is written to when the reminder is due without an answer: those who were asked, and the next tier. */
  readonly reminded: readonly Recipient[];
  readonly defaultOption: 'nothing' | 'proposed';
}

interface Recipient {
  readonly name: string;
  readonly address: string;
}

export interface Shop {
  readonly name: string;
  readonly currency: string;
  readonly zone: string;
  /** Whether a valid candidate counts at once, or when somebody activates it. */
  readonly activation: 'on-save' | 'by-hand';
  /** How long a person's own change is respected. */
  readonly respectMs: number;
  /** How long a level is kept after its outcome before another may change it, by aspect. */
  readonly dwellMs: (aspect: Aspect) => number;
  readonly maxMailsPerDay: number;
  /** Recurring times: name, and the next time after a given one. */
  readonly schedules: readonly { readonly name: string; readonly next: (after: Instant) => Instant }[];
}

/** A compiled rule set: pure, indexed at load by action type and aspect. */
export interface Policy {
  readonly hash: string;
  readonly shop: Shop;
  /** Ids of all rules, for pages and for checks. */
  readonly rules: readonly {
    readonly id: string;
    readonly kind: string;
    readonly file: string;
    readonly line: number;
    readonly why: string;
  }[];
  precedence(intent: RuledIntent): Precedence;
  /** The first `temporal` rule, in file order, that holds the intent back at `now`. */
  hold(intent: RuledIntent, now: Instant): TemporalHold | undefined;
  /** Every `guardrail` that does not hold. */
  violations(input: GuardrailInput): readonly Violation[];
  /** Whether a `guardrail` that is broken in both states is broken by more in the second. */
  worsens(rule: string, before: GuardrailInput, after: GuardrailInput): boolean;
  /** The first `threshold` rule whose limit the intent, or the conflict that it is part of, passes. */
  ask(input: ThresholdInput): Ask | undefined;
  /** The cumulative limits that the intent counts towards. */
  limits(intent: RuledIntent): readonly LimitScope[];
  /** Every `redundancy` rule that the intent falls under, in file order. */
  sameness(intent: RuledIntent): readonly Sameness[];
  /** Every `sequence` rule that the intent falls under, in file order. */
  successions(intent: RuledIntent): readonly Succession[];
  /** The `autonomy` rule for the intent, the one with the narrowest scope first. */
  autonomy(intent: RuledIntent): Autonomy | undefined;
  /** The first `damping` rule that holds the intent back, given the earlier changes of its key within `dampingMs`. */
  damp(intent: RuledIntent, changes: readonly Change[], now: Instant): TemporalHold | undefined;
  /** How far back `damp` looks at most; 0 without damping rules. */
  readonly dampingMs: number;
  /** How long a person's own change of this aspect is respected: the `autonomy` rule that says so, else shop.yaml. */
  respectMs(resource: ResourceKey, category: string | undefined, aspect: Aspect, now: Instant): number;
  /** What every rule makes of one intent, in file order, with its figures: for `explain`, not for judging. */
  trace(input: TraceInput): readonly RuleTrace[];
  /** How a rule asks; for a guardrail with `else: ask` too. */
  askPlan(rule: string, now: Instant): AskPlan;
}
