import { decimalsOf, formatMoney, parseMinor } from '#shared/kernel/money.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/kernel/time.ts';

/** What a figure counts, so that two figures of different units are never compared. */
export type Unit = 'money' | 'percent' | 'duration' | 'count';

/** Thrown by the parsers below; its text says what was expected and is shown to the merchant as it stands. */
export class UnitError extends Error {
  override readonly name = 'UnitError';
  /** Where in a longer text the literal stands. */
  offset = 0;
}

/** A length of time: of the clock (`24h`, `7 days`), or of the shop's business hours or days. */
export type Duration =
  | { readonly of: 'clock'; readonly ms: number }
  | { readonly of: 'business-hours'; readonly minutes: number }
  | { readonly of: 'business-days'; readonly days: number };

/** A time of day in minutes after midnight; 1,440 is the midnight that ends a day. */
export type ClockTime = number;

/** From one time of day to another; `to` before `from` passes midnight. */
export interface ClockRange {
  readonly from: ClockTime;
  readonly to: ClockTime;
}

const CURRENCY_OF_SYMBOL: Readonly<Record<string, string>> = { '£': 'GBP', '€': 'EUR', $: 'USD', '¥': 'JPY' };
const AMOUNT = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d{1,3})?|\d{1,12}(?:\.\d{1,3})?`;

/** Sources of the literals that conditions may hold; the condition translator looks for these in the text. */
export const MONEY_SOURCE = String.raw`[£€$¥] ?(?:${AMOUNT})(?![\d.,]*\d)|(?:${AMOUNT}) ?[A-Z]{3}\b`;
export const PERCENT_SOURCE = String.raw`\d{1,4}(?:\.\d{1,2})? ?%`;
export const DURATION_SOURCE = String.raw`\d{1,5}(?:\.\d{1,2})? ?(?:minutes|minute|mins|min|m|hours|hour|h|days|day|d|weeks|week|w)\b`;

const MONEY = new RegExp(`^(?:${MONEY_SOURCE})$`, 'u');
const PERCENT = new RegExp(`^(?:${PERCENT_SOURCE})$`, 'u');
const DURATION = /^(\d{1,5}(?:\.\d{1,2})?) ?(business )?([a-z]+)$/;
const MS_OF: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };
const DURATION_WORDS = new Set('minutes minute mins min m hours hour h days day d weeks week w'.split(' '));

/** `£5,000`, `£ 12.50`, `5000 GBP` to minor units; an amount of another currency than the shop's is refused. */
export function parseMoney(text: string, currency: string): number {
  const trimmed = text.trim();
  if (!MONEY.test(trimmed)) throw new UnitError(`"${trimmed}" is not an amount of money; write ${example(currency)}`);
  const symbol = trimmed[0] ?? '';
  const written = CURRENCY_OF_SYMBOL[symbol] ?? trimmed.slice(-3);
  if (written !== currency) {
    throw new UnitError(
      `"${trimmed}" is in ${written}, but the shop trades in ${currency}; write ${example(currency)}`,
    );
  }
  const digits = trimmed.replace(/[^\d.]/g, '');
  // Also where they are zeros: who writes £5.000 means five thousand in half of Europe, and five nowhere.
  if ((digits.split('.')[1] ?? '').length > decimalsOf(currency)) {
    const grouped = /\.\d{3}$/.test(digits) ? '; thousands are parted by a comma, as in 5,000' : '';
    throw new UnitError(`"${trimmed}" has more decimals than ${currency} has${grouped}`);
  }
  return parseMinor(digits, currency);
}

function example(currency: string): string {
  return `an amount such as ${formatMoney(5_000 * 10 ** decimalsOf(currency), currency).replace(/\.0+(?=$| )/, '')} or 5000 ${currency}`;
}

/** `15%` to 1,500 basis points. */
export function parsePercent(text: string): number {
  const trimmed = text.trim();
  if (!PERCENT.test(trimmed)) throw new UnitError(`"${trimmed}" is not a percentage; write for example 15%`);
  return Math.round(Number.parseFloat(trimmed) * 100);
}

/** `90m`, `24h`, `7 days`, `2 business days`, `4 business hours`. */
export function parseDuration(text: string): Duration {
  const match = DURATION.exec(text.trim());
  const word = match?.[3] ?? '';
  if (!match || !DURATION_WORDS.has(word)) {
    throw new UnitError(`"${text}" is not a length of time; write for example 24h, 7 days or 4 business hours`);
  }
  const amount = Number(match[1]);
  if (amount === 0) throw new UnitError(`"${text}" is no time at all; leave the line out instead`);
  const letter = word[0] ?? '';
  if (!match[2]) return { of: 'clock', ms: Math.round(amount * (MS_OF[letter] ?? 0)) };
  if (letter === 'h') return { of: 'business-hours', minutes: Math.round(amount * 60) };
  if (letter === 'd' && Number.isInteger(amount)) return { of: 'business-days', days: amount };
  throw new UnitError(`"${text}": business time is counted in hours or in whole days, such as 2 business days`);
}

/** A length of time of the clock only, where business time makes no sense. */
export function parseClockDuration(text: string): number {
  const duration = parseDuration(text);
  if (duration.of !== 'clock')
    throw new UnitError(`"${text}": business time has no meaning here; write for example 24h`);
  return duration.ms;
}

/** `07:00` to minutes after midnight; `24:00` ends a day. */
export function parseClockTime(text: string): ClockTime {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
  if (!match || Number(match[2]) > 59 || minutes > 1_440) {
    throw new UnitError(`"${text}" is not a time of day; write for example 07:00`);
  }
  return minutes;
}

/** `22:00-07:00`; the two ends must differ. */
export function parseClockRange(text: string): ClockRange {
  const [from, to, ...rest] = text.split(/\s*[-–]\s*/);
  if (from === undefined || to === undefined || rest.length > 0) {
    throw new UnitError(`"${text}" is not a span of the day; write for example 22:00-07:00`);
  }
  const range = { from: parseClockTime(from), to: parseClockTime(to) };
  if (range.from === range.to || range.from === 1_440) throw new UnitError(`"${text}" begins where it ends`);
  return range;
}

/** A figure in words for people: `£12.50`, `9.8 %`, `24 h`, `3`. */
export function figure(value: number, unit: Unit, currency: string): string {
  if (unit === 'money') return formatMoney(Math.round(value), currency);
  if (unit === 'percent') return `${Number((value / 100).toFixed(2))} %`;
  if (unit === 'duration') return durationWords(value);
  return String(Number(value.toFixed(2)));
}

/** `30 min`, `24 h`, `7 days`: the largest unit that leaves a round figure, hours up to two days. */
export function durationWords(ms: number): string {
  if (ms % DAY_MS === 0 && ms > 2 * DAY_MS) return `${ms / DAY_MS} days`;
  if (ms >= HOUR_MS) return `${Number((ms / HOUR_MS).toFixed(1))} h`;
  return `${Number((ms / MINUTE_MS).toFixed(1))} min`;
}
