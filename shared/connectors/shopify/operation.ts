import { PermanentError, toParleyError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Outcome, ReadBack, StoreAction } from '../connector.ts';
import type { SupplierDesk } from '../supplier-desk.ts';
import type { AdminClient, Call } from './admin-client.ts';

/** One action on its way to the store. */
export interface Errand {
  readonly action: StoreAction;
  readonly admin: AdminClient;
  readonly suppliers: SupplierDesk;
  readonly call: Call;
  readonly clocks: Clocks;
}

/** How one action type is carried out, and how to see whether it was. */
export interface Operation {
  execute(errand: Errand): Promise<Outcome>;
  readBack(errand: Errand): Promise<ReadBack>;
}

export const gid = (kind: string, id: string) => (id.startsWith('gid://') ? id : `gid://shopify/${kind}/${id}`);

/** The store's ids of the first leaf; without them the store cannot be told what is meant. */
export function productOf(action: StoreAction, leaf = action.leaves[0]) {
  const ids = leaf && action.facts.get(leaf, 'product')?.value;
  if (!ids) throw new PermanentError('not-found', `No product of the store is known for ${leaf ?? 'nothing'}`);
  return ids;
}

export const done = (outcome: Outcome): ReadBack => ({ end: 'done', outcome });
export const failed = (detail: string): ReadBack => ({ end: 'failed', detail });
export const unknown = (detail: string): ReadBack => ({ end: 'unknown', detail });

/** What several looks say together: all one way, or nobody knows. */
export function agreed(shown: readonly boolean[], outcome: Outcome, nothing: ReadBack): ReadBack {
  if (shown.length === 0) return nothing;
  if (shown.every(Boolean)) return done(outcome);
  return shown.some(Boolean) ? unknown('The store shows a part of it') : failed('The store shows nothing of it');
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
