import { BASIS_POINTS } from '#shared/kernel/money.ts';
import {
  DURATION_SOURCE,
  MONEY_SOURCE,
  parseClockDuration,
  parseMoney,
  parsePercent,
  type Unit,
  UnitError,
} from '../units.ts';

/** A condition with its literals (`£5,000`, `15%`, `24h`) written as plain numbers, and the way back to the text as it was. */
export interface Translation {
  readonly text: string;
  /** Units of the translated literals by their offset in the new text. */
  readonly units: ReadonlyMap<number, Unit>;
  /** From an offset in the new text to the offset in the merchant's text. */
  readonly original: (offset: number) => number;
}

interface Step {
  readonly at: number;
  readonly originalAt: number;
}

/** Strings are stepped over whole, so that a literal inside quotes stays text. */
const TOKEN = new RegExp(
  [
    String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`,
    `(?<money>${MONEY_SOURCE})`,
    // Also what is none, such as 15,5%: it is refused as a percentage, and not as a strange sign behind a number.
    String.raw`(?<percent>\d[\d.,]* ?%(?!\s*[\w(]))`,
    `(?<duration>${DURATION_SOURCE})`,
    String.raw`[A-Za-z_][\w.]*`,
  ].join('|'),
  'gu',
);

/**
 * Throws a UnitError for an amount in another currency than the shop's. `shares` are places in the merchant's text of
 * percentages that are shares of something: 80% of a price is 0.8 times the price, while a margin of 80% is a figure. The
 * division comes last, so that a share of whole pennies is exact.
 */
export function translate(source: string, currency: string, shares: ReadonlySet<number> = NO_SHARES): Translation {
  const units = new Map<number, Unit>();
  const steps: Step[] = [{ at: 0, originalAt: 0 }];
  let text = '';
  let done = 0;
  for (const match of source.matchAll(TOKEN)) {
    const literal = literalOf(match, currency);
    if (!literal) continue;
    text += source.slice(done, match.index);
    units.set(text.length, literal.unit);
    steps.push({ at: text.length, originalAt: match.index });
    text += shares.has(match.index)
      ? `${literal.value.toFixed(1)} / ${BASIS_POINTS.toFixed(1)}`
      : literal.value.toFixed(1);
    done = match.index + match[0].length;
    steps.push({ at: text.length, originalAt: done });
  }
  text += source.slice(done);
  return { text, units, original: (offset) => originalOffset(steps, offset) };
}

const NO_SHARES: ReadonlySet<number> = new Set();

function literalOf(match: RegExpExecArray, currency: string): { unit: Unit; value: number } | undefined {
  const { money, percent, duration } = match.groups ?? {};
  try {
    if (money) return { unit: 'money', value: parseMoney(money, currency) };
    if (percent) return { unit: 'percent', value: parsePercent(percent) };
    if (duration) return { unit: 'duration', value: parseClockDuration(duration) };
  } catch (thrown) {
    if (thrown instanceof UnitError) thrown.offset = match.index;
    throw thrown;
  }
  return undefined;
}

function originalOffset(steps: readonly Step[], offset: number): number {
  const last = steps.findLastIndex((step) => step.at <= offset);
  const step = steps[last] ?? { at: 0, originalAt: 0 };
  // Even steps begin plain text, where offsets run in parallel; odd ones begin a literal, which is pointed at by its start.
  return last % 2 === 0 ? step.originalAt + (offset - step.at) : step.originalAt;
}
