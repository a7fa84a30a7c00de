import type { Condition } from '../condition/compile.ts';
import { paramTypes } from '../condition/params.ts';
import { type SimpleCondition, simpleOf } from '../condition/simple.ts';
import { intentImpactValues, intentValues, type Root, type Values } from '../condition/vocabulary.ts';
import { missing, whyNot } from '../condition/words.ts';
import type { RuledIntent } from '../policy.ts';
import type { RuleContext } from './define.ts';

/** The `when` of a rule that judges intents; without one it always holds. */
export interface When {
  readonly shape: SimpleCondition | undefined;
  ask(intent: RuledIntent): boolean | 'unknown';
  /** Why it does not hold, with the figures; undefined where it holds, or rests on a fact that is missing. */
  whyNot(intent: RuledIntent): string | undefined;
  /** The facts that are missing, in words. */
  unknown(intent: RuledIntent): string;
}

/** Roots of conditions about intents. */
export const INTENT_ROOTS: readonly Root[] = ['intent', 'impact', 'params'];

const ALWAYS: When = { shape: undefined, ask: () => true, whyNot: () => undefined, unknown: () => '' };

/** Undefined where the condition is at fault; the fault is then reported. */
export function whenOf(
  text: string | undefined,
  actions: readonly string[] | undefined,
  context: RuleContext,
): When | undefined {
  if (text === undefined) return ALWAYS;
  const condition = context.condition('when', text, INTENT_ROOTS, paramTypes(actions));
  if (!condition) return undefined;
  const { currency } = context.model.shop;
  return {
    shape: simpleOf(condition),
    ask: (intent) => condition.ask(valuesOf(condition, intent)),
    whyNot(intent) {
      const values = valuesOf(condition, intent);
      return condition.ask(values) === false ? whyNot(condition, values, currency) : undefined;
    },
    unknown: (intent) => `${missing(condition, valuesOf(condition, intent)).join(' and ')} is not known`,
  };
}

/** Only what the condition reads is put together. */
export function valuesOf(
  { roots }: Pick<Condition, 'roots'>,
  intent: RuledIntent,
): Readonly<Partial<Record<Root, Values>>> {
  return {
    ...(roots.has('intent') ? { intent: intentValues(intent) } : {}),
    ...(roots.has('impact') ? { impact: intentImpactValues(intent) } : {}),
    ...(roots.has('params') ? { params: intent.params } : {}),
  };
}
