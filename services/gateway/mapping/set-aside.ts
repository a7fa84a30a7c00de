import type { ParleyError } from '#shared/kernel/errors.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { failReceived, type ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { MappingNeeds } from './map-batch.ts';

/**
 * Fails this delivery, with a dead letter, unless it no longer waits: another gateway has ended it meanwhile. It waits for
 * whoever counts a repetition of it, because the next in line is not what failed.
 */
export async function setAside(
  { sql, newId }: Pick<MappingNeeds, 'sql' | 'newId'>,
  { id, store, topic, endpoint, headers }: ReceivedDelivery,
  { reason, message }: ParleyError,
): Promise<boolean> {
  return await inStores(sql, [store], async (tx) => {
    if (!(await failReceived(tx, id, reason))) return false;
    const raw = { endpoint, topic, headers };
    await writeDeadLetters(tx, [
      { store, id: newId(), service: 'gateway', kind: 'delivery', ref: id, reason, detail: message, raw },
    ]);
    return true;
  });
}
