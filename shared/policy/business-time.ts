import { DateTime } from 'luxon';
import { type Instant, toInstant, toMs } from '#shared/kernel/time.ts';
import type { ClockRange, ClockTime, Duration } from './units.ts';
import { WEEKDAYS, type Weekday } from './vocabulary.ts';

/** When the shop is open: hours by weekday, closed days, and the zone in which clocks are read. */
export interface Calendar {
  readonly zone: string;
  readonly hours: Readonly<Partial<Record<Weekday, ClockRange>>>;
  /** `2011-12-26`, or `12-25` for every year. */
  readonly holidays: ReadonlySet<string>;
}

/** No chain of holidays is longer than this; a calendar without an open day is refused when it is read. */
const DAYS_AHEAD = 800;

/** A moment as the clocks on the shop's wall show it. */
export interface LocalTime {
  readonly minute: ClockTime;
  readonly weekday: Weekday;
  /** `2011-12-26`. */
  readonly date: string;
}

/**
 * A place, or a fixed distance from UTC. Abbreviations are refused, as they do not mean what they say (BST is Dhaka's time,
 * EST knows no summer), and so is the zone of the machine: the same rules have to decide alike everywhere.
 */
export function isZone(zone: string): boolean {
  return (zone.includes('/') || /^(?:utc|[+-])/i.test(zone)) && DateTime.fromMillis(0, { zone }).isValid;
}

export function localTime(calendar: Calendar, instant: Instant): LocalTime {
  const local = at(calendar, instant);
  return { minute: local.hour * 60 + local.minute, weekday: weekdayOf(local), date: dateOf(local) };
}

/** The opening hours of the day that holds `local`, or undefined where the shop is closed all day. */
function openOn(calendar: Calendar, local: DateTime): { from: DateTime; to: DateTime } | undefined {
  const date = dateOf(local);
  if (calendar.holidays.has(date) || calendar.holidays.has(date.slice(5))) return undefined;
  const hours = calendar.hours[weekdayOf(local)];
  return hours && { from: atClock(local, hours.from), to: atClock(local, hours.to) };
}

/** The instant itself where the shop is open, otherwise the next opening. */
export function nextOpen(calendar: Calendar, instant: Instant): Instant {
  const start = at(calendar, instant);
  for (let day = 0; day < DAYS_AHEAD; day++) {
    const open = openOn(calendar, start.startOf('day').plus({ days: day }));
    if (open && open.to > start) return iso(open.from > start ? open.from : start);
  }
  return instant;
}

/** The end of a length of time that begins at `instant`. Business time starts at the next opening and counts only while the shop is open. */
export function addDuration(calendar: Calendar, instant: Instant, duration: Duration): Instant {
  if (duration.of === 'clock') return toInstant(toMs(instant) + duration.ms);
  if (duration.of === 'business-hours') return addOpenMs(calendar, instant, duration.minutes * 60_000);
  return addBusinessDays(calendar, instant, duration.days);
}

/** Half of it, for a reminder half-way. A business day's half is counted in the open hours between now and the end. */
export function halfwayTo(calendar: Calendar, instant: Instant, duration: Duration): Instant {
  if (duration.of === 'clock') return toInstant(toMs(instant) + Math.floor(duration.ms / 2));
  const end = addDuration(calendar, instant, duration);
  return addOpenMs(calendar, instant, Math.floor(openMsBetween(calendar, instant, end) / 2));
}

function addOpenMs(calendar: Calendar, instant: Instant, openMs: number): Instant {
  const start = at(calendar, instant);
  let rest = openMs;
  for (let day = 0; day < DAYS_AHEAD; day++) {
    const open = openOn(calendar, start.startOf('day').plus({ days: day }));
    if (!open || open.to <= start) continue;
    const from = open.from > start ? open.from : start;
    const span = open.to.toMillis() - from.toMillis();
    if (rest <= span) return toInstant(from.toMillis() + rest);
    rest -= span;
  }
  return toInstant(start.toMillis() + openMs);
}

function openMsBetween(calendar: Calendar, from: Instant, to: Instant): number {
  const start = at(calendar, from);
  const end = at(calendar, to);
  let total = 0;
  for (
    let day = start.startOf('day'), count = 0;
    day < end && count < DAYS_AHEAD;
    day = day.plus({ days: 1 }), count++
  ) {
    const open = openOn(calendar, day);
    if (!open) continue;
    total += Math.max(
      0,
      Math.min(open.to.toMillis(), end.toMillis()) - Math.max(open.from.toMillis(), start.toMillis()),
    );
  }
  return total;
}

/** The same time of day so many open days later, drawn into that day's hours. */
function addBusinessDays(calendar: Calendar, instant: Instant, days: number): Instant {
  const start = at(calendar, nextOpen(calendar, instant));
  const clock = start.hour * 60 + start.minute;
  let left = days;
  for (let day = 1; day < DAYS_AHEAD; day++) {
    const date = start.startOf('day').plus({ days: day });
    const open = openOn(calendar, date);
    if (!open || --left > 0) continue;
    const same = atClock(date, clock);
    return iso(same < open.from ? open.from : same > open.to ? open.to : same);
  }
  return iso(start.plus({ days }));
}

/** Whether a time of day lies in a range; the end does not belong to it. */
export function within(range: ClockRange, minute: ClockTime): boolean {
  return range.from < range.to ? minute >= range.from && minute < range.to : minute >= range.from || minute < range.to;
}

/** The next moment after `instant` at which the shop's clocks show this time, on one of these weekdays. */
export function nextClock(
  calendar: Calendar,
  instant: Instant,
  clock: ClockTime,
  weekdays: readonly Weekday[] = WEEKDAYS,
): Instant {
  const start = at(calendar, instant);
  for (let day = 0; day <= 14; day++) {
    const date = start.startOf('day').plus({ days: day });
    if (!weekdays.includes(weekdayOf(date))) continue;
    const next = [atClock(date, clock), secondTime(date, clock)].find((candidate) => candidate && candidate > start);
    if (next) return iso(next);
  }
  return iso(start.plus({ days: 7 }));
}

/** The moment at which a local date begins. */
export function startOfDate(calendar: Calendar, date: string): Instant {
  return iso(DateTime.fromISO(date, { zone: calendar.zone }));
}

export function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'utc' }).isValid;
}

function at(calendar: Calendar, instant: Instant): DateTime {
  return DateTime.fromMillis(toMs(instant), { zone: calendar.zone });
}

/** Set by clock, not added in minutes, so that a day on which the clocks change keeps its opening times. */
function atClock(local: DateTime, clock: ClockTime): DateTime {
  if (clock === 1_440) return local.startOf('day').plus({ days: 1 });
  return local.set({ hour: Math.floor(clock / 60), minute: clock % 60, second: 0, millisecond: 0 });
}

/** In the night in which the clocks go back some times of day come twice; this is the later one. */
function secondTime(local: DateTime, clock: ClockTime): DateTime | undefined {
  const both = atClock(local, clock).getPossibleOffsets();
  return both.length > 1 ? both.reduce((a, b) => (a > b ? a : b)) : undefined;
}

function weekdayOf(local: DateTime): Weekday {
  return WEEKDAYS[local.weekday - 1] ?? 'monday';
}

function dateOf(local: DateTime): string {
  return local.toFormat('yyyy-MM-dd');
}

function iso(local: DateTime): Instant {
  return toInstant(local.toMillis());
}
