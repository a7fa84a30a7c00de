import type { ActionType, Derived } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Aspect } from '#shared/contracts/resource.ts';
import { thingOf } from './ground.ts';

/** How two action types can get in each other's way on one thing, read off their declarations. */
export interface Meeting {
  readonly first: ActionType;
  readonly second: ActionType;
  /** One names the other as its opposite, or takes the common aspect whole: they cannot both be in force. */
  readonly excludes: boolean;
  readonly aspect: Aspect | undefined;
  /** Quantities that both move. */
  readonly moves: readonly Derived[];
}

/** The pair's meeting; undefined where the two never touch. */
export function meet(first: string, second: string): Meeting | undefined {
  const [a, b] = [ACTION_TYPES.get(first), ACTION_TYPES.get(second)];
  if (!a || !b || thingOf(first) !== thingOf(second)) return undefined;
  const opposed = a.opposes?.includes(second) || b.opposes?.includes(first);
  const aspect = a.hold && a.hold.aspect === b.hold?.aspect ? a.hold.aspect : undefined;
  const whole = aspect !== undefined && (a.hold?.exclusive === true || b.hold?.exclusive === true);
  const moves = a.moves.filter((quantity) => b.moves.includes(quantity));
  if (!opposed && aspect === undefined && moves.length === 0) return undefined;
  return { first: a, second: b, excludes: opposed === true || whole, aspect, moves };
}

/** Every pair that can meet, each once, a type with itself included. */
export function meetings(): readonly Meeting[] {
  const types = [...ACTION_TYPES.keys()];
  return types.flatMap((first, index) => types.slice(index).flatMap((second) => meet(first, second) ?? []));
}
