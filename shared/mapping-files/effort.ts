import { PermanentError } from '#shared/kernel/errors.ts';
import type { Expression } from './expression.ts';

/** Parts of expressions that are asked of one body at the worst; some 10 to 100 ns each. */
const EFFORT_MAX = 20_000_000;
/** A text is looked through about as fast as so many of its characters for one part of an expression. */
const CHARACTERS_A_PART = 1_000;

/**
 * Refuses to ask a file's expressions of a body where that could hold up everybody else's webhooks: 20 loops over 5,000
 * texts that each look through a megabyte took over six seconds. Reckoned beforehand and at the worst, from the longest
 * list and the longest text of the body, because nothing can stop an expression that is being asked.
 */
export function boundEffort(expressions: readonly Expression[], body: unknown): void {
  const { items, characters } = longest(body);
  let parts = 0;
  for (const expression of expressions) parts += expression.parts.once + expression.parts.eachItem * items;
  if (parts * (1 + characters / CHARACTERS_A_PART) <= EFFORT_MAX) return;
  const why = `a list of ${items} items and a text of ${characters} characters`;
  throw new PermanentError('unknown-shape', `The body is too large for the loops of the mapping file: ${why}`);
}

function longest(value: unknown): { items: number; characters: number } {
  const found = { items: 0, characters: 0 };
  if (typeof value === 'string') found.characters = value.length;
  if (typeof value !== 'object' || value === null) return found;
  const within = Object.values(value);
  // A loop over an object goes through its keys.
  found.items = within.length;
  for (const one of within) {
    const { items, characters } = longest(one);
    found.items = Math.max(found.items, items);
    found.characters = Math.max(found.characters, characters);
  }
  return found;
}
