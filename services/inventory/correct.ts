import { citing } from '#shared/agent/propose.ts';
import type { Intent } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactView } from '#shared/contracts/facts.ts';
import { nameOf } from '#shared/contracts/resource.ts';

/**
 * A level below zero is a count that went wrong, not goods: it is put to zero, so that what arrives next is not eaten up by
 * the mistake. Only if it still is what was seen, and not while somebody else sets the stock.
 */
export function correctionOf(
  { subject: key, time }: Envelope,
  facts: FactView,
  heldBy: string | undefined,
): Intent | string {
  const stock = facts.get(key, 'stock');
  const level = stock?.value;
  if (level === undefined || level >= 0) return 'the level can be';
  // Facts may be ahead of the event; a later level is answered where it is told, not here as well.
  if (stock && stock.time > time) return 'a later level is known';
  if (heldBy !== undefined) return `the stock is held by ${heldBy}`;
  return {
    action: 'stock.correct',
    objective: 'availability',
    params: { sku: nameOf(key), level: 0, expected: level },
    reason: `The store shows ${level}; a shelf holds nothing less than nothing.`,
    cites: citing(facts, key, 'stock'),
  };
}
