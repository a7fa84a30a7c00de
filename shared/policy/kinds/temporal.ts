import { z } from 'zod';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { later } from '#shared/kernel/time.ts';
import { intentImpactValues, intentValues } from '../condition/vocabulary.ts';
import { clockDuration, clockRange, condition, names, ruleHead, scope } from '../fields.ts';
import type { RuledIntent } from '../policy.ts';
import { takesIn } from '../scope.ts';
import { OBJECTIVES, WEEKDAYS } from '../vocabulary.ts';
import { type CompiledRule, defineKind, type RuleContext } from './define.ts';
import {
  freezeForm,
  type HoldForm,
  leadForm,
  onlyForm,
  plannedRank,
  quietForm,
  spacingForm,
  waitForm,
  withinForm,
} from './temporal-forms.ts';

/** A rule has exactly one of these; it says what the rule is about. */
const FORMS = ['quiet', 'only', 'freeze', 'lead', 'wait', 'within', 'spacing', 'planned-first'] as const;

const events = names.describe('Event types such as order.placed');

const schema = z.strictObject({
  kind: z.literal('temporal'),
  ...ruleHead,
  scope: scope.optional(),
  when: condition.optional().describe('Only where this holds too, such as impact.customers > 0'),
  quiet: clockRange.optional().describe('Not in this span of the day: 22:00-07:00'),
  only: z
    .union([z.literal('business-hours'), clockRange])
    .optional()
    .describe('Only in the business hours, or in this span of the day'),
  days: z.array(z.enum(WEEKDAYS)).min(1).max(7).optional().describe('With quiet or only: on these weekdays'),
  freeze: z
    .strictObject({ from: z.string().max(10), to: z.string().max(10) })
    .optional()
    .describe('Not from this date to that one, both included'),
  lead: clockDuration.optional().describe('Must be planned so long ahead'),
  wait: z
    .strictObject({ after: events, for: clockDuration })
    .optional()
    .describe('Not sooner than so long after the event that caused it'),
  within: z
    .strictObject({ of: events, for: clockDuration })
    .optional()
    .describe('Not later than so long after the event that caused it'),
  spacing: clockDuration.optional().describe('So long between two changes of ours to the same thing'),
  'planned-first': z
    .strictObject({
      causes: events.optional(),
      ahead: clockDuration.optional(),
      'yields-to': z.array(z.enum(OBJECTIVES)).optional(),
    })
    .optional()
    .describe('What was planned goes before what was not; not before objectives that it yields to'),
  // biome-ignore lint/suspicious/noThenProperty: `then` is the merchant's word; the object is data and is never awaited.
  then: z.enum(['defer', 'deny']).optional().describe('Hold it back until it fits (the usual), or refuse it'),
});
export type TemporalRule = z.infer<typeof schema>;

/** Which forms may say `then: defer`: the others know no time at which the intent would fit. */
const DEFERS: ReadonlySet<string> = new Set(['quiet', 'only', 'freeze', 'wait', 'spacing']);

/** Holds by time: of day, of year, since an event, ahead of a start, between two changes; and planned before unplanned. */
export const temporal = defineKind({
  kind: 'temporal',
  about: 'When something may run: times of day, dates, waiting times, spacing; and what was planned goes first.',
  schema,
  compile(rule, context) {
    const given = FORMS.filter((form) => rule[form] !== undefined);
    const [form] = given;
    if (form === undefined || given.length > 1) {
      context.report(given[1] ?? 'id', `a temporal rule has exactly one of ${FORMS.join(', ')}`);
      return undefined;
    }
    if (!checkEvents(rule, context) || !checkKeys(rule, form, context)) return undefined;
    return form === 'planned-first' ? planned(rule) : held(rule, form, context);
  },
});

function checkKeys(rule: TemporalRule, form: (typeof FORMS)[number], context: RuleContext): boolean {
  if (rule.days && form !== 'quiet' && form !== 'only') {
    context.report('days', `"days" goes with quiet or only, not with ${form}`);
    return false;
  }
  if (rule.days && rule.only === 'business-hours') {
    context.report('days', 'the days of the business hours stand in shop.yaml');
    return false;
  }
  if (rule.then !== undefined && !DEFERS.has(form)) {
    context.report('then', `"then" has no meaning with ${form}`);
    return false;
  }
  if (form !== 'planned-first') return true;
  if (rule.when !== undefined) {
    context.report('when', '"when" has no meaning with planned-first; use "scope"');
    return false;
  }
  if (rule['planned-first']?.causes === undefined && rule['planned-first']?.ahead === undefined) {
    context.report('planned-first', 'say what counts as planned: "causes", "ahead" or both');
    return false;
  }
  return true;
}

function checkEvents(rule: TemporalRule, context: RuleContext): boolean {
  const known = [...EVENT_TYPES.keys()];
  const named = [
    { path: ['wait', 'after'], types: rule.wait?.after },
    { path: ['within', 'of'], types: rule.within?.of },
    { path: ['planned-first', 'causes'], types: rule['planned-first']?.causes },
  ];
  let fine = true;
  for (const { path, types } of named) {
    for (const type of types ?? []) {
      if (known.includes(type)) continue;
      context.source.report({ path: [...context.path, ...path] }, `unknown event type "${type}".`, {
        name: type,
        known,
      });
      fine = false;
    }
  }
  return fine;
}

function planned(rule: TemporalRule): CompiledRule {
  const rank = plannedRank(rule);
  return {
    id: rule.id,
    actions: rule.scope?.action,
    scoped: rule.scope !== undefined,
    temporalRank: (intent) => (takesIn(rule.scope, intent) ? rank(intent) : undefined),
  };
}

function held(
  rule: TemporalRule,
  form: Exclude<(typeof FORMS)[number], 'planned-first'>,
  context: RuleContext,
): CompiledRule | undefined {
  const builders = {
    quiet: quietForm,
    only: onlyForm,
    freeze: freezeForm,
    lead: leadForm,
    wait: waitForm,
    within: withinForm,
    spacing: spacingForm,
  };
  const hold: HoldForm | undefined = builders[form](rule, context);
  const when = rule.when === undefined ? undefined : context.condition('when', rule.when, ['intent', 'impact']);
  if (!hold || (rule.when !== undefined && !when)) return undefined;
  const concerns = (intent: RuledIntent) =>
    takesIn(rule.scope, intent) &&
    // A condition that reads something missing does not lift a hold.
    (when === undefined || when.ask({ intent: intentValues(intent), impact: intentImpactValues(intent) }) !== false);
  const name = { rule: rule.id, why: rule.why };
  return {
    id: rule.id,
    actions: rule.scope?.action,
    hold(intent, now) {
      if (!concerns(intent)) return undefined;
      // What is planned for later is judged by the time at which it would run.
      const found = hold(intent, later(now, intent.window.from), now);
      if (!found) return undefined;
      if (found.until === undefined || rule.then === 'deny')
        return { ...name, detail: found.detail, verdict: 'denied' };
      return { ...name, detail: found.detail, verdict: 'deferred', until: found.until };
    },
  };
}
