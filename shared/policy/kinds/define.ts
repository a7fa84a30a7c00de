import type { z } from 'zod';
import type { Aspect } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Condition } from '../condition/compile.ts';
import type { ParamTypes } from '../condition/params.ts';
import type { Root } from '../condition/vocabulary.ts';
import type { AskSpec } from '../fields.ts';
import type {
  Ask,
  Autonomy,
  Change,
  GuardrailInput,
  LimitScope,
  RuledIntent,
  Sameness,
  Succession,
  TemporalHold,
  ThresholdInput,
  TraceInput,
  Violation,
} from '../policy.ts';
import type { Thing } from '../scope.ts';
import type { ShopModel } from '../shop.ts';
import type { Path, Source } from '../source.ts';
import type { RuleShape } from './shape.ts';
import type { Spoken } from './spoken.ts';

/** What a rule of any kind adds to the compiled set; a kind fills in what it has. `actions` undefined means every action type. */
export interface CompiledRule {
  readonly id: string;
  readonly actions: readonly string[] | undefined;
  /** How narrow its scope is, 0 being everything; of rules of which one speaks, the narrower goes first. */
  readonly narrowness: number;
  /** How people are asked where this rule says so. */
  readonly ask?: AskSpec;
  /** `priority`: a smaller rank is stronger; undefined where the rule does not speak about it or the intent. */
  readonly objectiveRank?: (intent: RuledIntent) => number | undefined;
  readonly agentRank?: (intent: RuledIntent) => number | undefined;
  /** `temporal`, planned-first: undefined where the intent is outside the rule's scope. */
  readonly temporalRank?: (intent: RuledIntent) => number | undefined;
  readonly hold?: (intent: RuledIntent, now: Instant) => TemporalHold | undefined;
  readonly violation?: (input: GuardrailInput) => Violation | undefined;
  /** `guardrail`: whether the second state is further from what must hold than the first. */
  readonly worsens?: (before: GuardrailInput, after: GuardrailInput) => boolean;
  readonly threshold?: (input: ThresholdInput) => Ask | undefined;
  readonly limit?: (intent: RuledIntent) => LimitScope | undefined;
  readonly sameness?: (intent: RuledIntent) => Sameness | undefined;
  readonly succession?: (intent: RuledIntent) => Succession | undefined;
  readonly autonomy?: (intent: RuledIntent) => Autonomy | undefined;
  readonly damping?: {
    readonly lookBackMs: number;
    readonly hold: (intent: RuledIntent, changes: readonly Change[], now: Instant) => TemporalHold | undefined;
  };
  readonly respectMs?: (thing: Thing, aspect: Aspect) => number | undefined;
  /** Why an intent of one of its actions is outside the rest of its scope; undefined where it is inside. */
  readonly whyOutside: (input: TraceInput) => string | undefined;
  /** What it makes of an intent inside its scope, in words with the figures; not asked while judging. */
  readonly explain: (input: TraceInput) => Spoken;
  readonly shape: RuleShape;
}

/** What compiling one rule may use: where it stands, for errors, and the shop. */
export interface RuleContext {
  readonly source: Source;
  readonly path: Path;
  readonly model: ShopModel;
  /** Compiles the condition under a key of the rule; a fault is reported at its place, and there is no condition. */
  condition(key: string, text: string, roots: readonly Root[], params?: ParamTypes): Condition | undefined;
  report(key: string, message: string): void;
}

/** One kind of rule: how it is written, and what it does. A new kind is a file beside the others and a line in index.ts. */
export interface RuleKind<Schema extends z.ZodObject = z.ZodObject> {
  readonly kind: string;
  readonly about: string;
  readonly schema: Schema;
  /** Undefined where the rule is at fault; the fault is then reported. */
  compile(rule: z.infer<Schema>, context: RuleContext): CompiledRule | undefined;
}

export function defineKind<Schema extends z.ZodObject>(kind: RuleKind<Schema>): RuleKind<Schema> {
  return kind;
}
