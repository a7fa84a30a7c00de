import { z } from 'zod';
import type { Condition } from '../condition/compile.ts';
import { conflictValues, intentImpactValues, intentValues, type Root, type Values } from '../condition/vocabulary.ts';
import { type Comparison, comparisonOf, comparisonWords, conjuncts, figureAt, holds } from '../condition/words.ts';
import { ask, clockDuration, condition, ruleHead, scope } from '../fields.ts';
import type { Ask, LimitScope, RuledIntent, ThresholdInput } from '../policy.ts';
import { takesIn } from '../scope.ts';
import { durationWords, figure } from '../units.ts';
import { MEASURES, type Measure, type MeasureName } from '../vocabulary.ts';
import { type CompiledRule, defineKind, type RuleContext } from './define.ts';

const PER = ['store', 'agent', 'resource', 'rule'] as const;

const schema = z.strictObject({
  kind: z.literal('threshold'),
  ...ruleHead,
  when: condition.describe('The limit, with its measure: impact.cash > £100, conflict.stake.revenue > £5,000'),
  over: clockDuration.optional().describe('Adds up single intents over a rolling time: 24h'),
  per: z
    .enum(PER)
    .optional()
    .describe('For whom it is added up: the store (the usual), an agent, a resource, or the rule'),
  scope: scope.optional(),
  ask: ask.optional().describe('Whom to ask; without it, as shop.yaml says'),
});
type Rule = z.infer<typeof schema>;

/** The limit in a condition: one figure of the impact or the stake above a fixed number, and what else must be so. */
interface Limit {
  readonly comparison: Comparison;
  readonly measure: Measure;
  readonly condition: Condition;
}

/** Limits above which a person decides. */
export const threshold = defineKind({
  kind: 'threshold',
  about: 'A limit above which a person decides: on one intent, on a conflict, or on what adds up over a time.',
  schema,
  compile(rule, context) {
    const limit = limitOf(rule, context);
    if (!limit) return undefined;
    if (rule.per !== undefined && rule.over === undefined) {
      context.report('per', '"per" says for whom is added up; say over which time with "over", such as over: 24h');
      return undefined;
    }
    return {
      id: rule.id,
      actions: rule.scope?.action,
      ...(rule.ask && { ask: rule.ask }),
      ...(rule.over === undefined
        ? single(rule, limit, context)
        : thresholdOver({ ...rule, over: rule.over }, limit.comparison, limit.measure, context.model.shop.currency)),
    };
  },
});

function limitOf(rule: Rule, context: RuleContext): Limit | undefined {
  const compiled = context.condition('when', rule.when, ['conflict', 'impact', 'intent']);
  if (!compiled) return undefined;
  const limits = conjuncts(compiled.ast).flatMap((node) => {
    const comparison = comparisonOf(node);
    const match = /^(impact|conflict\.stake)\.(\w+)$/.exec(comparison?.path ?? '');
    const rises = comparison?.operator === '>' || comparison?.operator === '>=';
    if (!comparison || !match || !rises) return [];
    return [{ comparison, measure: MEASURES[match[2] as MeasureName], condition: compiled }];
  });
  const [limit, ...others] = limits;
  if (!limit || others.length > 0) {
    context.report(
      'when',
      'a threshold names exactly one measure above one limit, such as impact.cash > £100, joined to anything else by &&',
    );
    return undefined;
  }
  if (rule.over !== undefined && compiled.roots.has('conflict')) {
    context.report(
      'when',
      'a limit over a time adds up single intents; write impact.revenue instead of conflict.stake.revenue',
    );
    return undefined;
  }
  if (rule.over !== undefined && conjuncts(compiled.ast).length > 1) {
    context.report('when', 'with "over" the condition is the limit alone; use "scope" to say what counts');
    return undefined;
  }
  return limit;
}

function single(rule: Rule, limit: Limit, context: RuleContext): Pick<CompiledRule, 'threshold'> {
  const { currency } = context.model.shop;
  return {
    threshold(input: ThresholdInput): Ask | undefined {
      if (!takesIn(rule.scope, input.intent)) return undefined;
      const values = valuesFor(limit, input);
      // A fact that is missing beside the limit does not lift the limit.
      if (!values || limit.condition.ask(values) === false) return undefined;
      const amount = Number(figureAt(values, limit.comparison.path));
      return {
        rule: rule.id,
        why: rule.why,
        detail: comparisonWords(limit.comparison, amount, currency, true),
        measure: limit.measure,
        amount,
        limit: limit.comparison.limit,
      };
    },
  };
}

/** A limit on what adds up; budgets of shop.yaml are made of it too. */
export function thresholdOver(
  rule: Pick<Rule, 'id' | 'why' | 'per' | 'scope'> & { readonly over: number },
  comparison: Comparison,
  measure: Measure,
  currency: string,
): Required<Pick<CompiledRule, 'threshold' | 'limit'>> {
  const scopeOf = (intent: RuledIntent): LimitScope => ({
    rule: rule.id,
    scope: scopeName(rule.per, intent),
    measure,
    overMs: rule.over,
  });
  return {
    limit: (intent) => (takesIn(rule.scope, intent) ? scopeOf(intent) : undefined),
    threshold({ intent, counted }: ThresholdInput): Ask | undefined {
      const own = intent.impact[measure];
      // An intent that adds nothing does not cross a limit, however much others have used of it.
      if (own <= 0 || !takesIn(rule.scope, intent)) return undefined;
      const before = counted(scopeOf(intent));
      const amount = before + own;
      if (!holds(comparison.operator, amount, comparison.limit)) return undefined;
      const whose = rule.per === 'agent' ? ` by ${intent.agent}` : '';
      const detail = sumWords(comparison, own, before, `within ${durationWords(rule.over)}${whose}`, currency);
      return { rule: rule.id, why: rule.why, detail, measure, amount, limit: comparison.limit };
    },
  };
}

function scopeName(per: Rule['per'], intent: RuledIntent): string {
  if (per === 'agent') return `agent:${intent.agent}`;
  if (per === 'resource') return intent.resource;
  return per === 'rule' ? 'rule' : 'store';
}

function valuesFor(
  limit: Limit,
  { intent, conflict }: ThresholdInput,
): Readonly<Partial<Record<Root, Values>>> | undefined {
  const { roots } = limit.condition;
  if (roots.has('conflict') && !conflict) return undefined;
  return {
    impact: intentImpactValues(intent),
    ...(roots.has('intent') ? { intent: intentValues(intent) } : {}),
    ...(conflict && roots.has('conflict') ? { conflict: conflictValues(conflict) } : {}),
  };
}

function sumWords(
  { path, operator, limit, unit }: Comparison,
  own: number,
  before: number,
  when: string,
  currency: string,
): string {
  const words = (value: number) => figure(value, unit, currency);
  const measure = path.slice(path.lastIndexOf('.') + 1);
  const relation = operator === '>' ? 'is above' : 'reaches';
  return `${measure} ${words(own + before)} ${when} (${words(own)} after ${words(before)}) ${relation} ${words(limit)}`;
}
