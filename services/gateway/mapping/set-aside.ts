import type { ParleyError } from '#shared/kernel/errors.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { readReceived, settleDeliveries } from '#shared/store/deliveries/received.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { OpenEndpoint } from '../receive/endpoints.ts';
import type { MappingNeeds } from './map-batch.ts';

/** Fails the oldest delivery that waits, with a dead letter; answers its id. */
export async function setAside(
  needs: MappingNeeds,
  endpoints: readonly OpenEndpoint[],
  held: readonly string[],
  error: ParleyError,
): Promise<string | undefined> {
  const stores = [...new Set(endpoints.map((endpoint) => endpoint.store))].sort();
  return await inStores(needs.sql, stores, async (tx) => {
    const [oldest] = await readReceived(tx, held, 1);
    if (!oldest) return undefined;
    const { id, store, topic, endpoint, headers } = oldest;
    await writeDeadLetters(tx, [
      {
        store,
        id: needs.newId(),
        service: 'gateway',
        kind: 'delivery',
        ref: id,
        reason: error.reason,
        detail: error.message,
        raw: { endpoint, topic, headers },
      },
    ]);
    await settleDeliveries(tx, [{ id, state: 'failed', topic, reason: error.reason }]);
    return id;
  });
}
