import type { FactChange } from '#shared/contracts/events/define.ts';
import { type Available, DAILY_KEPT, type Daily } from '#shared/contracts/facts.ts';
import { tallied } from '#shared/contracts/tally.ts';
import { dayNumber, type Instant, later } from '#shared/kernel/time.ts';

/** A fact as context keeps it. */
export interface Stored {
  readonly value: unknown;
  /** The `seq` last folded in. */
  readonly version: number;
  readonly time: Instant;
  readonly source: string;
  readonly expiresAt?: string | undefined;
}

/** Where a change comes from. */
export interface Origin {
  readonly seq: number;
  readonly time: Instant;
  readonly source: string;
}

/** `next` is the new value; `late` was already overtaken when it came and goes to history only. */
export type Folded = { readonly next: Stored } | { readonly late: Stored };

/** Movements of stock kept one by one on top of a level; beyond that the oldest two become one. */
const MOVEMENTS_KEPT = 200;
/** Members of a collected set; beyond that the oldest goes. */
const COLLECTED_KEPT = 100;

/** Folds one change into a fact. Pure. */
export function fold(current: Stored | undefined, change: FactChange, origin: Origin): Folded {
  const stored = (value: unknown, time = later(current?.time ?? origin.time, origin.time)): Stored => ({
    value,
    version: origin.seq,
    time,
    source: origin.source,
  });
  switch (change.fold) {
    case 'level': {
      const level = { ...stored(change.value, origin.time), expiresAt: change.expiresAt };
      return isOvertaken(current, origin) ? { late: level } : { next: level };
    }
    case 'count':
      return { next: stored(((current?.value as number | undefined) ?? 0) + change.by) };
    case 'tally':
      return { next: stored(tallied(current?.value, change.key, change.by)) };
    case 'daily':
      return {
        next: stored(addToDay(current?.value as Daily | undefined, dayNumber(change.at ?? origin.time), change.by)),
      };
    case 'stock-level': {
      const before = current?.value as Available | undefined;
      if (before && origin.time < before.levelTime) return { late: stored(change.level, origin.time) };
      return { next: stored(atLevel(before, change.level, origin.time)) };
    }
    case 'stock-movement':
      return { next: stored(moved(current?.value as Available | undefined, change.at ?? origin.time, change.by)) };
    case 'collect':
      return {
        next: stored(collected(current?.value as Record<string, unknown> | undefined, change.key, change.value)),
      };
    case 'drop': {
      const { [change.key]: _, ...rest } = (current?.value ?? {}) as Record<string, unknown>;
      return { next: stored(rest) };
    }
  }
}

/** The newest `time` wins; of equals the higher `seq`, which is the one that comes now. */
function isOvertaken(current: Stored | undefined, origin: Origin): boolean {
  return current !== undefined && origin.time < current.time;
}

/** Days before the kept ones are over and done: what comes for them changes nothing. */
function addToDay(daily: Daily | undefined, day: number, by: number): Daily {
  if (!daily || daily.counts.length === 0) return { firstDay: day, counts: [by] };
  const last = Math.max(day, daily.firstDay + daily.counts.length - 1);
  const first = Math.max(Math.min(day, daily.firstDay), last - DAILY_KEPT + 1);
  if (day < first) return daily;
  const counts = Array.from(
    { length: last - first + 1 },
    (_, index) => daily.counts[first + index - daily.firstDay] ?? 0,
  );
  counts[day - first] = (counts[day - first] ?? 0) + by;
  return { firstDay: first, counts };
}

/** A level that the store said: what moved up to its time is in it already. */
function atLevel(before: Available | undefined, level: number, levelTime: Instant): Available {
  const movements = (before?.movements ?? []).filter((movement) => movement.at > levelTime);
  return { units: level + total(movements), level, levelTime, movements };
}

/**
 * What was sold or came back after the level. One that is not newer than the level is in it already. Before any level is
 * known, movements are kept and the units count from nothing, so that the first level finds those that came after it.
 */
function moved(before: Available | undefined, at: Instant, by: number): Available {
  const base = before ?? { units: 0, level: 0, levelTime: '', movements: [] };
  if (at <= base.levelTime) return base;
  const movements = compact(added(base.movements, at, by));
  return { ...base, units: base.level + total(movements), movements };
}

/** What moves at the same time becomes one: a level is after both or before both. */
function added(movements: Available['movements'], at: Instant, by: number): Available['movements'] {
  const index = movements.findIndex((movement) => movement.at === at);
  if (index < 0) return [...movements, { at, by }];
  return movements.with(index, { at, by: movements[index]!.by + by });
}

function total(movements: Available['movements']): number {
  return movements.reduce((sum, movement) => sum + movement.by, 0);
}

/** The oldest two become one at the later time: a level between them, which would have to be late by 200 movements, counts both. */
function compact(movements: Available['movements']): Available['movements'] {
  if (movements.length <= MOVEMENTS_KEPT) return movements;
  const [first, second, ...rest] = [...movements].sort((a, b) => (a.at < b.at ? -1 : 1));
  return [{ at: second!.at, by: first!.by + second!.by }, ...rest];
}

/** Of members that say when they were, where both do. */
function isOlder(value: unknown, known: unknown): boolean {
  const [at, since] = [value, known].map((one) => (one as { at?: unknown } | null | undefined)?.at);
  return typeof at === 'string' && typeof since === 'string' && at < since;
}

function collected(set: Record<string, unknown> | undefined, key: string, value: unknown): Record<string, unknown> {
  const { [key]: known, ...others } = set ?? {};
  // Told late: what came after it is known already.
  if (set && isOlder(value, known)) return set;
  const next = { ...others, [key]: value };
  if (Object.keys(next).length > COLLECTED_KEPT) delete next[oldestOf(next)];
  return next;
}

/**
 * By when the members say that they were, else by their keys: times and numbers grow. The order in which they came is lost
 * where a set is stored, and numbers never stand in it.
 */
function oldestOf(set: Readonly<Record<string, unknown>>): string {
  return Object.keys(set).reduce((oldest, key) => (isBefore(set, key, oldest) ? key : oldest));
}

function isBefore(set: Readonly<Record<string, unknown>>, a: string, b: string): boolean {
  if (isOlder(set[a], set[b])) return true;
  if (isOlder(set[b], set[a])) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
