import { type Instant, toInstant, toMs } from '#shared/kernel/time.ts';
import { type Calendar, nextClock } from './business-time.ts';
import { daysOf } from './shop-schema.ts';
import { parseClockDuration, parseClockTime, UnitError } from './units.ts';

/** `at 06:00`, `monday at 07:00`, `weekdays at 06:00`, `every 4h` to the next such time after a given one. */
export function parseSchedule(text: string, calendar: Calendar): (after: Instant) => Instant {
  const every = /^every (.+)$/.exec(text.trim());
  if (every) {
    const ms = parseClockDuration(every[1] ?? '');
    if (ms < 60_000) throw new UnitError(`"${text}" is too often; once a minute is the most`);
    return (after) => toInstant((Math.floor(toMs(after) / ms) + 1) * ms);
  }
  const match = /^(?:([a-z-]+) )?at (\d{1,2}:\d{2})$/.exec(text.trim());
  const days = daysOf(match?.[1] ?? 'every-day');
  const clock = match ? parseClockTime(match[2] ?? '') : 0;
  if (!match || days.length === 0 || clock === 1_440) {
    throw new UnitError(
      `"${text}" is not a recurring time; write at 06:00, monday at 07:00, weekdays at 06:00 or every 4h`,
    );
  }
  return (after) => nextClock(calendar, after, clock, days);
}
