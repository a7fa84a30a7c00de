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

/** Any ISO 8601 time with an offset to an Instant; a time without an offset is ambiguous and refused. */
export function parseInstant(text: string): Instant {
  if (!OFFSET.test(text)) throw new PermanentError('bad-input', `A time without an offset: "${text.slice(0, 40)}"`);
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new PermanentError('bad-input', `Not a time: "${text.slice(0, 40)}"`);
  return toInstant(ms);
}

/** A time that is known to be UTC, though it need not say so: `…_gmt` at WordPress. What is no time is undefined. */
export function gmtInstant(text: string | null | undefined): Instant | undefined {
  const ms = Date.parse(OFFSET.test(text ?? '') ? text! : `${text}Z`);
  return text && !Number.isNaN(ms) ? toInstant(ms) : undefined;
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
