import { z } from 'zod';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { type Instant, later } from '#shared/kernel/time.ts';
import { clockDuration, clockRange, condition, names, ruleHead, scope } from '../fields.ts';
import type { RuledIntent } from '../policy.ts';
import { compileScope } from '../scope.ts';
import { durationWords } from '../units.ts';
import { OBJECTIVES, WEEKDAYS } from '../vocabulary.ts';
import { type CompiledRule, defineKind, type RuleContext } from './define.ts';
import { shapeOf, type TemporalSays } from './shape.ts';
import { silent, spoke } from './spoken.ts';
import {
  freezeForm,
  type HoldForm,
  leadForm,
  onlyForm,
  plannedRank,
  quietForm,
  spacingForm,
  spanWords,
  waitForm,
  withinForm,
} from './temporal-forms.ts';
import { whenOf } from './when.ts';

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
    return form === 'planned-first' ? planned(rule, context) : held(rule, form, context);
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

function planned(rule: TemporalRule, context: RuleContext): CompiledRule {
  const rank = plannedRank(rule);
  const inScope = compileScope(rule.scope, context.model.seasons);
  return {
    id: rule.id,
    actions: rule.scope?.action,
    narrowness: inScope.narrowness,
    temporalRank: (intent) => (inScope.takesIn(intent) ? rank(intent) : undefined),
    whyOutside: ({ intent }) => inScope.whyNot(intent),
    explain: ({ intent }) =>
      rank(intent) === 0
        ? spoke('it counts as planned, and goes before what was not')
        : spoke(`it was not planned (its cause is ${intent.cause.type}), and comes after what was`),
    shape: shapeOf(rule.scope?.action, inScope, context.model.seasons, undefined, {
      kind: 'temporal',
      otherwise: 'defer',
      form: 'planned-first',
      causes: rule['planned-first']?.causes ?? [],
      aheadMs: rule['planned-first']?.ahead,
      yieldsTo: rule['planned-first']?.['yields-to'] ?? [],
    }),
  };
}

const BUILDERS = {
  quiet: quietForm,
  only: onlyForm,
  freeze: freezeForm,
  lead: leadForm,
  wait: waitForm,
  within: withinForm,
  spacing: spacingForm,
};

function held(
  rule: TemporalRule,
  form: Exclude<(typeof FORMS)[number], 'planned-first'>,
  context: RuleContext,
): CompiledRule | undefined {
  const hold: HoldForm | undefined = BUILDERS[form](rule, context);
  const actions = rule.scope?.action;
  const when = whenOf(rule.when, actions, context);
  if (!hold || !when) return undefined;
  const inScope = compileScope(rule.scope, context.model.seasons);
  // What is planned for later is judged by the time at which it would run.
  const findHold = (intent: RuledIntent, now: Instant) => hold(intent, later(now, intent.window.from), now);
  const name = { rule: rule.id, why: rule.why };
  const refuses = rule.then === 'deny' || !DEFERS.has(form);
  return {
    id: rule.id,
    actions,
    narrowness: inScope.narrowness,
    hold(intent, now) {
      // A condition that reads something missing does not lift a hold.
      if (!inScope.takesIn(intent) || when.ask(intent) === false) return undefined;
      const found = findHold(intent, now);
      if (!found) return undefined;
      if (found.until === undefined || refuses) return { ...name, detail: found.detail, verdict: 'denied' };
      return { ...name, detail: found.detail, verdict: 'deferred', until: found.until };
    },
    whyOutside: ({ intent }) => inScope.whyNot(intent),
    explain({ intent, now }) {
      const failed = when.whyNot(intent);
      if (failed !== undefined) return silent(failed);
      const found = findHold(intent, now);
      if (!found) return silent(`it would run at ${later(now, intent.window.from)}, which fits ${formWords(rule)}`);
      return spoke(found.until === undefined || refuses ? found.detail : `${found.detail}, until ${found.until}`);
    },
    shape: shapeOf(actions, inScope, context.model.seasons, when.shape, {
      kind: 'temporal',
      otherwise: refuses ? 'deny' : 'defer',
      ...saysOf(rule),
    }),
  };
}

/** Exactly one form is given; the last line is that of `spacing`. */
function saysOf(rule: TemporalRule): Exclude<TemporalSays, { readonly form: 'planned-first' }> {
  const { quiet, only, freeze, lead, wait, within, spacing, days } = rule;
  if (quiet) return { form: 'quiet', range: quiet, days };
  if (only === 'business-hours') return { form: 'business-hours' };
  if (only) return { form: 'only', range: only, days };
  if (freeze) return { form: 'freeze', range: freeze };
  if (lead !== undefined) return { form: 'lead', ms: lead };
  if (wait) return { form: 'wait', events: wait.after, ms: wait.for };
  if (within) return { form: 'within', events: within.of, ms: within.for };
  return { form: 'spacing', ms: spacing ?? 0 };
}

/** `spacing 24 h`, `wait 1 h after order.flagged`: what it was compared with. */
function formWords(rule: TemporalRule): string {
  const says = saysOf(rule);
  switch (says.form) {
    case 'wait':
      return `wait ${durationWords(says.ms)} after ${says.events.join(' or ')}`;
    case 'within':
      return `within ${durationWords(says.ms)} of ${says.events.join(' or ')}`;
    case 'quiet':
    case 'only':
      return `${says.form} ${spanWords(says.range, says.days)}`;
    case 'freeze':
      return `freeze ${says.range.from} to ${says.range.to}`;
    case 'business-hours':
      return 'only business-hours';
    default:
      return `${says.form} ${durationWords(says.ms)}`;
  }
}
