import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { kindOf } from '#shared/contracts/resource.ts';
import type { Condition } from '../condition/compile.ts';
import { type Guarded, movedBy, projectedFieldsOf, projectedReader } from '../condition/projected.ts';
import { simpleOf } from '../condition/simple.ts';
import { leafValues, type Root, type Values } from '../condition/vocabulary.ts';
import { missing, readings, shortfalls, whyNot } from '../condition/words.ts';
import { ask, condition, names, ruleHead } from '../fields.ts';
import type { GuardrailInput, TraceInput, Violation } from '../policy.ts';
import { type CompiledScope, compileScope, type Thing } from '../scope.ts';
import { defineKind } from './define.ts';
import { shapeOf } from './shape.ts';
import { type Spoken, silent, spoke } from './spoken.ts';

const scope = z
  .strictObject({
    action: names.optional().describe('Only where one of these actions takes part'),
    category: names.optional().describe('Product categories'),
    sku: names.optional().describe('Single SKUs'),
    season: names.optional().describe('Only in these seasons of shop.yaml'),
  })
  .describe('To what the rule applies; without it, to every action that moves what it looks at');

const ROOT = 'projected.';

/** What must hold on the projected merged state of one leaf. */
export const guardrail = defineKind({
  kind: 'guardrail',
  about: 'What must hold if everything admitted and in force were carried out together.',
  schema: z.strictObject({
    kind: z.literal('guardrail'),
    ...ruleHead,
    on: z.enum(['sku', 'order', 'customer', 'budget']).describe('What it looks at, one at a time'),
    assert: condition.describe('What must hold, such as projected.margin >= 15%'),
    else: z
      .enum(['adjust', 'deny', 'ask'])
      .describe(
        'adjust to the nearest value that holds where the agent allows it (otherwise deny), deny, or ask a person',
      ),
    whenUnknown: z.enum(['deny', 'ask', 'allow']).describe('What to do where a fact that it needs is missing'),
    scope: scope.optional(),
    ask: ask.optional(),
  }),
  compile(rule, context) {
    const held = context.condition('assert', rule.assert, ['projected', 'leaf']);
    if (!held) return undefined;
    if (held.roots.has('projected') === false) context.report('assert', 'a guardrail must look at something projected');
    const known = projectedFieldsOf(rule.on);
    const stranger = fieldsOf(held).find((field) => !known.includes(field));
    if (stranger !== undefined) {
      const list = known.map((field) => ROOT + field).join(', ');
      context.report('assert', `${ROOT}${stranger} is not known of ${article(rule.on)}; known are ${list}`);
      return undefined;
    }
    if (rule.ask && rule.else !== 'ask' && rule.whenUnknown !== 'ask') {
      context.report('ask', 'nobody is ever asked: neither "else" nor "whenUnknown" says ask');
    }
    const { currency } = context.model.shop;
    const name = { rule: rule.id, why: rule.why };
    const valuesFor = readerOf(held);
    const inScope = compileScope(rule.scope, context.model.seasons);
    const actions = rule.scope?.action ?? actionsThatMove(held);
    const concerns = (input: GuardrailInput) => kindOf(input.leaf) === rule.on && inScope.takesThing(thingOf(input));
    const violation = (input: GuardrailInput): Violation | undefined => {
      if (!concerns(input)) return undefined;
      const values = valuesFor(input);
      const answer = held.ask(values);
      if (answer === true) return undefined;
      if (answer === false)
        return { ...name, detail: whyNot(held, values, currency), otherwise: rule.else, unknown: false };
      if (rule.whenUnknown === 'allow') return undefined;
      return { ...name, detail: unknownWords(held, values), otherwise: rule.whenUnknown, unknown: true };
    };
    return {
      id: rule.id,
      actions,
      narrowness: inScope.narrowness,
      ...(rule.ask && { ask: rule.ask }),
      violation,
      worsens: (before, after) => isFurther(held, valuesFor(before), valuesFor(after)),
      whyOutside: ({ leaves }) => (leaves.some(concerns) ? undefined : outsideWords(rule.on, inScope, leaves)),
      explain({ leaves }): Spoken {
        const mine = leaves.filter(concerns);
        const broken = mine.flatMap((leaf) => violation(leaf) ?? []);
        if (broken.length > 0) return spoke([...new Set(broken.map(({ detail }) => detail))].join('; '));
        return silent(mine.map((input) => calmWords(held, valuesFor(input), currency))[0] ?? '');
      },
      shape: shapeOf(actions, inScope, context.model.seasons, undefined, {
        kind: 'guardrail',
        on: rule.on,
        assert: simpleOf(held),
        otherwise: rule.else,
        whenUnknown: rule.whenUnknown,
      }),
    };
  },
});

/** Whether one of the figures is further from what must hold than it was. */
function isFurther(held: Condition, before: Readonly<Partial<Record<Root, Values>>>, after: typeof before): boolean {
  const were = shortfalls(held, before);
  return [...shortfalls(held, after)].some(([at, short]) => short > (were.get(at) ?? Number.POSITIVE_INFINITY));
}

/** Why a guardrail that is not broken is silent. */
function calmWords(held: Condition, values: Readonly<Partial<Record<Root, Values>>>, currency: string): string {
  const figures = readings(held, values, currency);
  if (held.ask(values) === true) return `it holds: ${figures}`;
  return `it is not known whether it holds (${figures}), and the rule allows that`;
}

function thingOf({ leaf, category, now }: GuardrailInput): Thing {
  return { resource: leaf, category, now };
}

function outsideWords(on: Guarded, inScope: CompiledScope, leaves: TraceInput['leaves']): string {
  const [leaf] = leaves.filter((one) => kindOf(one.leaf) === on);
  if (leaf) return inScope.whyNotThing(thingOf(leaf)) ?? '';
  return `on: ${leaves.map((one) => one.leaf).join(', ') || 'nothing'} is not ${article(on)}`;
}

/** Names of the projected fields that it reads. */
function fieldsOf(held: Condition): readonly string[] {
  return held.reads.flatMap((path) => (path.startsWith(ROOT) ? [path.slice(ROOT.length)] : []));
}

function article(on: Guarded): string {
  return on === 'order' ? 'an order' : `a ${on}`;
}

function readerOf(held: Condition): (input: GuardrailInput) => Readonly<Partial<Record<Root, Values>>> {
  const projected = projectedReader(fieldsOf(held));
  const readsLeaf = held.roots.has('leaf');
  return (input) => ({
    projected: projected(input.projected),
    ...(readsLeaf ? { leaf: leafValues(input) } : {}),
  });
}

function unknownWords(held: Condition, values: Readonly<Partial<Record<Root, Values>>>): string {
  return `${missing(held, values).join(' and ') || 'a fact'} is not known`;
}

function actionsThatMove(held: Condition): readonly string[] | undefined {
  const moved = movedBy(fieldsOf(held));
  if (moved === 'any') return undefined;
  return [...ACTION_TYPES.values()].filter((type) => type.moves.some((one) => moved.has(one))).map((type) => type.type);
}
