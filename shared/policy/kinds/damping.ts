import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Aspect } from '#shared/contracts/resource.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import { clockDuration, condition, ruleHead, scope } from '../fields.ts';
import type { Change, RuledIntent, TemporalHold } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { durationWords } from '../units.ts';
import { defineKind, type RuleContext } from './define.ts';
import { shapeOf } from './shape.ts';
import { silent, spoke } from './spoken.ts';
import { whenOf } from './when.ts';

/** Aspects that have a level which can go back and forth. */
const LEVELS: readonly Aspect[] = ['price', 'promotion', 'lifecycle'];

const schema = z.strictObject({
  kind: z.literal('damping'),
  ...ruleHead,
  scope: scope.optional(),
  when: condition.optional().describe('Only where this holds too, such as impact.revenue < £200'),
  dwell: clockDuration.optional().describe('How long a value stays after our own last change of it: 24h'),
  reversals: z
    .number()
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('How often its direction may turn (down after up, off after on) within "over": 2'),
  over: clockDuration.optional().describe('With reversals: in which rolling time: 24h'),
  otherwise: z.enum(['wait', 'deny']).optional().describe('What comes too soon waits (the usual), or is refused'),
});
type Rule = z.infer<typeof schema>;
type Turns = { readonly reversals: number; readonly overMs: number };
type Held = { readonly detail: string; readonly until: Instant } | undefined;

/** Keeps a value from moving too soon after its last change, and from going back and forth. */
export const damping = defineKind({
  kind: 'damping',
  about: 'How calm a value stays: so long between two changes of ours, and so few turns back and forth.',
  schema,
  compile(rule, context) {
    if (!checkKeys(rule, context)) return undefined;
    const actions = rule.scope?.action;
    const when = whenOf(rule.when, actions, context);
    if (!when) return undefined;
    const inScope = compileScope(rule.scope, context.model.seasons);
    const turns =
      rule.reversals === undefined || rule.over === undefined
        ? undefined
        : { reversals: rule.reversals, overMs: rule.over };
    const otherwise = rule.otherwise === 'deny' ? 'deny' : 'defer';
    const heldBy = (intent: RuledIntent, changes: readonly Change[], now: Instant): Held => {
      const held = [dwells(rule.dwell, changes, now), turns && swings(turns, intent, changes, now)];
      // What is held for two reasons is held for the longer.
      return held.reduce((a, b) => (a && b ? (a.until >= b.until ? a : b) : (a ?? b)), undefined);
    };
    return {
      id: rule.id,
      actions,
      narrowness: inScope.narrowness,
      damping: {
        lookBackMs: Math.max(rule.dwell ?? 0, rule.over ?? 0),
        hold(intent, changes, now): TemporalHold | undefined {
          // A fact that is missing does not lift a hold.
          if (!inScope.takesIn(intent) || when.ask(intent) === false) return undefined;
          const held = heldBy(intent, changes, now);
          if (!held) return undefined;
          const found = { rule: rule.id, why: rule.why, detail: held.detail };
          return otherwise === 'deny'
            ? { ...found, verdict: 'denied' }
            : { ...found, verdict: 'deferred', until: held.until };
        },
      },
      explain({ intent, changes, now }) {
        const failed = when.whyNot(intent);
        if (failed !== undefined) return silent(failed);
        const held = heldBy(intent, changes, now);
        return held
          ? spoke(`${held.detail}, until ${held.until}`)
          : silent(calmWords(rule, turns, intent, changes, now));
      },
      whyOutside: ({ intent }) => inScope.whyNot(intent),
      shape: shapeOf(actions, inScope, context.model.seasons, when.shape, {
        kind: 'damping',
        dwellMs: rule.dwell,
        reversals: rule.reversals,
        overMs: rule.over,
        otherwise,
      }),
    };
  },
});

function dwells(dwellMs: number | undefined, changes: readonly Change[], now: Instant): Held {
  const last = changes.at(-1);
  if (dwellMs === undefined || !last) return undefined;
  const until = plus(last.at, dwellMs);
  if (now >= until) return undefined;
  return { detail: `our last change (${last.at}) was less than ${durationWords(dwellMs)} ago`, until };
}

/** It is held where it would be a turn itself, and one too many; until so many earlier changes lie back far enough. */
function swings({ reversals, overMs }: Turns, intent: RuledIntent, changes: readonly Change[], now: Instant): Held {
  const { level } = intent;
  const recent = recentOf(changes, overMs, now);
  if (level === undefined || turnsIn(recent, level) <= Math.max(reversals, turnsIn(recent))) return undefined;
  const count = turnsIn(recent, level);
  const enough = recent.findIndex((_, index) => turnsIn(recent.slice(index + 1), level) <= reversals);
  const until = plus(recent[enough]?.at ?? now, overMs);
  return {
    detail: `it would turn direction ${times(count)} within ${durationWords(overMs)}, above ${reversals}`,
    until,
  };
}

function recentOf(changes: readonly Change[], overMs: number, now: Instant): readonly Change[] {
  return changes.filter((change) => plus(change.at, overMs) > now);
}

/** How often successive levels change direction; levels that stay the same have none. */
function turnsIn(changes: readonly Change[], next?: number): number {
  const levels = changes.map((change) => change.level);
  if (next !== undefined) levels.push(next);
  let turns = 0;
  let direction = 0;
  for (let index = 1; index < levels.length; index++) {
    const step = Math.sign((levels[index] ?? 0) - (levels[index - 1] ?? 0));
    if (step !== 0 && direction !== 0 && step !== direction) turns++;
    if (step !== 0) direction = step;
  }
  return turns;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function calmWords(
  rule: Rule,
  turns: Turns | undefined,
  intent: RuledIntent,
  changes: readonly Change[],
  now: Instant,
): string {
  const last = changes.at(-1);
  const dwell =
    rule.dwell === undefined
      ? []
      : [
          last
            ? `our last change (${last.at}) was ${durationWords(rule.dwell)} ago or more`
            : 'we have not changed it lately',
        ];
  if (!turns) return dwell.join('; ');
  const count = turnsIn(recentOf(changes, turns.overMs, now), intent.level);
  return [...dwell, `turns within ${durationWords(turns.overMs)}: ${count}, not above ${turns.reversals}`].join('; ');
}

function checkKeys(rule: Rule, context: RuleContext): boolean {
  const fault = faultOf(rule);
  if (fault) context.report(...fault);
  return fault === undefined;
}

function faultOf(rule: Rule): [key: string, message: string] | undefined {
  if (rule.dwell === undefined && rule.reversals === undefined) {
    return ['id', 'a damping rule says "dwell", "reversals" or both'];
  }
  if (rule.reversals !== undefined && rule.over === undefined) {
    return ['reversals', 'say in which rolling time the turns are counted, such as over: 24h'];
  }
  if (rule.over !== undefined && rule.reversals === undefined) {
    return ['over', '"over" goes with reversals; say how many, such as reversals: 2'];
  }
  const still = rule.scope?.action?.find(
    (action) => !LEVELS.includes(ACTION_TYPES.get(action)?.hold?.aspect as Aspect),
  );
  if (rule.scope?.action && still === undefined) return undefined;
  return [
    still === undefined ? 'id' : 'scope',
    `${still ?? 'a damping rule'} ${still === undefined ? 'needs a scope with' : 'has no level that could go back and forth; name'} actions about ${LEVELS.join(', ')}, such as scope: { action: price.set }`,
  ];
}
