import type { z } from 'zod';
import type { Aspect, ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Condition } from '../condition/compile.ts';
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
  Violation,
} from '../policy.ts';
import type { ShopModel } from '../shop.ts';
import type { Path, Source } from '../source.ts';

/** What a rule of any kind adds to the compiled set; a kind fills in what it has. `actions` undefined means every action type. */
export interface CompiledRule {
  readonly id: string;
  readonly actions: readonly string[] | undefined;
  /** It is for some intents only; among rules that rank, such a rule goes before one for everything. */
  readonly scoped?: boolean;
  /** How people are asked where this rule says so. */
  readonly ask?: AskSpec;
  /** `priority`: a smaller rank is stronger; undefined where the rule does not speak about it or the intent. */
  readonly objectiveRank?: (intent: RuledIntent) => number | undefined;
  readonly agentRank?: (intent: RuledIntent) => number | undefined;
  /** `temporal`, planned-first: undefined where the intent is outside the rule's scope. */
  readonly temporalRank?: (intent: RuledIntent) => number | undefined;
  readonly hold?: (intent: RuledIntent, now: Instant) => TemporalHold | undefined;
  readonly violation?: (input: GuardrailInput) => Violation | undefined;
  readonly threshold?: (input: ThresholdInput) => Ask | undefined;
  readonly limit?: (intent: RuledIntent) => LimitScope | undefined;
  readonly sameness?: (intent: RuledIntent) => Sameness | undefined;
  readonly succession?: (intent: RuledIntent) => Succession | undefined;
  readonly autonomy?: (intent: RuledIntent) => Autonomy | undefined;
  readonly damping?: {
    readonly lookBackMs: number;
    readonly hold: (intent: RuledIntent, changes: readonly Change[], now: Instant) => TemporalHold | undefined;
  };
  readonly respectMs?: (resource: ResourceKey, category: string | undefined, aspect: Aspect) => number | undefined;
}

/** What compiling one rule may use: where it stands, for errors, and the shop. */
export interface RuleContext {
  readonly source: Source;
  readonly path: Path;
  readonly model: ShopModel;
  /** Compiles the condition under a key of the rule; a fault is reported at its place, and there is no condition. */
  condition(key: string, text: string, roots: readonly Root[]): Condition | undefined;
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
