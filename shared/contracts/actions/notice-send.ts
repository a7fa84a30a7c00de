import { z } from 'zod';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { FactView } from '../facts.ts';
import { externalId, label, sku, text } from '../fields.ts';
import { type ResourceKey, resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

/** How long a contact counts towards how often a customer is written to. */
const CONTACT_MS = DAY_MS;

export const noticeSend = defineAction({
  type: 'notice.send',
  about: 'Tells one customer something about an order: a delay, a cancellation, an answer.',
  params: z.strictObject({
    customer: externalId,
    order: externalId.optional(),
    topic: z.enum(['delay', 'cancellation', 'answer', 'back-in-stock', 'split']),
    subject: label.min(1),
    text: text(2_000).min(1),
    /** What is back in stock. */
    sku: sku.optional(),
  }),
  protective: true,
  customerVisible: true,
  hold: { aspect: 'contact', exclusive: false },
  moves: ['contacts'],
  reads: ['contacted', 'consent', 'complaint', 'available', 'restock-subscribers', 'shipment', 'fulfilled'],
  target: (params) => resource('customer', params.customer),
  window: (_params, now) => ({ from: now, to: plus(now, CONTACT_MS) }),
  looksAt: (params) => [
    ...(params.sku === undefined ? [] : [resource('sku', params.sku)]),
    ...(params.order === undefined ? [] : [resource('order', params.order)]),
  ],
  layer: (params, leaf, facts) => {
    const offered =
      params.topic === 'back-in-stock' && params.sku !== undefined
        ? unitsFor(leaf, resource('sku', params.sku), facts)
        : undefined;
    return {
      contacts: 1,
      ...(offered === undefined ? {} : { offeredUnits: offered }),
      ...(params.order === undefined
        ? {}
        : { outdated: isOutdated(params.topic, resource('order', params.order), facts) }),
    };
  },
  impact: () => ({ ...NO_IMPACT, customers: 1 }),
  writes: () => [],
  resolve: { subject: 'first', text: 'first' },
});

/** Of those who are told that something is back, one in so many buys. */
const TOLD_PER_BUYER = 5;

/** What is left for a customer when those who asked before have had their turn: the mail goes out in waves. */
function unitsFor(customer: ResourceKey, item: ResourceKey, facts: FactView): number | undefined {
  const available = facts.get(item, 'available')?.value.units;
  if (available === undefined) return undefined;
  const waiting = Object.entries(facts.get(item, 'restock-subscribers')?.value ?? {});
  const mine = waiting.find(([name]) => resource('customer', name) === customer);
  const before = mine
    ? waiting.filter(([name, { at }]) => at < mine[1].at || (at === mine[1].at && name < mine[0]))
    : [];
  return available - Math.floor(before.length / TOLD_PER_BUYER);
}

/** A delay of what has arrived, a cancellation of what has left. */
function isOutdated(topic: string, order: ResourceKey, facts: FactView): boolean {
  if (topic === 'delay') return facts.get(order, 'shipment')?.value.status === 'delivered';
  return topic === 'cancellation' && facts.get(order, 'fulfilled') !== undefined;
}
