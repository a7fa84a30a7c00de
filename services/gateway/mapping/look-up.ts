import type { Transaction } from '#shared/store/connect.ts';
import { findSkus, readLastEvents, readOrderSteps, readPromotions } from '#shared/store/deliveries/history.ts';
import { BatchKnowledge, mergeWanted } from './known.ts';
import type { ReadDelivery } from './read-delivery.ts';

/** Looks up what a batch's mappings ask for: each kind of thing once a store. */
export async function lookUp(
  tx: Transaction,
  deliveries: readonly { readonly store: string; readonly read: ReadDelivery }[],
): Promise<Map<string, BatchKnowledge>> {
  const knownByStore = new Map<string, BatchKnowledge>();
  for (const [store, ofStore] of Map.groupBy(deliveries, (delivery) => delivery.store)) {
    const wanted = mergeWanted(ofStore.map(({ read }) => read.topic.wants?.(read.body, { store }) ?? {}));
    const known = new BatchKnowledge();
    // One connection: the statements follow each other without waiting for answers in between.
    const [skus, last, orders, promotions] = await Promise.all([
      findSkus(tx, store, wanted.skus),
      readLastEvents(tx, store, wanted.last),
      readOrderSteps(tx, store, wanted.orders),
      readPromotions(tx, store, wanted.promotions),
    ]);
    known.addSkus(skus);
    known.addLast(last);
    known.addOrderSteps(orders);
    known.addPromotions(promotions);
    knownByStore.set(store, known);
  }
  return knownByStore;
}
