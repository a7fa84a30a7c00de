import { PermanentError, toParleyError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import type { Outcome, ReadBack, StoreAction } from './connector.ts';

export const done = (outcome: Outcome): ReadBack => ({ end: 'done', outcome });
export const failed = (detail: string): ReadBack => ({ end: 'failed', detail });
export const unknown = (detail: string): ReadBack => ({ end: 'unknown', detail });

/**
 * No platform of ours has a reservation without an order: the hold is the claim in our own books, and nothing is called.
 * An operation of every connector.
 */
export const keptInOwnBooks = {
  execute: async (): Promise<Outcome> => ({ kept: 'own-books' }),
  readBack: async (): Promise<ReadBack> => done({ kept: 'own-books' }),
};

/** A write is believed with a sign of it in the answer only: a success without one may be somebody else's page. */
export function mustShow(isShown: boolean): void {
  if (!isShown) throw new UnknownOutcomeError('unknown-shape', 'The store answered without what was written');
}

/** A price is a bare number to a platform: 299 yen of a decision would become 299 pounds of a shop. */
export function mustBeInStoreCurrency(action: StoreAction, currency: string): void {
  if (action.currency === currency) return;
  throw new PermanentError(
    'bad-input',
    `The price is in ${currency}, and the store's prices are in ${action.currency}`,
  );
}

/** What several looks say together: all one way, or nobody knows. */
export function agreed(shown: readonly boolean[], outcome: Outcome, nothing: ReadBack): ReadBack {
  if (shown.length === 0) return nothing;
  if (shown.every(Boolean)) return done(outcome);
  return shown.some(Boolean) ? unknown('The store shows a part of it') : failed('The store shows nothing of it');
}

/** The store's ids of the first leaf; without them the store cannot be told what is meant. */
export function productOf(action: StoreAction, leaf = action.leaves[0]) {
  const ids = leaf && action.facts.get(leaf, 'product')?.value;
  if (!ids) throw new PermanentError('not-found', `No product of the store is known for ${leaf ?? 'nothing'}`);
  return ids;
}

/**
 * Does one thing after another. When a later one is refused, the earlier ones have happened: the whole is then neither
 * done nor failed, and reading back decides. A transient fault passes, because every step here may be repeated.
 */
export async function oneByOne<Item>(items: readonly Item[], step: (item: Item) => Promise<void>): Promise<void> {
  let finished = 0;
  for (const item of items) {
    try {
      await step(item);
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (error.retry !== 'never' || finished === 0) throw error;
      throw new UnknownOutcomeError(error.reason, `${finished} of ${items.length} steps were done: ${error.message}`, {
        cause: error,
      });
    }
    finished += 1;
  }
}

/** The rest of what has begun: whatever keeps it from ending, a part has happened, and only a look can tell how much. */
export async function afterEffect<Result>(so: string, rest: () => Promise<Result>): Promise<Result> {
  try {
    return await rest();
  } catch (thrown) {
    const error = toParleyError(thrown);
    throw new UnknownOutcomeError(error.reason, `${so}, and the rest is open: ${error.message}`, { cause: error });
  }
}
