import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { type Instant, plus, toMs } from '#shared/kernel/time.ts';
import {
  type Calendar,
  isDate,
  type LocalTime,
  localTime,
  nextClock,
  nextOpen,
  startOfDate,
  within,
} from '../business-time.ts';
import type { RuledIntent } from '../policy.ts';
import { type ClockRange, durationWords } from '../units.ts';
import { WEEKDAYS, type Weekday } from '../vocabulary.ts';
import type { RuleContext } from './define.ts';
import type { TemporalRule } from './temporal.ts';

/** Why an intent may not run `at` that time, and from when it may; without `until` there is no such time. */
export type HoldForm = (
  intent: RuledIntent,
  at: Instant,
  now: Instant,
) => { readonly detail: string; readonly until?: Instant } | undefined;

/** All intents of a round share their `now`, so the last answer serves most of them. */
function rememberedLocalTime(calendar: Calendar): (at: Instant) => LocalTime {
  let lastAt = '';
  let last: LocalTime | undefined;
  return (at) => {
    if (last === undefined || at !== lastAt) {
      last = localTime(calendar, at);
      lastAt = at;
    }
    return last;
  };
}

export function quietForm(rule: TemporalRule, { model }: RuleContext): HoldForm | undefined {
  const range = rule.quiet;
  if (!range) return undefined;
  const local = rememberedLocalTime(model.calendar);
  return (_intent, at) => {
    const time = local(at);
    if (!inRange(range, rule.days, time)) return undefined;
    const until = nextClock(model.calendar, at, range.to);
    return { detail: `it is ${clock(time.minute)}, in the quiet time ${spanWords(range, rule.days)}`, until };
  };
}

export function onlyForm(rule: TemporalRule, { model }: RuleContext): HoldForm | undefined {
  const { only } = rule;
  if (only === undefined) return undefined;
  const local = rememberedLocalTime(model.calendar);
  if (only === 'business-hours') {
    return (_intent, at) => {
      const until = nextOpen(model.calendar, at);
      if (until === at) return undefined;
      return { detail: `it is ${local(at).weekday} ${clock(local(at).minute)}, outside the business hours`, until };
    };
  }
  return (_intent, at) => {
    const time = local(at);
    if (inRange(only, rule.days, time)) return undefined;
    const until = nextClock(model.calendar, at, only.from, rule.days);
    return {
      detail: `it is ${time.weekday} ${clock(time.minute)}, outside ${spanWords(only, rule.days)}`,
      until,
    };
  };
}

export function freezeForm(rule: TemporalRule, context: RuleContext): HoldForm | undefined {
  const { freeze } = rule;
  if (!freeze) return undefined;
  for (const key of ['from', 'to'] as const) {
    if (isDate(freeze[key])) continue;
    context.source.report(
      { path: [...context.path, 'freeze', key] },
      `"${freeze[key]}" is not a date; write for example 2011-12-20`,
    );
    return undefined;
  }
  if (freeze.from > freeze.to) {
    context.report('freeze', 'the freeze ends before it begins');
    return undefined;
  }
  const { calendar } = context.model;
  const begins = startOfDate(calendar, freeze.from);
  const ends = startOfDate(calendar, dayAfter(freeze.to));
  return (_intent, at) =>
    at >= begins && at < ends ? { detail: `frozen from ${freeze.from} to ${freeze.to}`, until: ends } : undefined;
}

export function leadForm(rule: TemporalRule): HoldForm | undefined {
  const ms = rule.lead;
  if (ms === undefined) return undefined;
  return (intent, _at, now) => {
    const ahead = toMs(intent.window.from) - toMs(now);
    if (ahead >= ms) return undefined;
    return { detail: `starts ${durationWords(Math.max(0, ahead))} ahead, and needs ${durationWords(ms)}` };
  };
}

export function waitForm(rule: TemporalRule): HoldForm | undefined {
  const { wait } = rule;
  if (!wait) return undefined;
  return (intent, at) => {
    const until = plus(intent.cause.time, wait.for);
    if (!wait.after.includes(intent.cause.type) || at >= until) return undefined;
    return { detail: `less than ${durationWords(wait.for)} since ${intent.cause.type}`, until };
  };
}

export function withinForm(rule: TemporalRule): HoldForm | undefined {
  const { within: limit } = rule;
  if (!limit) return undefined;
  return (intent, at) => {
    if (!limit.of.includes(intent.cause.type) || at <= plus(intent.cause.time, limit.for)) return undefined;
    return { detail: `more than ${durationWords(limit.for)} since ${intent.cause.type}` };
  };
}

export function spacingForm(rule: TemporalRule, context: RuleContext): HoldForm | undefined {
  const ms = rule.spacing;
  if (ms === undefined || !canBeSpaced(rule, ms, context)) return undefined;
  return (intent, at) => {
    if (intent.lastChange === undefined) return undefined;
    const until = plus(intent.lastChange, ms);
    if (at >= until) return undefined;
    return { detail: `the last change of ours was less than ${durationWords(ms)} ago (${intent.lastChange})`, until };
  };
}

/** The last change is known from the claim that its value keeps for the dwell time: a longer spacing would forget it. */
function canBeSpaced(rule: TemporalRule, ms: number, context: RuleContext): boolean {
  const holds = (rule.scope?.action ?? []).map((action) => ACTION_TYPES.get(action)?.hold);
  if (holds.length === 0 || holds.some((hold) => hold && !hold.exclusive)) {
    context.report(
      'spacing',
      '"spacing" needs a scope with actions that set a value, such as scope: { action: price.set }',
    );
    return false;
  }
  for (const hold of holds) {
    if (!hold || context.model.shop.dwellMs(hold.aspect) >= ms) continue;
    const { aspect } = hold;
    context.report(
      'spacing',
      `shop.yaml keeps a ${aspect} for ${durationWords(context.model.shop.dwellMs(aspect))} only; raise its dwell of ${aspect} to ${durationWords(ms)}`,
    );
    return false;
  }
  return true;
}

/** 0 for what was planned, and for what planned things yield to; 1 for the rest. */
export function plannedRank(rule: TemporalRule): (intent: RuledIntent) => number {
  const spec = rule['planned-first'];
  const yieldsTo: readonly string[] = spec?.['yields-to'] ?? [];
  return (intent) => {
    if (intent.protective || yieldsTo.includes(intent.objective)) return 0;
    if (spec?.causes?.includes(intent.cause.type)) return 0;
    if (spec?.ahead === undefined) return 1;
    return toMs(intent.window.from) - toMs(intent.cause.time) >= spec.ahead ? 0 : 1;
  };
}

/** A span that passes midnight belongs to the weekday on which it begins. */
function inRange(range: ClockRange, days: readonly Weekday[] | undefined, time: LocalTime): boolean {
  if (!within(range, time.minute)) return false;
  if (!days) return true;
  const afterMidnight = range.from > range.to && time.minute < range.to;
  const day = WEEKDAYS.indexOf(time.weekday) - (afterMidnight ? 1 : 0);
  return days.includes(WEEKDAYS[(day + 7) % 7] ?? time.weekday);
}

/** `22:00-07:00 on saturday, sunday`. */
export function spanWords({ from, to }: ClockRange, days: readonly Weekday[] | undefined): string {
  return `${clock(from)}-${clock(to)}${days ? ` on ${days.join(', ')}` : ''}`;
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

function dayAfter(date: string): string {
  return plus(`${date}T00:00:00.000Z`, 24 * 3_600_000).slice(0, 10);
}
