import { type Projection, project } from '#shared/contracts/projection.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Policy, Violation } from '#shared/policy/policy.ts';
import type { Board } from './board.ts';
import type { Candidate, Surroundings } from './types.ts';

export interface Breach {
  readonly leaf: ResourceKey;
  readonly violations: readonly Violation[];
  /** With whom: empty where the candidate breaks the guardrail on its own. */
  readonly against: readonly { readonly id: string; readonly action: string; readonly agent: string }[];
}

/** Guardrails on the projected merged state of every leaf that the candidate moves something on. */
export function breaches(
  candidate: Candidate,
  board: Board,
  around: Surroundings,
  policy: Policy,
  now: Instant,
): Breach[] {
  if (candidate.type.moves.length === 0) return [];
  const found: Breach[] = [];
  for (const leaf of candidate.leaves) {
    const breach = breachOn(leaf, candidate, board, around, policy, now);
    if (breach) found.push(breach);
  }
  return found;
}

function breachOn(
  leaf: ResourceKey,
  candidate: Candidate,
  board: Board,
  around: Surroundings,
  policy: Policy,
  now: Instant,
): Breach | undefined {
  const others = board.layersOn(leaf, candidate.window);
  const mine = candidate.type.layer(candidate.params, leaf, around.facts);
  const category = around.category(leaf);
  const check = (actions: readonly string[], projected: Projection) =>
    policy.violations({ leaf, category, actions, projected, now });
  const before = project(
    leaf,
    around.facts,
    others.map((other) => other.layer),
  );
  const after = project(leaf, around.facts, [...others.map((other) => other.layer), mine]);
  const violations = check([...others.map((other) => other.action), candidate.type.type], after);
  if (violations.length === 0 || noWorse(before, after)) return undefined;
  const alone = check([candidate.type.type], project(leaf, around.facts, [mine]));
  const together = others.filter((other) => Object.keys(other.layer).length > 0);
  return { leaf, violations, against: alone.length > 0 ? [] : together };
}

/** A step towards the floor is never refused because the floor is not reached yet. */
function noWorse(before: Projection, after: Projection): boolean {
  const atLeast = (a: number | undefined, b: number | undefined) => a !== undefined && b !== undefined && a >= b;
  const improves =
    (after.netMinor ?? 0) > (before.netMinor ?? 0) ||
    (after.availableToPromise ?? 0) > (before.availableToPromise ?? 0);
  return (
    improves &&
    (after.netMinor === before.netMinor || atLeast(after.netMinor, before.netMinor)) &&
    (after.availableToPromise === before.availableToPromise ||
      atLeast(after.availableToPromise, before.availableToPromise)) &&
    after.contacts <= before.contacts &&
    after.spendMinor <= before.spendMinor &&
    after.refundMinor <= before.refundMinor
  );
}

/**
 * The value of the flexible parameter nearest to the proposed one at which `holds` is true. Guardrails are monotone in
 * the parameters that agents may flex (a lower discount, a higher price, fewer units), so each end is tried and then
 * bisected; the result is tested, never assumed.
 */
export function nearest(
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
