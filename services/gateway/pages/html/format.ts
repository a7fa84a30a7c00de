import { block, line } from '#shared/kernel/plain-text.ts';
import { DAY_MS, HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '#shared/kernel/time.ts';
import { timeFormat } from '#shared/kernel/wording.ts';

/** Pure: values as people read them. Everything here returns plain text; templates escape it. */

export {
  count,
  dayTime,
  field,
  gist,
  impactParts,
  impactText,
  measureName,
  paramsText,
  words,
} from '#shared/kernel/wording.ts';
export { block, line };

/** `14:03:22` */
export function clockTime(at: Instant, zone: string): string {
  return timeFormat(zone, { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(new Date(at));
}

/** `Mon 3 Oct 2011, 14:03` */
export function fullTime(at: Instant, zone: string): string {
  const date = timeFormat(zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const time = timeFormat(zone, { hour: '2-digit', minute: '2-digit' });
  return `${date.format(new Date(at)).replace(',', '')}, ${time.format(new Date(at))}`;
}

/** `Europe/London` to `London`. */
export function zoneName(zone: string): string {
  return (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');
}

/** `in 3 h 20 min`, `2 min ago`, seen from `now`. */
export function distance(at: Instant, now: Instant): string {
  const ms = Date.parse(at) - Date.parse(now);
  const span = spanText(Math.abs(ms));
  if (span === '') return 'now';
  return ms < 0 ? `${span} ago` : `in ${span}`;
}

function spanText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  if (minutes > 0) return `${minutes} min`;
  const seconds = Math.floor(ms / SECOND_MS);
  return seconds > 0 ? `${seconds} s` : '';
}

/** When a uuidv7 was drawn: the wall time of the row that carries it. Undefined for other ids. */
export function drawnAt(id: string): Instant | undefined {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(id)) return undefined;
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString();
}

/** Ids of ours within a sentence, shortened to what a person can tell apart: `01a1fce3…pricing`. The whole id is in the decision's file. */
export function shortIds(text: string): string {
  return text.replace(
    /\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:\.([a-z][a-z0-9-]*)\.\d+\.\d+)?/g,
    '$1…$2',
  );
}

export const VERDICTS = ['granted', 'adjusted', 'merged', 'deferred', 'denied', 'escalated'] as const;
