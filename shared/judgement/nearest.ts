import { reshape } from './prepare.ts';
import type { Setting } from './standing.ts';
import type { Candidate } from './types.ts';

/**
 * The candidate with its flexible parameter at the value nearest to the proposed one at which `holds` is true; undefined
 * where it has none or there is no such value. `mended` is true where nothing of what the proposed value breaks is broken.
 */
export function nearest(
  candidate: Candidate,
  holds: (shaped: Candidate) => boolean,
  setting: Setting,
  mended?: (shaped: Candidate) => boolean,
): Candidate | undefined {
  const { flex } = candidate.intent;
  const proposed = flex ? candidate.params[flex.param] : undefined;
  if (!flex || typeof proposed !== 'number') return undefined;
  const shaped = (value: number) =>
    reshape(candidate, { ...candidate.params, [flex.param]: value }, candidate.leaves, setting.now, setting.around);
  const tried = (asked: (trial: Candidate) => boolean) => (value: number) => {
    const trial = shaped(value);
    return candidate.type.params.safeParse(trial.params).success && asked(trial);
  };
  const ends = [flex.min, flex.max];
  const all = tried(holds);
  const value = closestOf(proposed, ends, all, all) ?? (mended && closestOf(proposed, ends, tried(mended), all));
  return value === undefined ? undefined : shaped(value);
}

/**
 * A guardrail is monotone in the parameters that agents may flex (a lower discount, a higher price, fewer units), so towards
 * each end is bisected for the first value at which `passes`; that value is then tested, never assumed. Between a floor and a
 * ceiling neither end may hold where something between them does: then it is the first value past what was broken.
 */
function closestOf(
  proposed: number,
  ends: readonly number[],
  passes: (value: number) => boolean,
  holds: (value: number) => boolean,
): number | undefined {
  return ends
    .map((end) => bisect(proposed, end, passes))
    .filter((value) => value !== undefined)
    .filter((value) => passes === holds || holds(value))
    .sort((a, b) => Math.abs(a - proposed) - Math.abs(b - proposed) || a - b)[0];
}

function bisect(from: number, to: number, holds: (value: number) => boolean): number | undefined {
  if (!holds(to)) return undefined;
  let bad = from;
  let good = to;
  while (Math.abs(good - bad) > 1) {
    const middle = Math.trunc((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
