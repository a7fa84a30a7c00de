import { type Instant, plus, toMs } from '#shared/kernel/time.ts';
import { localTime, startOfDate } from '../business-time.ts';
import type { TemporalSays } from '../kinds/shape.ts';
import type { DayRange } from '../seasons.ts';
import type { ShopModel } from '../shop.ts';
import { WEEKDAYS, type Weekday } from '../vocabulary.ts';

/** From one minute of a day to another, the end not included. */
export type Minutes = readonly [from: number, to: number];

/** A day on the shop's calendar. */
export interface Day {
  readonly date: string;
  readonly weekday: Weekday;
}

type Windowed = Extract<TemporalSays, { form: 'quiet' | 'only' | 'business-hours' | 'freeze' }>;

const DAY = 1_440;
const YEAR_OF_DAYS = 366;
const RANGE_DAYS_MAX = 400;

export function isWindowed(says: TemporalSays): says is Windowed {
  return says.form === 'quiet' || says.form === 'only' || says.form === 'business-hours' || says.form === 'freeze';
}

/** A year of days from now on, and beside it the days that the calendar or these ranges name. */
export function daysToLookAt(model: ShopModel, now: Instant, ranges: readonly DayRange[]): readonly Day[] {
  const first = localTime(model.calendar, now).date;
  const dates = new Set(datesFrom(first, YEAR_OF_DAYS));
  for (const holiday of model.calendar.holidays) if (holiday.length > 'mm-dd'.length) dates.add(holiday);
  for (const { from, to } of ranges) {
    if (from.length === 'mm-dd'.length) continue;
    const length = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;
    for (const date of datesFrom(from, Math.min(length, RANGE_DAYS_MAX))) dates.add(date);
  }
  return [...dates].sort().map((date) => ({ date, weekday: weekdayOf(date) }));
}

/** The minutes of a day at which the rule lets nothing run. */
export function blockedOn(says: Windowed, day: Day, model: ShopModel): readonly Minutes[] {
  if (says.form === 'freeze') return inDays(says.range, day.date) ? [[0, DAY]] : [];
  if (says.form === 'business-hours') return complement(openOn(day, model));
  const inside = partsOn(says.range.from, says.range.to, says.days, day);
  return says.form === 'quiet' ? inside : complement(inside);
}

export function inDays({ from, to }: DayRange, date: string): boolean {
  const day = from.length === 'mm-dd'.length ? date.slice('yyyy-'.length) : date;
  return from <= to ? day >= from && day <= to : day >= from || day <= to;
}

/** Whether every minute of `inner` lies in `outer`. */
export function covers(outer: readonly Minutes[], inner: readonly Minutes[]): boolean {
  const all = joined(outer);
  return inner.every(([from, to]) => all.some(([start, end]) => start <= from && to <= end));
}

/** Whether they leave no minute of the day. */
export function fillsDay(minutes: readonly Minutes[]): boolean {
  return covers(minutes, [[0, DAY]]);
}

/** Midnights by the shop's calendar: the same few days are asked for again and again, and time zones are slow. */
const midnights = new WeakMap<ShopModel, Map<string, Instant>>();

/** The moment at which the shop's clocks show this minute of that day. */
export function momentOn(day: Day, minute: number, model: ShopModel): Instant {
  const known = midnights.get(model) ?? new Map<string, Instant>();
  midnights.set(model, known);
  const midnight = known.get(day.date) ?? startOfDate(model.calendar, day.date);
  known.set(day.date, midnight);
  return plus(midnight, minute * 60_000);
}

function openOn({ date, weekday }: Day, { calendar }: ShopModel): readonly Minutes[] {
  if (calendar.holidays.has(date) || calendar.holidays.has(date.slice('yyyy-'.length))) return [];
  const hours = calendar.hours[weekday];
  return hours ? [[hours.from, hours.to]] : [];
}

/** A span that passes midnight belongs to the weekday on which it begins. */
function partsOn(from: number, to: number, days: readonly Weekday[] | undefined, { weekday }: Day): readonly Minutes[] {
  const isDay = (one: Weekday) => days === undefined || days.includes(one);
  if (from < to) return isDay(weekday) ? [[from, to]] : [];
  const yesterday = WEEKDAYS[(WEEKDAYS.indexOf(weekday) + 6) % 7] ?? weekday;
  return [...(isDay(yesterday) ? [[0, to] as const] : []), ...(isDay(weekday) ? [[from, DAY] as const] : [])];
}

function complement(minutes: readonly Minutes[]): readonly Minutes[] {
  const gaps: Minutes[] = [];
  let at = 0;
  for (const [from, to] of joined(minutes)) {
    if (from > at) gaps.push([at, from]);
    at = to;
  }
  return at < DAY ? [...gaps, [at, DAY]] : gaps;
}

/** Sorted, and what touches put together. */
function joined(minutes: readonly Minutes[]): readonly Minutes[] {
  const all: [number, number][] = [];
  for (const [from, to] of minutes.toSorted((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

function datesFrom(first: string, count: number): readonly string[] {
  const start = `${first}T00:00:00.000Z`;
  return Array.from({ length: count }, (_, index) => plus(start, index * 86_400_000).slice(0, 10));
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(date: string): Weekday {
  return WEEKDAYS[(Math.floor(toMs(`${date}T00:00:00.000Z`) / 86_400_000) + 3) % 7] ?? 'monday';
}
