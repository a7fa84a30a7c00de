import type { Instant } from '#shared/kernel/time.ts';
import { type Calendar, isDate, localTime } from './business-time.ts';

/** From one day to another, both included: `11-15` to `12-24` of every year, or `2011-12-20` to `2011-12-26` once. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

/** The shop's seasons by name; which of them it is now is worked out once for each moment, however many rules ask. */
export interface Seasons {
  readonly ranges: ReadonlyMap<string, DayRange>;
  isOn(season: string, now: Instant): boolean;
}

const MONTH_DAY = /^\d{2}-\d{2}$/;

/** Why two days do not make a season; undefined where they do. A season of every year may pass the new year. */
export function seasonFault({ from, to }: DayRange): string | undefined {
  for (const day of [from, to]) {
    if (!isDate(MONTH_DAY.test(day) ? `2000-${day}` : day)) {
      return `"${day}" is not a day; write 11-15 for every year, or a date such as 2011-11-15`;
    }
  }
  if (MONTH_DAY.test(from) !== MONTH_DAY.test(to)) {
    return 'write both days for every year (11-15) or both as dates (2011-11-15)';
  }
  return !MONTH_DAY.test(from) && from > to ? 'the season ends before it begins' : undefined;
}

/** Minutes are the finest steps in which the clocks of a zone differ, so within one the date stays what it is. */
const TO_THE_MINUTE = 'yyyy-mm-ddThh:mm'.length;

export function seasonsOf(ranges: ReadonlyMap<string, DayRange>, calendar: Calendar): Seasons {
  let minute = '';
  let active: ReadonlySet<string> = new Set();
  return {
    ranges,
    isOn(season, now) {
      const asked = now.slice(0, TO_THE_MINUTE);
      if (asked !== minute) {
        const { date } = localTime(calendar, now);
        active = new Set([...ranges].filter(([, range]) => holdsDate(range, date)).map(([name]) => name));
        minute = asked;
      }
      return active.has(season);
    },
  };
}

function holdsDate({ from, to }: DayRange, date: string): boolean {
  if (!MONTH_DAY.test(from)) return date >= from && date <= to;
  const day = date.slice('yyyy-'.length);
  return from <= to ? day >= from && day <= to : day >= from || day <= to;
}
