import type { Mapped, Settled } from './topic.ts';

/**
 * What is said of an order lacks its customer, what they were promised or who carries the parcel as long as nobody has told
 * of those: their own webhook may still be on the way. An order from before Parley is told of by nobody, so that after a
 * while it is said without.
 */
export function onceKnown(isKnown: boolean, says: Settled): Mapped {
  return isKnown || !('events' in says) ? says : { awaits: 'unknown-item', otherwise: says };
}
