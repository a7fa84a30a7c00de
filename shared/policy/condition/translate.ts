import {
  DURATION_SOURCE,
  MONEY_SOURCE,
  PERCENT_SOURCE,
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
    `(?<percent>${PERCENT_SOURCE}(?!\\s*[\\w(]))`,
    `(?<duration>${DURATION_SOURCE})`,
    String.raw`[A-Za-z_][\w.]*`,
  ].join('|'),
  'gu',
);

/** Throws a UnitError for an amount in another currency than the shop's. */
export function translate(source: string, currency: string): Translation {
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
    text += literal.value.toFixed(1);
    done = match.index + match[0].length;
    steps.push({ at: text.length, originalAt: done });
  }
  text += source.slice(done);
  return { text, units, original: (offset) => originalOffset(steps, offset) };
}

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
