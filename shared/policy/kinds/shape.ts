import type { SimpleCondition } from '../condition/simple.ts';
import type { AskSpec, Scope } from '../fields.ts';
import type { Ask } from '../policy.ts';
import type { CompiledScope } from '../scope.ts';
import type { DayRange, Seasons } from '../seasons.ts';
import type { ClockRange } from '../units.ts';
import type { Objective, Weekday } from '../vocabulary.ts';

/** What a rule says, apart from whom it concerns and under which condition; told apart by `kind` and, for temporal rules, `form`. */
export type Says =
  | {
      readonly kind: 'priority';
      /** The strongest first. */
      readonly objectives: readonly Objective[] | undefined;
      readonly agents: readonly string[] | undefined;
    }
  | ({ readonly kind: 'temporal'; readonly otherwise: 'defer' | 'deny' } & TemporalSays)
  | {
      readonly kind: 'threshold';
      readonly measure: Ask['measure'];
      readonly operator: '>' | '>=';
      readonly limit: number;
      /** The limit is on the stake of a conflict, not on one intent. */
      readonly stake: boolean;
      /** Set where single intents are added up. */
      readonly overMs: number | undefined;
      readonly per: 'store' | 'agent' | 'resource' | 'rule';
      readonly ask: AskSpec;
    }
  | {
      readonly kind: 'guardrail';
      readonly on: 'sku' | 'order' | 'customer' | 'budget';
      /** What must hold; the rule's `condition` is empty. */
      readonly assert: SimpleCondition;
      readonly otherwise: 'adjust' | 'deny' | 'ask';
      readonly whenUnknown: 'deny' | 'ask' | 'allow';
    }
  | { readonly kind: 'redundancy'; readonly same: readonly string[]; readonly withinMs: number }
  | {
      readonly kind: 'sequence';
      readonly first: readonly string[];
      readonly then: readonly string[];
      readonly otherwise: 'defer' | 'deny';
    }
  | {
      readonly kind: 'autonomy';
      readonly mode: 'alone' | 'tell' | 'ask' | 'off' | undefined;
      readonly respectMs: number | undefined;
      /** The aspects for which a person's change is respected so long. */
      readonly aspects: readonly string[];
    }
  | {
      readonly kind: 'damping';
      readonly dwellMs: number | undefined;
      readonly reversals: number | undefined;
      readonly overMs: number | undefined;
      readonly otherwise: 'defer' | 'deny';
    };

export type TemporalSays =
  | { readonly form: 'quiet' | 'only'; readonly range: ClockRange; readonly days: readonly Weekday[] | undefined }
  | { readonly form: 'business-hours' }
  | { readonly form: 'freeze'; readonly range: DayRange }
  | { readonly form: 'lead' | 'spacing'; readonly ms: number }
  | { readonly form: 'wait' | 'within'; readonly events: readonly string[]; readonly ms: number }
  | {
      readonly form: 'planned-first';
      readonly causes: readonly string[];
      readonly aheadMs: number | undefined;
      readonly yieldsTo: readonly string[];
    };

/** A rule as data, for analysis: whom it concerns, when, under which condition, and what it says. */
export interface RuleShape {
  /** Undefined: every action type. */
  readonly actions: readonly string[] | undefined;
  /** Sets of names; undefined where the rule does not ask. */
  readonly scope: Readonly<Partial<Record<Exclude<keyof Scope, 'action' | 'season'>, ReadonlySet<string>>>>;
  /** The days on which it is in force; undefined: always. */
  readonly seasons: readonly DayRange[] | undefined;
  /** What must be so before the rule speaks; undefined: nothing. Of a threshold, its limit is among the comparisons. */
  readonly condition: SimpleCondition | undefined;
  readonly says: Says;
}

export function shapeOf(
  actions: readonly string[] | undefined,
  scope: CompiledScope,
  seasons: Seasons,
  condition: SimpleCondition | undefined,
  says: Says,
): RuleShape {
  const { category, sku, agent, objective, season } = scope.spec;
  return {
    actions,
    scope: {
      ...(category && { category: new Set(category) }),
      ...(sku && { sku: new Set(sku) }),
      ...(agent && { agent: new Set(agent) }),
      ...(objective && { objective: new Set(objective) }),
    },
    seasons: season?.flatMap((name) => seasons.ranges.get(name) ?? []),
    condition,
    says,
  };
}
