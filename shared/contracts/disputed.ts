import type { FactValues, FactView } from './facts.ts';
import type { ResourceKey } from './resource.ts';

type DisputeState = FactValues['dispute']['state'];

/** What weighs more: money that a bank may still take back, then money that it has taken. */
const BY_WEIGHT: readonly DisputeState[] = ['open', 'lost', 'won'];

/**
 * How the disputes about an order stand together; undefined where there is none. The fact `dispute` is only the one that
 * was told of last: an order may have several, and that one was won says nothing of another that is open.
 */
export function disputeOf(order: ResourceKey, facts: FactView): DisputeState | undefined {
  const last = facts.get(order, 'dispute')?.value.state;
  const all = Object.values(facts.get(order, 'disputes')?.value ?? {});
  if (all.length === 0) return last;
  return BY_WEIGHT.find((weight) => all.some(({ state = 'open' }) => state === weight));
}
