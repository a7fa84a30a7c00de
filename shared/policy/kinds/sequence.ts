import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { kindOf, type ResourceKind } from '#shared/contracts/resource.ts';
import { condition, names, ruleHead, scope } from '../fields.ts';
import type { Succession } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { defineKind, type RuleContext } from './define.ts';
import { shapeOf } from './shape.ts';
import { silent, spoke } from './spoken.ts';
import { whenOf } from './when.ts';

const schema = z.strictObject({
  kind: z.literal('sequence'),
  ...ruleHead,
  scope: scope.optional(),
  when: condition.optional().describe('Only where this holds of what comes after, such as params.amountMinor > £20'),
  first: names.describe('What has to be over first, where both concern the same thing: order.hold'),
  // biome-ignore lint/suspicious/noThenProperty: `then` is the merchant's word; the object is data and is never awaited.
  then: names.optional().describe('What comes after it: order.release; the same as "action" in the scope'),
  otherwise: z
    .enum(['wait', 'deny'])
    .optional()
    .describe('What comes too early waits until the first is over (the usual), or is refused'),
});
type Rule = z.infer<typeof schema>;

/** What has to be over before something else may begin on the same thing. */
export const sequence = defineKind({
  kind: 'sequence',
  about: 'What comes first where two actions concern the same thing: the stock is corrected before units are promised.',
  schema,
  compile(rule, context) {
    const then = followersOf(rule, context);
    if (!then || !checkFirst(rule.first, then, context)) return undefined;
    const when = whenOf(rule.when, then, context);
    if (!when) return undefined;
    const inScope = compileScope({ ...rule.scope, action: then }, context.model.seasons);
    const otherwise = rule.otherwise === 'deny' ? 'deny' : 'defer';
    const found: Succession = { rule: rule.id, why: rule.why, after: rule.first, otherwise };
    return {
      id: rule.id,
      actions: then,
      narrowness: inScope.narrowness,
      // A fact that is missing does not let it run ahead.
      succession: (intent) => (inScope.takesIn(intent) && when.ask(intent) !== false ? found : undefined),
      explain({ intent }) {
        const failed = when.whyNot(intent);
        if (failed !== undefined) return silent(failed);
        const verb = otherwise === 'deny' ? 'is refused' : 'waits';
        return spoke(`${intent.action} ${verb} while ${rule.first.join(' or ')} is not over on the same thing`);
      },
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      shape: shapeOf(then, inScope, context.model.seasons, when.shape, {
        kind: 'sequence',
        first: rule.first,
        then,
        otherwise,
      }),
    };
  },
});

/** `then` and `scope.action` say the same thing; a rule may write either, and both only where they agree. */
function followersOf(rule: Rule, context: RuleContext): readonly string[] | undefined {
  const inScope = rule.scope?.action;
  const { then } = rule;
  if (!then && !inScope) {
    context.report('first', 'say what comes after it, such as then: refund.issue');
    return undefined;
  }
  if (!then || !inScope) return then ? (checkNames('then', then, context) ? then : undefined) : inScope;
  if ([...then].sort().join() === [...inScope].sort().join()) return then;
  context.report('then', `"then" says ${then.join(', ')} and the scope ${inScope.join(', ')}; write one of the two`);
  return undefined;
}

function checkFirst(first: readonly string[], then: readonly string[], context: RuleContext): boolean {
  if (!checkNames('first', first, context)) return false;
  const both = first.find((action) => then.includes(action));
  if (both !== undefined) {
    context.report('first', `${both} would have to wait for itself`);
    return false;
  }
  const stranger = first.find((action) => then.every((other) => neverMeet(action, other)));
  if (stranger === undefined) return true;
  const kinds = (actions: readonly string[]) =>
    [...new Set(actions.map((action) => article(touchedBy(action) ?? 'thing')))].join(' or ');
  context.report(
    'first',
    `${stranger} is about ${kinds([stranger])} and ${then.join(', ')} about ${kinds(then)}: they never concern the same thing`,
  );
  return false;
}

function checkNames(key: 'first' | 'then', actions: readonly string[], context: RuleContext): boolean {
  const known = [...ACTION_TYPES.keys()];
  const unknown = actions.filter((action) => !ACTION_TYPES.has(action));
  for (const name of unknown) {
    context.source.report({ path: [...context.path, key] }, `unknown action "${name}".`, { name, known });
  }
  return unknown.length === 0;
}

function neverMeet(first: string, second: string): boolean {
  const [a, b] = [touchedBy(first), touchedBy(second)];
  return a !== undefined && b !== undefined && a !== b;
}

/** What kind of thing an action is about, read off its target for made-up parameters; undefined where they do not tell. */
function touchedBy(action: string): ResourceKind | undefined {
  const type = ACTION_TYPES.get(action);
  const named = ['sku', 'order', 'customer'].find((name) => name in (type?.params.shape ?? {}));
  if (!type || named === undefined) return undefined;
  const example = Object.fromEntries(Object.keys(type.params.shape).map((name) => [name, 'x']));
  return kindOf(type.target(example));
}

function article(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
