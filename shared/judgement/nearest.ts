import { reshape } from './prepare.ts';
import type { Setting } from './standing.ts';
import type { Candidate } from './types.ts';

/**
 * The candidate with its flexible parameter at the value nearest to the proposed one at which `holds` is true; undefined
 * where it has none or there is no such value.
 */
export function nearest(
  candidate: Candidate,
  holds: (shaped: Candidate) => boolean,
  setting: Setting,
): Candidate | undefined {
  const { flex } = candidate.intent;
  const proposed = flex ? candidate.params[flex.param] : undefined;
  if (!flex || typeof proposed !== 'number') return undefined;
  const shaped = (value: number) =>
    reshape(candidate, { ...candidate.params, [flex.param]: value }, candidate.leaves, setting.now, setting.around);
  const value = nearestValue(proposed, flex.min, flex.max, (tried) => {
    const trial = shaped(tried);
    return candidate.type.params.safeParse(trial.params).success && holds(trial);
  });
  return value === undefined ? undefined : shaped(value);
}

/**
 * Guardrails are monotone in the parameters that agents may flex (a lower discount, a higher price, fewer units), so each
 * end is tried and then bisected; the result is tested, never assumed.
 */
function nearestValue(
  proposed: number,
  min: number,
  max: number,
  holds: (value: number) => boolean,
): number | undefined {
  const found = [bisect(proposed, min, holds), bisect(proposed, max, holds)].filter((value) => value !== undefined);
  return found.sort((a, b) => Math.abs(a - proposed) - Math.abs(b - proposed) || a - b)[0];
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
