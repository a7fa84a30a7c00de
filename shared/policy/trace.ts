import type { NamedRule } from './assemble.ts';
import type { CompiledRule } from './kinds/define.ts';
import type { RuleTrace, TraceInput } from './policy.ts';

/** Hooks of which only one rule's is heard: the first in file order, or the one with the narrowest scope. */
export type Voice = 'hold' | 'threshold' | 'autonomy' | 'damping' | 'objectiveRank' | 'agentRank' | 'temporalRank';

/** The rule that is heard, by voice. */
export type Heard = Readonly<Partial<Record<Voice, string | undefined>>>;

/** What every rule makes of one intent, in file order: why it speaks, is silent, or lies elsewhere. Not for the hot path. */
export function traceRules(named: readonly NamedRule[], heard: Heard, input: TraceInput): readonly RuleTrace[] {
  return named.map(({ compiled, kind, file, line, why }) => ({
    rule: compiled.id,
    kind,
    file,
    line,
    why,
    ...outcomeOf(compiled, heard, input),
  }));
}

function outcomeOf(rule: CompiledRule, heard: Heard, input: TraceInput): Pick<RuleTrace, 'outcome' | 'detail'> {
  const elsewhere = otherAction(rule, input) ?? rule.whyOutside(input);
  if (elsewhere !== undefined) return { outcome: 'outside', detail: elsewhere };
  const { outcome, detail } = rule.explain(input);
  const before = outcome === 'spoke' ? beforeIt(rule, heard) : undefined;
  return { outcome, detail: before === undefined ? detail : `${detail}; but ${before} goes before it` };
}

function otherAction({ actions, violation }: CompiledRule, { intent, leaves }: TraceInput): string | undefined {
  // A guardrail looks at everything that would run together, not at this wish alone.
  const asked = violation ? [...new Set([intent.action, ...leaves.flatMap((leaf) => leaf.actions)])] : [intent.action];
  if (actions === undefined || asked.some((action) => actions.includes(action))) return undefined;
  return `it is about ${actions.join(' or ') || 'no action'}, not ${asked.join(' and ')}`;
}

/** The rule that is heard instead, where this one is heard in none of its voices. */
function beforeIt(rule: CompiledRule, heard: Heard): string | undefined {
  const others = (Object.keys(heard) as Voice[]).filter((voice) => rule[voice]).map((voice) => heard[voice]);
  return others.includes(rule.id) ? undefined : others.find((other) => other !== undefined);
}
