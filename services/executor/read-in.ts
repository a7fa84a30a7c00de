import { createHash } from 'node:crypto';
import type { ReadItem } from '#shared/connectors/reader.ts';
import type { ParleyError } from '#shared/kernel/errors.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { writeDeadLettersOnce } from '#shared/store/dead-letters.ts';
import type { ReadDelivery } from '#shared/store/executor/fetches.ts';
import type { TakenPoll } from '#shared/store/executor/polls.ts';
import { type Deps, SERVICE } from './deps.ts';

/** Where what was read comes in: as the webhooks of the store's own platform do. */
export interface Entrance {
  readonly store: string;
  readonly endpoint: string;
}

/** What a poll has seen is told apart by its version and by what it says: within one second a resource may change twice. */
export function polledDelivery(
  { store, endpoint }: Entrance,
  { kind, beganAt }: Pick<TakenPoll, 'kind' | 'beganAt'>,
  item: ReadItem,
  id: string,
): ReadDelivery {
  // When it was read is part of the body and no part of what it says.
  const said = JSON.stringify(item.body, (key, value) => (key === 'readAt' ? undefined : value));
  const digest = createHash('sha256').update(said).digest('hex').slice(0, 16);
  return {
    id,
    store,
    endpoint,
    key: `poll|${kind}|${item.ref}|${item.version}|${digest}`,
    topic: `fetched/${kind}`,
    via: 'poll',
    body: Buffer.from(JSON.stringify(item.body)),
    imported: item.version < beganAt,
  };
}

/** An answer to the gateway's question, also when it is that nothing is there. Each question has its own answer. */
export function fetchedDelivery(
  { store, endpoint }: Entrance,
  fetch: { readonly id: string; readonly kind: string; readonly ref: string },
  item: ReadItem | undefined,
  newId: () => string,
): ReadDelivery {
  const { id, kind, ref } = fetch;
  const topic = item ? `fetched/${kind}` : `gone/${kind}`;
  const body = Buffer.from(JSON.stringify(item ? item.body : { id: ref }));
  return { id: newId(), store, endpoint, key: `fetch|${kind}|${ref}|${id}`, topic, via: 'fetch', body };
}

/** What a store does not let us read is told to people once, not once a resource. */
export async function tellUnreadable(
  tx: Transaction,
  store: string,
  { kind, ref }: { readonly kind: string; readonly ref?: string },
  error: ParleyError,
  deps: Deps,
): Promise<void> {
  const about = error.reason === 'not-permitted' || !ref ? kind : `${kind}:${ref}`;
  const letter = { store, id: deps.clocks.newId(), service: SERVICE, kind: 'reading', ref: about } as const;
  await writeDeadLettersOnce(tx, [{ ...letter, reason: error.reason, detail: error.message, raw: { kind, ref } }]);
}
