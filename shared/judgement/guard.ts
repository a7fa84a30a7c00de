import type { ActionType } from '#shared/contracts/actions/define.ts';
import { type LeafFacts, readLeaf } from '#shared/contracts/leaf-facts.ts';
import { type Projection, projectOnto } from '#shared/contracts/projection.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Instant } from '#shared/kernel/time.ts';
import type { Violation } from '#shared/policy/policy.ts';
import type { Board, Upon } from './board.ts';
import type { Setting } from './standing.ts';
import type { Candidate } from './types.ts';

export interface Breach {
  readonly leaf: ResourceKey;
  readonly violations: readonly Violation[];
  /** With whom: empty where the candidate breaks the guardrail on its own. */
  readonly against: readonly Upon[];
}

/** Guardrails on the projected merged state of every leaf that the candidate moves something on. */
export function breaches(candidate: Candidate, board: Board, setting: Setting): Breach[] {
  if (candidate.type.moves.length === 0) return NONE;
  const found: Breach[] = [];
  for (const leaf of candidate.leaves) {
    const breach = breachOn(leaf, candidate, board, setting);
    if (breach) found.push(breach);
  }
  return found;
}

const NONE: Breach[] = [];

function breachOn(leaf: ResourceKey, candidate: Candidate, board: Board, setting: Setting): Breach | undefined {
  const others = board.layersOn(leaf, candidate.window);
  // What a displaced claim has promised counts as what there was: amending it must not fall back below the floor.
  const standing = board.standing();
  const promised = standing === board ? others : standing.layersOn(leaf, candidate.window);
  const known = readLeaf(leaf, setting.around.facts, setting.now);
  for (const at of momentsOf(candidate, others)) {
    const breach = breachAt(at, leaf, known, candidate, others, promised, setting);
    if (breach) return breach;
  }
  return undefined;
}

/** When something more comes to hold while the candidate does: two that never run together are not added up. */
function momentsOf({ window }: Candidate, others: readonly Upon[]): readonly Instant[] {
  const later = others.flatMap(({ from }) => (from > window.from ? [from] : []));
  return later.length === 0 ? [window.from] : [window.from, ...new Set(later.sort())];
}

function breachAt(
  at: Instant,
  leaf: ResourceKey,
  known: LeafFacts,
  candidate: Candidate,
  all: readonly Upon[],
  promised: readonly Upon[],
  { around, policy, now }: Setting,
): Breach | undefined {
  const { type } = candidate;
  const inForce = ({ from, to }: Upon) => from <= at && (to === undefined || to > at);
  const others = all.filter(inForce);
  const layers = others.map((other) => other.layer);
  const mine = type.layer(candidate.params, leaf, around.facts);
  const category = around.category(leaf);
  const input = (taking: readonly string[], projected: Projection) => ({
    leaf,
    category,
    actions: taking,
    projected,
    now,
  });
  const check = (taking: readonly string[], projected: Projection) => policy.violations(input(taking, projected));
  const theirs = others.map((other) => other.action);
  const actions = [...theirs, type.type];
  const after = projectOnto(known, [...layers, mine]);
  const found = check(actions, after);
  if (found.length === 0) return undefined;
  const were = promised === all ? layers : promised.filter(inForce).map((other) => other.layer);
  const before = projectOnto(known, were);
  const own = new Set(check([type.type], after).map((violation) => violation.rule));
  const stood = check(theirs, before);
  const violations = found.filter((one) => own.has(one.rule) || !stood.some((other) => sameWords(one, other)));
  if (violations.length === 0) return undefined;
  // What was broken before and gets no worse is no reason; what held before has to hold after.
  const broken = noWorse(before, after)
    ? new Set(check(actions, before).map((violation) => violation.rule))
    : undefined;
  const worsened = (rule: string) => policy.worsens(rule, input(actions, before), input(actions, after));
  if (broken && violations.every(({ rule }) => broken.has(rule) && !worsened(rule))) return undefined;
  const alone = others.length > 0 ? check([type.type], projectOnto(known, [mine])) : violations;
  const against = others.filter((other) => meets(type, around.actionTypes.get(other.action)));
  return { leaf, violations, against: alone.length > 0 ? [] : against };
}

/**
 * A guardrail about other actions, which they broke before and which reads the same with the candidate as without it, is not
 * the candidate's: an old promotion that a new rule would not have granted keeps no price from moving.
 */
function sameWords(one: Violation, other: Violation): boolean {
  return one.rule === other.rule && one.detail === other.detail;
}

/** Two types meet where they take one aspect or move a quantity in common; of a change by hand nobody knows what it moves. */
export function meets(type: ActionType, other: ActionType | undefined): boolean {
  if (other === undefined) return true;
  const shareAspect = type.hold !== undefined && type.hold.aspect === other.hold?.aspect;
  return shareAspect || other.moves.some((moved) => type.moves.includes(moved));
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
