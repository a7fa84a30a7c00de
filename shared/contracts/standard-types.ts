import { z } from 'zod';
import { clean } from '#shared/kernel/plain-text.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';
import { slug } from './fields.ts';
import { type ResourceKey, resource } from './resource.ts';

/**
 * What any sender may say by Standard Webhooks, or by a mapping file: what does not come from the shop platform. Its `data`
 * is what is written outside; what becomes of it is the event type's own contract.
 */
export interface StandardType<Data extends z.ZodObject = z.ZodObject> {
  readonly type: string;
  readonly data: Data;
  /** Said by nobody but who replays a history: to any other store it is a type like those that nobody here knows. */
  readonly inReplayOnly?: true;
  /** Its amount is held against the shop's own: in another currency nothing could be made of it. */
  readonly inShopCurrency?: true;
  /** The resource that it is about. */
  about(data: z.infer<Data>, store: string): ResourceKey;
  says(data: z.infer<Data>): Record<string, unknown>;
}

const define = <Data extends z.ZodObject>(type: StandardType<Data>): StandardType<Data> => type;

/** A numeric id, as text: beyond 2^53 a number has lost digits, so that such ids arrive here as text already. */
const id = z.union([z.number().int(), z.string().regex(/^\d{1,24}$/)]).transform(String);
const count = z.number().int().min(0);
const text = z.string();
const label = text.transform((value) => clean(value));
const name = text.min(1).max(64);
/** As products name theirs; any other spelling would be a supplier of nothing. */
const supplier = text.refine(
  (value) => slug.safeParse(value).success,
  'not the name of a supplier: small letters, digits and single hyphens, as in acme-ltd',
);
const time = text.transform((value, context): Instant => {
  try {
    return parseInstant(value);
  } catch {
    context.addIssue({ code: 'custom', message: 'not a time with an offset' });
    return z.NEVER;
  }
});

const ALL = [
  define({
    type: 'competitor.price-changed',
    inShopCurrency: true,
    data: z.object({ sku: text, competitor: label, priceMinor: count, currency: text }),
    about: (data) => resource('sku', data.sku),
    says: ({ competitor, priceMinor, currency }) => ({ competitor, minor: priceMinor, currency }),
  }),
  define({
    type: 'traffic.spiked',
    data: z.object({ sku: text, views: count, baselineViews: count, windowMinutes: count }),
    about: (data) => resource('sku', data.sku),
    says: ({ views, baselineViews, windowMinutes }) => ({ views, baselineViews, windowMinutes }),
  }),
  define({
    type: 'mention.detected',
    data: z.object({ sku: text.nullish(), source: label, sentiment: text, reach: count }),
    about: (_data, store) => resource('store', store),
    says: (data) => data,
  }),
  define({
    type: 'supplier.delayed',
    data: z.object({ supplier, skus: z.array(text), delayDays: count }),
    about: (data) => resource('supplier', data.supplier),
    says: ({ skus, delayDays }) => ({ skus, delayDays }),
  }),
  define({
    type: 'supplier.listed',
    data: z.object({ supplier, leadTimeDays: count, leadTimeSdDays: z.number(), minimumOrderUnits: count }),
    about: (data) => resource('supplier', data.supplier),
    says: ({ supplier: _, ...terms }) => terms,
  }),
  define({
    type: 'stock.written-off',
    data: z.object({ sku: text, units: count, cause: text }),
    about: (data) => resource('sku', data.sku),
    says: ({ units, cause }) => ({ units, cause }),
  }),
  define({
    type: 'stock.received',
    data: z.object({ sku: text, units: count, supplier: supplier.nullish(), purchaseOrder: label.nullish() }),
    about: (data) => resource('sku', data.sku),
    says: ({ sku: _, ...arrival }) => arrival,
  }),
  /** The text stays with the delivery: it may hold anything, and events cannot be erased. */
  define({
    type: 'message.received',
    data: z.object({ message: text, customer: id.nullish(), order: id.nullish(), channel: label, topic: text }),
    about: (data) => resource('message', data.message),
    says: ({ customer, order, channel, topic }) => ({ customer, order, channel, topic }),
  }),
  define({
    type: 'restock.requested',
    data: z.object({ sku: text, customer: id }),
    about: (data) => resource('sku', data.sku),
    says: ({ customer }) => ({ customer }),
  }),
  define({
    type: 'campaign.scheduled',
    data: z.object({
      campaign: text,
      name: label,
      skus: z.array(text),
      category: text.nullish(),
      discountBasisPoints: count,
      startsAt: time,
      endsAt: time,
      audience: text,
    }),
    about: (data) => resource('campaign', data.campaign),
    says: ({ campaign: _, ...plan }) => plan,
  }),
  define({
    type: 'map.changed',
    inShopCurrency: true,
    data: z.object({ sku: text, priceMinor: count, currency: text }),
    about: (data) => resource('sku', data.sku),
    says: ({ priceMinor, currency }) => ({ minor: priceMinor, currency }),
  }),
  define({
    type: 'feed.changed',
    inShopCurrency: true,
    data: z.object({ sku: text, priceMinor: count, currency: text }),
    about: (data) => resource('sku', data.sku),
    says: ({ priceMinor, currency }) => ({ minor: priceMinor, currency }),
  }),
  define({
    type: 'bundle.changed',
    data: z.object({ bundle: text, skus: z.array(text) }),
    about: (data) => resource('bundle', data.bundle),
    says: ({ skus }) => ({ skus }),
  }),
  define({
    type: 'label.bought',
    data: z.object({ order: id, carrier: label }),
    about: (data) => resource('order', data.order),
    says: ({ carrier }) => ({ carrier }),
  }),
  define({
    type: 'replay.ended',
    inReplayOnly: true,
    data: z.object({ deliveries: count.nullish() }),
    about: (_data, store) => resource('store', store),
    says: ({ deliveries }) => ({ deliveries }),
  }),
  /** What payment providers, carriers and fraud services say of an order, where none of them is a source of its own. */
  define({
    type: 'payment.disputed',
    data: z.object({
      order: id,
      dispute: name,
      amountMinor: count,
      currency: text,
      state: z.enum(['open', 'won', 'lost']),
      customer: id.nullish(),
    }),
    about: (data) => resource('order', data.order),
    says: ({ dispute, amountMinor, currency, state, customer }) => ({
      dispute,
      minor: amountMinor,
      currency,
      state,
      customer,
    }),
  }),
  define({
    type: 'order.flagged',
    data: z.object({ order: id, level: z.enum(['low', 'medium', 'high']), signals: z.array(label).max(20) }),
    about: (data) => resource('order', data.order),
    says: ({ level, signals }) => ({ level, signals }),
  }),
  define({
    type: 'shipment.delayed',
    data: z.object({
      order: id,
      fulfilment: name,
      carrier: label,
      estimatedAt: time,
      promisedAt: time.nullish(),
      customer: id.nullish(),
    }),
    about: (data) => resource('order', data.order),
    says: ({ order: _, ...parcel }) => parcel,
  }),
  define({
    type: 'shipment.delivered',
    data: z.object({ order: id, fulfilment: name, carrier: label }),
    about: (data) => resource('order', data.order),
    says: ({ order: _, ...parcel }) => parcel,
  }),
] as const;

/** By name. A new one is an entry above, and its event type. */
export const STANDARD_TYPES: ReadonlyMap<string, StandardType> = new Map(
  ALL.map((type) => [type.type, type as unknown as StandardType]),
);
