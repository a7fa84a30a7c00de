import { z } from 'zod';
import type { Condition } from '../condition/compile.ts';
import { paramTypes } from '../condition/params.ts';
import { simpleOf } from '../condition/simple.ts';
import { conflictValues, type Root, type Values } from '../condition/vocabulary.ts';
import {
  type Comparison,
  comparisonOf,
  comparisonWords,
  conjuncts,
  figureAt,
  holds,
  missing,
  whyNot,
} from '../condition/words.ts';
import { ask, clockDuration, condition, ruleHead, scope } from '../fields.ts';
import type { Ask, LimitScope, RuledIntent, ThresholdInput, TraceInput } from '../policy.ts';
import { type CompiledScope, compileScope } from '../scope.ts';
import { durationWords, figure } from '../units.ts';
import { MEASURES, type Measure, type MeasureName } from '../vocabulary.ts';
import { type CompiledRule, defineKind, type RuleContext } from './define.ts';
import { shapeOf } from './shape.ts';
import { type Spoken, silent, spoke } from './spoken.ts';
import { INTENT_ROOTS, valuesOf } from './when.ts';

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
    const inScope = compileScope(rule.scope, context.model.seasons);
    const { comparison } = limit;
    const { over, per = 'store' } = rule;
    const { currency } = context.model.shop;
    return {
      id: rule.id,
      actions: rule.scope?.action,
      narrowness: inScope.narrowness,
      ...(rule.ask && { ask: rule.ask }),
      ...(over === undefined
        ? single(rule, limit, inScope, currency)
        : thresholdOver({ id: rule.id, why: rule.why, per, over }, inScope, comparison, limit.measure, currency)),
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      shape: shapeOf(rule.scope?.action, inScope, context.model.seasons, simpleOf(limit.condition), {
        kind: 'threshold',
        measure: limit.measure,
        operator: comparison.operator === '>=' ? '>=' : '>',
        limit: comparison.limit,
        stake: comparison.path.startsWith('conflict.'),
        overMs: over,
        per,
        ask: rule.ask ?? context.model.ask,
      }),
    };
  },
});

function limitOf(rule: Rule, context: RuleContext): Limit | undefined {
  const compiled = context.condition('when', rule.when, ['conflict', ...INTENT_ROOTS], paramTypes(rule.scope?.action));
  if (!compiled) return undefined;
  const limits = conjuncts(compiled.ast).flatMap((node) => {
    const comparison = comparisonOf(node, compiled.typeOf);
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

function single(
  rule: Rule,
  limit: Limit,
  inScope: CompiledScope,
  currency: string,
): Required<Pick<CompiledRule, 'threshold' | 'explain'>> {
  const passes = (input: ThresholdInput): Ask | undefined => {
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
  };
  return {
    threshold: (input) => (inScope.takesIn(input.intent) ? passes(input) : undefined),
    explain({ threshold: input }: TraceInput): Spoken {
      const values = valuesFor(limit, input);
      if (!values) return silent('the wish is part of no conflict');
      const ask = passes(input);
      if (!ask) return silent(whyNot(limit.condition, values, currency));
      const lacking = missing(limit.condition, values);
      return spoke(lacking.length > 0 ? `${ask.detail}; ${lacking.join(' and ')} is not known` : ask.detail);
    },
  };
}

/** A limit on what adds up; budgets of shop.yaml are made of it too. */
export function thresholdOver(
  rule: Pick<Rule, 'id' | 'why' | 'per'> & { readonly over: number },
  inScope: CompiledScope,
  comparison: Comparison,
  measure: Measure,
  currency: string,
): Required<Pick<CompiledRule, 'threshold' | 'limit' | 'explain'>> {
  const scopeOf = (intent: RuledIntent): LimitScope => ({
    rule: rule.id,
    scope: scopeName(rule.per, intent),
    measure,
    overMs: rule.over,
  });
  const sumUp = ({ intent, counted }: ThresholdInput) => {
    const own = intent.impact[measure];
    const before = counted(scopeOf(intent));
    const amount = before + own;
    const passed = holds(comparison.operator, amount, comparison.limit);
    const span = `within ${durationWords(rule.over)}${rule.per === 'agent' ? ` by ${intent.agent}` : ''}`;
    const words = () => sumWords(comparison, own, before, span, currency, passed);
    return { amount, passed, words };
  };
  const passes = (input: ThresholdInput): Ask | undefined => {
    // An intent that adds nothing does not cross a limit, however much others have used of it.
    if (input.intent.impact[measure] <= 0) return undefined;
    const { passed, words, amount } = sumUp(input);
    return passed
      ? { rule: rule.id, why: rule.why, detail: words(), measure, amount, limit: comparison.limit }
      : undefined;
  };
  return {
    limit: (intent) => (inScope.takesIn(intent) ? scopeOf(intent) : undefined),
    threshold: (input) => (inScope.takesIn(input.intent) ? passes(input) : undefined),
    explain({ threshold: input }: TraceInput): Spoken {
      if (input.intent.impact[measure] <= 0) return silent('the wish adds nothing to what is counted');
      const { passed, words } = sumUp(input);
      return passed ? spoke(words()) : silent(words());
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
    ...valuesOf(limit.condition, intent),
    ...(conflict && roots.has('conflict') ? { conflict: conflictValues(conflict) } : {}),
  };
}

function sumWords(
  { path, operator, limit, unit }: Comparison,
  own: number,
  before: number,
  when: string,
  currency: string,
  passed: boolean,
): string {
  const words = (value: number) => figure(value, unit, currency);
  const measure = path.slice(path.lastIndexOf('.') + 1);
  const above = operator === '>';
  const relation = passed ? (above ? 'is above' : 'reaches') : above ? 'is not above' : 'does not reach';
  return `${measure} ${words(own + before)} ${when} (${words(own)} after ${words(before)}) ${relation} ${words(limit)}`;
}
