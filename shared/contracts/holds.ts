import type { FactView } from './facts.ts';
import type { ResourceKey } from './resource.ts';

/**
 * The handles of all holds that stand on an order. The fact `held` is only the one that was told of last: when it is
 * released, others may stand.
 */
export function holdsOn(order: ResourceKey, facts: FactView): readonly string[] {
  const held = facts.get(order, 'held')?.value;
  const holds = facts.get(order, 'holds')?.value;
  return [...new Set([...Object.keys(holds ?? {}), ...(held?.held ? [held.handle] : [])])];
}
