import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Aspect } from '#shared/contracts/resource.ts';
import { type AskSpec, ask, clockDuration, condition, ruleHead, scope } from '../fields.ts';
import type { Autonomy, RuledIntent } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { durationWords } from '../units.ts';
import { type CompiledRule, defineKind, type RuleContext } from './define.ts';
import { shapeOf } from './shape.ts';
import { silent, spoke } from './spoken.ts';
import { whenOf } from './when.ts';

/** Aspects that nobody but people and our own actions move, so that a person's change of them can be told from a sale. */
const OF_PEOPLE = ['price', 'promotion', 'lifecycle'] as const satisfies readonly Aspect[];

const schema = z.strictObject({
  kind: z.literal('autonomy'),
  ...ruleHead,
  scope: scope.optional(),
  when: condition.optional().describe('Only where this holds too, such as params.discountBasisPoints > 20%'),
  mode: z
    .enum(['alone', 'tell', 'ask', 'off'])
    .optional()
    .describe(
      'alone: agents act by themselves; tell: a person may object in time; ask: nothing happens without a person; off: hands off',
    ),
  ask: ask.optional().describe('With tell and ask: whom, and until when; without it, as shop.yaml says'),
  respect: clockDuration.optional().describe("How long a person's own change is left alone: 14 days"),
  aspect: z
    .union([z.enum(OF_PEOPLE), z.array(z.enum(OF_PEOPLE)).min(1).max(OF_PEOPLE.length)])
    .transform((value): readonly (typeof OF_PEOPLE)[number][] => (typeof value === 'string' ? [value] : value))
    .optional()
    .describe('With respect: of what; without it, of price, promotion and lifecycle'),
});
type Rule = z.infer<typeof schema>;

const WORDS: Readonly<Record<Autonomy['mode'], string>> = {
  alone: 'agents do this by themselves',
  tell: 'a person is told, and silence means yes',
  ask: 'a person is asked, and silence means no',
  off: 'agents leave this alone',
};

/** How free an agent is, and how long a person's own change is left alone. */
export const autonomy = defineKind({
  kind: 'autonomy',
  about:
    "How free agents are: alone, telling a person, asking one, or not at all; and how long people's own changes stay.",
  schema,
  compile(rule, context) {
    if (!checkKeys(rule, context)) return undefined;
    const actions = rule.scope?.action;
    const when = whenOf(rule.when, actions, context);
    if (!when) return undefined;
    const inScope = compileScope(rule.scope, context.model.seasons);
    const aspects = rule.respect === undefined ? [] : aspectsOf(rule);
    const speaks = (intent: RuledIntent) => {
      const answer = when.ask(intent);
      // A fact that is missing never sets an agent free.
      return rule.mode === 'alone' ? answer === true : answer !== false;
    };
    const { mode, respect } = rule;
    return {
      id: rule.id,
      actions,
      narrowness: inScope.narrowness,
      ...askOf(rule, context),
      ...(mode && {
        autonomy: (intent: RuledIntent): Autonomy | undefined =>
          inScope.takesIn(intent) && speaks(intent)
            ? { rule: rule.id, why: rule.why, detail: WORDS[mode], mode }
            : undefined,
      }),
      ...(respect !== undefined && {
        respectMs: (thing, aspect) =>
          (aspects as readonly string[]).includes(aspect) && inScope.takesThing(thing) ? respect : undefined,
      }),
      explain({ intent }) {
        if (!mode) return silent(`it is about people's own changes, which stay for ${durationWords(respect ?? 0)}`);
        const failed = when.whyNot(intent);
        if (failed !== undefined) return silent(failed);
        return speaks(intent) ? spoke(WORDS[mode]) : silent(when.unknown(intent));
      },
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      shape: shapeOf(actions, inScope, context.model.seasons, when.shape, {
        kind: 'autonomy',
        mode,
        respectMs: respect,
        aspects,
      }),
    } satisfies CompiledRule;
  },
});

function askOf(rule: Rule, context: RuleContext): { ask?: AskSpec } {
  if (rule.mode !== 'tell' && rule.mode !== 'ask') return {};
  // The mode is what silence means; the block of shop.yaml says only whom and until when.
  return { ask: { ...(rule.ask ?? context.model.ask), default: rule.mode === 'tell' ? 'proposed' : 'nothing' } };
}

function checkKeys(rule: Rule, context: RuleContext): boolean {
  const fault = faultOf(rule);
  if (fault) context.report(...fault);
  return fault === undefined;
}

function faultOf(rule: Rule): [key: string, message: string] | undefined {
  const { mode, respect } = rule;
  if (mode === undefined && respect === undefined) return ['id', 'an autonomy rule says "mode", "respect" or both'];
  if (rule.ask && mode !== 'tell' && mode !== 'ask')
    return ['ask', `nobody is asked: the mode is ${mode ?? 'not given'}`];
  if (mode === 'tell' && rule.ask?.default === 'nothing') {
    return ['ask', 'with mode tell silence means yes; write default: proposed, leave it out, or write mode: ask'];
  }
  if (mode === 'ask' && rule.ask?.default === 'proposed') {
    return ['ask', 'with mode ask silence means no; write default: nothing, leave it out, or write mode: tell'];
  }
  if (mode === undefined && rule.when !== undefined) return ['when', '"when" goes with mode, not with respect alone'];
  if (rule.aspect && respect === undefined)
    return ['aspect', '"aspect" says of what a change is respected; say how long with "respect"'];
  return respect === undefined ? undefined : respectFault(rule);
}

/** A person's change has no agent and no objective. */
function respectFault(rule: Rule): [key: string, message: string] | undefined {
  if (rule.scope?.agent || rule.scope?.objective) {
    return ['respect', 'a person\'s change knows no agent and no objective; write "respect" in a rule of its own'];
  }
  if (aspectsOf(rule).length > 0) return undefined;
  return [
    'respect',
    `none of the actions in the scope is about ${OF_PEOPLE.join(', ')}; write "respect" in a rule of its own`,
  ];
}

function aspectsOf(rule: Rule): readonly Aspect[] {
  if (rule.aspect) return rule.aspect;
  const moved = rule.scope?.action?.map((action) => ACTION_TYPES.get(action)?.hold?.aspect);
  return moved ? OF_PEOPLE.filter((aspect) => moved.includes(aspect)) : OF_PEOPLE;
}
