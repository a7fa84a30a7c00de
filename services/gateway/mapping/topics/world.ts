import { z } from 'zod';
import { type ResourceKey, type ResourceKind, resource } from '#shared/contracts/resource.ts';
import { clean, id, present, text } from '../fields.ts';
import { defineTopic } from '../topic.ts';

/** The types of the Standard Webhooks endpoint: what does not come from the shop platform. `about` names the resource. */
interface WorldType<Data extends z.ZodType> {
  readonly type: string;
  readonly data: Data;
  about(data: z.infer<Data>, store: string): ResourceKey;
  says(data: z.infer<Data>): Record<string, unknown>;
}

function world<Data extends z.ZodType>({ type, data, about, says }: WorldType<Data>) {
  return defineTopic({
    topic: type,
    body: z.object({ data }),
    map: (body, { store, toldAt }) => {
      // The envelope's own `timestamp` is the time of the event; the mapping passes it on as `toldAt`.
      const given = (body as { data: z.infer<Data> }).data;
      return { events: [{ type, subject: about(given, store), time: toldAt, data: present(says(given)) }] };
    },
  });
}

const named = (kind: ResourceKind, name: string) => resource(kind, name);
const count = z.number().int().min(0);
const label = text.transform((value) => clean(value));

export const worldTopics = [
  world({
    type: 'competitor.price-changed',
    data: z.object({ sku: text, competitor: label, priceMinor: count, currency: text }),
    about: (data) => named('sku', data.sku),
    says: ({ competitor, priceMinor, currency }) => ({ competitor, minor: priceMinor, currency }),
  }),
  world({
    type: 'traffic.spiked',
    data: z.object({ sku: text, views: count, baselineViews: count, windowMinutes: count }),
    about: (data) => named('sku', data.sku),
    says: ({ views, baselineViews, windowMinutes }) => ({ views, baselineViews, windowMinutes }),
  }),
  world({
    type: 'mention.detected',
    data: z.object({ sku: text.nullish(), source: label, sentiment: text, reach: count }),
    about: (_data, store) => named('store', store),
    says: (data) => data,
  }),
  world({
    type: 'supplier.delayed',
    data: z.object({ supplier: text, skus: z.array(text), delayDays: count }),
    about: (data) => named('supplier', data.supplier),
    says: ({ skus, delayDays }) => ({ skus, delayDays }),
  }),
  world({
    type: 'supplier.listed',
    data: z.object({ supplier: text, leadTimeDays: count, leadTimeSdDays: z.number(), minimumOrderUnits: count }),
    about: (data) => named('supplier', data.supplier),
    says: ({ supplier: _, ...terms }) => terms,
  }),
  world({
    type: 'stock.written-off',
    data: z.object({ sku: text, units: count, cause: text }),
    about: (data) => named('sku', data.sku),
    says: ({ units, cause }) => ({ units, cause }),
  }),
  world({
    type: 'stock.received',
    data: z.object({ sku: text, units: count, supplier: text.nullish(), purchaseOrder: label.nullish() }),
    about: (data) => named('sku', data.sku),
    says: ({ sku: _, ...arrival }) => arrival,
  }),
  /** The text stays with the delivery: it may hold anything, and events cannot be erased. */
  world({
    type: 'message.received',
    data: z.object({ message: text, customer: id.nullish(), order: id.nullish(), channel: label, topic: text }),
    about: (data) => named('message', data.message),
    says: ({ customer, order, channel, topic }) => ({ customer, order, channel, topic }),
  }),
  world({
    type: 'restock.requested',
    data: z.object({ sku: text, customer: id }),
    about: (data) => named('sku', data.sku),
    says: ({ customer }) => ({ customer }),
  }),
  world({
    type: 'campaign.scheduled',
    data: z.object({
      campaign: text,
      name: label,
      skus: z.array(text),
      category: text.nullish(),
      discountBasisPoints: count,
      startsAt: text,
      endsAt: text,
      audience: text,
    }),
    about: (data) => named('campaign', data.campaign),
    says: ({ campaign: _, ...plan }) => plan,
  }),
  world({
    type: 'map.changed',
    data: z.object({ sku: text, priceMinor: count, currency: text }),
    about: (data) => named('sku', data.sku),
    says: ({ priceMinor, currency }) => ({ minor: priceMinor, currency }),
  }),
  world({
    type: 'feed.changed',
    data: z.object({ sku: text, priceMinor: count, currency: text }),
    about: (data) => named('sku', data.sku),
    says: ({ priceMinor, currency }) => ({ minor: priceMinor, currency }),
  }),
  world({
    type: 'bundle.changed',
    data: z.object({ bundle: text, skus: z.array(text) }),
    about: (data) => named('bundle', data.bundle),
    says: ({ skus }) => ({ skus }),
  }),
  world({
    type: 'label.bought',
    data: z.object({ order: id, carrier: label }),
    about: (data) => named('order', data.order),
    says: ({ carrier }) => ({ carrier }),
  }),
  world({
    type: 'replay.ended',
    data: z.object({ deliveries: count.nullish() }),
    about: (_data, store) => named('store', store),
    says: ({ deliveries }) => ({ deliveries }),
  }),
];
