import { z } from 'zod';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { paramNames } from '../condition/params.ts';
import { clockDuration, condition, names, ruleHead, scope } from '../fields.ts';
import type { RuledIntent, Sameness } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { durationWords } from '../units.ts';
import { defineKind, type RuleContext } from './define.ts';
import { shapeOf } from './shape.ts';
import { silent, spoke } from './spoken.ts';
import { whenOf } from './when.ts';

/** What two wishes can have in common beside their parameters. */
const COMMON = ['resource', 'cause', 'action', 'agent'] as const;

const schema = z.strictObject({
  kind: z.literal('redundancy'),
  ...ruleHead,
  scope: scope.optional(),
  when: condition.optional().describe('Only where this holds too, such as params.amountMinor > £5'),
  same: names.describe(
    `What the two have in common: parameters of the actions in the scope (customer, topic), or ${COMMON.join(', ')}`,
  ),
  within: clockDuration
    .optional()
    .describe('For how long what was granted makes a later one superfluous: 24h; without it, only in the same moment'),
});

/** Two wishes that are one: the second would tell, give or do the same again. */
export const redundancy = defineKind({
  kind: 'redundancy',
  about:
    'Which wishes are one and the same, so that a second is not granted: one notice a topic, one coupon a customer.',
  schema,
  compile(rule, context) {
    const actions = rule.scope?.action;
    const known = checkSame(rule.same, actions, context);
    const when = whenOf(rule.when, actions, context);
    if (!known || !when) return undefined;
    const inScope = compileScope(rule.scope, context.model.seasons);
    const withinMs = rule.within ?? 0;
    const keyOf = (intent: RuledIntent) => [rule.id, ...rule.same.map((name) => partOf(name, intent))].join(' ');
    const span = withinMs > 0 ? `within ${durationWords(withinMs)}` : 'in the same round';
    return {
      id: rule.id,
      actions,
      narrowness: inScope.narrowness,
      sameness(intent): Sameness | undefined {
        // A fact that is missing does not let the same thing happen twice.
        if (!inScope.takesIn(intent) || when.ask(intent) === false) return undefined;
        return { rule: rule.id, why: rule.why, key: keyOf(intent), withinMs };
      },
      explain({ intent }) {
        const failed = when.whyNot(intent);
        if (failed !== undefined) return silent(failed);
        return spoke(`another with ${describe(rule.same, intent)} ${span} is the same wish`);
      },
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      shape: shapeOf(actions, inScope, context.model.seasons, when.shape, {
        kind: 'redundancy',
        same: rule.same,
        withinMs,
      }),
    };
  },
});

function checkSame(same: readonly string[], actions: readonly string[] | undefined, context: RuleContext): boolean {
  const params = paramNames(actions);
  const known = [...params, ...COMMON];
  let fine = true;
  for (const name of same) {
    if (known.includes(name)) continue;
    const of = actions === undefined ? ' without a scope that names actions' : ` of ${actions.join(', ')}`;
    context.source.report(
      { path: [...context.path, 'same'] },
      `"${name}" is not known${of}; there are ${known.join(', ')}.`,
      { name, known },
    );
    fine = false;
  }
  const repeated = same.find((name, index) => same.indexOf(name) !== index);
  if (repeated !== undefined) context.report('same', `"${repeated}" stands in "same" twice`);
  return fine && repeated === undefined;
}

/** Two wishes that leave a parameter out agree about it. */
const LEFT_OUT = '-';

function partOf(name: string, intent: RuledIntent): string {
  const value = givenBy(name, intent);
  if (value === undefined || value === null) return LEFT_OUT;
  if (typeof value !== 'string') return canonicalJson(value as Json);
  // Quoted where it could be taken for two values, or for none.
  return /^[^\s"{[]+$/.test(value) && value !== LEFT_OUT ? value : JSON.stringify(value);
}

function givenBy(name: string, intent: RuledIntent): unknown {
  if (name === 'resource' || name === 'action' || name === 'agent') return intent[name];
  if (name === 'cause') return intent.cause.event ?? `${intent.cause.type}@${intent.cause.time}`;
  return intent.params[name];
}

function describe(same: readonly string[], intent: RuledIntent): string {
  return same.map((name) => `${name} ${partOf(name, intent)}`).join(', ');
}
