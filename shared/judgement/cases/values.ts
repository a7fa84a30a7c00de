import { DateTime } from 'luxon';
import { type Instant, isInstant, plus } from '#shared/kernel/time.ts';
import { parseClockDuration, parseMoney, parsePercent, UnitError } from '#shared/policy/units.ts';

/** What a written value needs to be read: the shop's money and clock, and the moment that a case is about. */
export interface Terms {
  readonly currency: string;
  readonly zone: string;
  readonly now: Instant;
}

/** A value as people write it, with the ending that fields of its kind carry in our contracts. */
export interface Written {
  readonly value: unknown;
  readonly ending: '' | 'Minor' | 'BasisPoints' | 'At';
}

const LIKE_MONEY = /^[£€$¥]|^\d.*[A-Z]{3}$/u;
const DATE = /^(\d{4}-\d{2}-\d{2})(?: (\d{1,2}:\d{2}))?$/;

/** `£12.50`, `15%`, `2011-10-05 11:00`, `now`, `2h ago`, `in 3 days`; anything else stays as it stands. */
export function readWritten(raw: unknown, terms: Terms): Written {
  if (typeof raw !== 'string') return { value: raw, ending: '' };
  // What cannot be one is not tried: most texts are names.
  const money = LIKE_MONEY.test(raw) ? attempt(() => parseMoney(raw, terms.currency)) : undefined;
  if (money !== undefined) return { value: money, ending: 'Minor' };
  const percent = raw.endsWith('%') ? attempt(() => parsePercent(raw)) : undefined;
  if (percent !== undefined) return { value: percent, ending: 'BasisPoints' };
  const time = readTime(raw, terms);
  return time === undefined ? { value: raw, ending: '' } : { value: time, ending: 'At' };
}

/** A moment: a date and a time of day on the shop's clock, or a distance from now; undefined where it is none. */
export function readTime(text: string, { zone, now }: Terms): Instant | undefined {
  const trimmed = text.trim();
  if (trimmed === 'now') return now;
  if (isInstant(trimmed)) return trimmed;
  const back = /^(.+) ago$/.exec(trimmed)?.[1];
  if (back !== undefined) return shifted(now, back, -1);
  const ahead = /^in (.+)$/.exec(trimmed)?.[1];
  if (ahead !== undefined) return shifted(now, ahead, 1);
  const [, date, clock = '00:00'] = DATE.exec(trimmed) ?? [];
  if (date === undefined) return undefined;
  const local = DateTime.fromISO(`${date}T${clock.padStart(5, '0')}`, { zone });
  return local.isValid ? new Date(local.toMillis()).toISOString() : undefined;
}

function shifted(now: Instant, length: string, sign: 1 | -1): Instant | undefined {
  const ms = attempt(() => parseClockDuration(length.replace(/^(?:an?|one) /, '1 ')));
  return ms === undefined ? undefined : plus(now, sign * ms);
}

/** A moment as it is written in a case. */
export function timeWords(instant: Instant, zone: string): string {
  return DateTime.fromISO(instant, { zone }).toFormat('yyyy-MM-dd HH:mm');
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof UnitError) return undefined;
    throw thrown;
  }
}
