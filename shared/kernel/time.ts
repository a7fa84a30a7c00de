import { PermanentError } from './errors.ts';

/** UTC, ISO 8601, milliseconds, `Z`: the only form in which time crosses a boundary. Sorts as text. */
export type Instant = string;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

export function isInstant(text: string): boolean {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text));
}

export function toInstant(ms: number): Instant {
  return new Date(ms).toISOString();
}

const OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/;
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Date.parse takes the 30th of February for the 2nd of March. */
function isNoDay(text: string): boolean {
  const [date, day] = /^\d{4}-\d{2}-(\d{2})/.exec(text) ?? [];
  return date !== undefined && new Date(date).getUTCDate() !== Number(day);
}

/**
 * Any ISO 8601 time with an offset to an Instant; a time without an offset is ambiguous and refused. So is one outside the
 * years 1 to 9999: an Instant has four digits for them, and Postgres would refuse the whole batch.
 */
export function parseInstant(text: string): Instant {
  if (!OFFSET.test(text)) throw new PermanentError('bad-input', `A time without an offset: "${text.slice(0, 40)}"`);
  const ms = Date.parse(text);
  if (!(ms >= FIRST_MS && ms <= LAST_MS) || isNoDay(text))
    throw new PermanentError('bad-input', `Not a time: "${text.slice(0, 40)}"`);
  return toInstant(ms);
}

/** A time that is known to be UTC, though it need not say so: `…_gmt` at WordPress. What is no time is undefined. */
export function gmtInstant(text: string | null | undefined): Instant | undefined {
  if (!text) return undefined;
  try {
    return parseInstant(OFFSET.test(text) ? text : `${text}Z`);
  } catch {
    return undefined;
  }
}

export function toMs(instant: Instant): number {
  return Date.parse(instant);
}

export function plus(instant: Instant, ms: number): Instant {
  return toInstant(Date.parse(instant) + ms);
}

export function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}

export function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** The UTC day number of an instant, for daily counts: days since 1970-01-01. */
export function dayNumber(instant: Instant): number {
  return Math.floor(Date.parse(instant) / DAY_MS);
}
