import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { findSkus, readLastEvents, readOrderSteps, readPromotions } from '#shared/store/deliveries/history.ts';
import { type NamedOrder, readReferences } from '#shared/store/deliveries/references.ts';
import { readVersions } from '#shared/store/deliveries/versions.ts';
import type { ReadDelivery } from '../sources/source.ts';
import { BatchKnowledge, mergeWanted } from './known.ts';
import type { Wanted } from './topic.ts';

/** Looks up what a batch's mappings ask for: each kind of thing once a store. */
export async function lookUp(
  tx: Transaction,
  deliveries: readonly { readonly store: string; readonly read: ReadDelivery }[],
): Promise<Map<string, BatchKnowledge>> {
  const knownByStore = new Map<string, BatchKnowledge>();
  for (const [store, ofStore] of Map.groupBy(deliveries, (delivery) => delivery.store)) {
    const wanted = mergeWanted(ofStore.flatMap(({ read }) => wantedBy(read, store)));
    const known = new BatchKnowledge();
    // One connection: the statements follow each other without waiting for answers in between.
    const [skus, last, orders, promotions, versions, named] = await Promise.all([
      findSkus(tx, store, wanted.skus),
      readLastEvents(tx, store, wanted.last),
      readOrderSteps(tx, store, wanted.orders),
      readPromotions(tx, store, wanted.promotions),
      readVersions(tx, store, wanted.versions),
      readReferences(tx, store, wanted.references),
    ]);
    known.addSkus(skus);
    known.addLast(last);
    known.addOrderSteps(orders);
    known.addPromotions(promotions);
    known.addVersions(versions);
    known.addNamed(named);
    const [later, steps] = await Promise.all([
      readLastEvents(tx, store, [...lastOfSkus(wanted, known), ...lastOfNamed(wanted, known)]),
      readOrderSteps(tx, store, subjectsNotIn(wanted.orders, named)),
    ]);
    known.addLast(later);
    known.addOrderSteps(steps);
    knownByStore.set(store, known);
  }
  return knownByStore;
}

/** Of what was wanted by the platform's ids the SKUs are known only now. */
function lastOfSkus({ skus }: Required<Wanted>, known: BatchKnowledge): { subject: ResourceKey; type: string }[] {
  return skus.flatMap(({ last = [], ...id }) =>
    known.skus(id).flatMap((sku) => last.map((type) => ({ subject: resource('sku', sku), type }))),
  );
}

function lastOfNamed(
  { references }: Required<Wanted>,
  known: BatchKnowledge,
): { subject: ResourceKey; type: string }[] {
  return references.flatMap(({ last = [], ...reference }) => {
    const subject = known.named(reference)?.subject;
    return subject ? last.map((type) => ({ subject, type })) : [];
  });
}

/** Orders that others named, and that nobody asked for by their own. */
function subjectsNotIn(orders: readonly ResourceKey[], named: readonly NamedOrder[]): ResourceKey[] {
  return [...new Set(named.map((one) => one.subject))].filter((subject) => !orders.includes(subject));
}

function wantedBy({ topic, body, toldAt }: ReadDelivery, store: string): Wanted[] {
  const versions = (topic.versions?.(body, { toldAt }) ?? []).map((version) => version.resource);
  return [topic.wants?.(body, { store }) ?? {}, { versions }];
}
