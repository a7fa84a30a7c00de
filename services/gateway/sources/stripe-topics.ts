import { z } from 'zod';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';
import { decimalsOf } from '#shared/kernel/money.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';
import type { NamedOrder } from '#shared/store/deliveries/references.ts';
import { tellDispute } from '../mapping/dispute.ts';
import { id, present, text } from '../mapping/fields.ts';
import { onceKnown } from '../mapping/order-awaited.ts';
import { defineTopic, type Mapped, type MappingContext } from '../mapping/topic.ts';

/** Unix seconds. */
const seconds = z
  .number()
  .int()
  .min(0)
  .max(253_402_300_799)
  .transform((value): Instant => parseInstant(new Date(value * 1_000).toISOString()));

/** What the shop wrote beside the payment; the order's number stands under one of these names, as plugins write it. */
const metadata = z
  .object({ order_id: id.nullish().catch(null), orderId: id.nullish().catch(null) })
  .nullish()
  .catch(null);

/** Another object: its id, or the object itself where the endpoint asks for it whole. */
const reference = z.union([text, z.object({ id: text, metadata })]).nullish();

const orderIn = (meta: z.infer<typeof metadata>): ResourceKey | undefined => {
  const number = meta?.order_id ?? meta?.orderId;
  return number ? resource('order', number) : undefined;
};
const idIn = (value: z.infer<typeof reference>) => (typeof value === 'string' ? value : value?.id);
const metadataIn = (value: z.infer<typeof reference>) => (typeof value === 'object' ? value?.metadata : undefined);

/**
 * Stripe's amounts are in the currency's smallest unit already, except for these, which it counts with other decimals than
 * ISO 4217. https://docs.stripe.com/currencies#special-cases
 */
const OF_STRIPE: Readonly<Record<string, number>> = { ISK: 2, UGX: 2, MGA: 0 };

const minorOf = (amount: number, currency: string): number =>
  Math.max(0, Math.round(amount * 10 ** (decimalsOf(currency) - (OF_STRIPE[currency] ?? decimalsOf(currency)))));

/** Its currencies are in small letters. */
const dispute = z.object({
  id: text,
  amount: z.number().int(),
  currency: text.transform((code) => code.toUpperCase()),
  status: text,
  charge: reference,
  payment_intent: reference,
  metadata,
});

const disputeEvent = z.object({ created: seconds, data: z.object({ object: dispute }) });

type DisputeEvent = z.infer<typeof disputeEvent>;

/** The closing of an inquiry, and of what was prevented, costs the shop nothing: it is won. */
const STATES: Readonly<Record<string, 'won' | 'lost'>> = {
  won: 'won',
  lost: 'lost',
  warning_closed: 'won',
  prevented: 'won',
};

const paymentsOf = ({ data: { object } }: DisputeEvent) =>
  [idIn(object.charge), idIn(object.payment_intent)].flatMap((ref) => (ref ? [{ kind: 'payment', ref } as const] : []));

const toldOrder = ({ data: { object } }: DisputeEvent) =>
  orderIn(object.metadata) ?? orderIn(metadataIn(object.charge)) ?? orderIn(metadataIn(object.payment_intent));

function mapDispute(body: DisputeEvent, { known }: MappingContext): Mapped {
  const { object } = body.data;
  const named = paymentsOf(body).flatMap((reference) => known.named(reference) ?? []);
  const subject = toldOrder(body) ?? named[0]?.subject;
  // Money is at stake: where nobody tells its order in time, a person sees the dispute among the dead letters.
  if (!subject) return { awaits: 'unknown-item' };
  const placed = known.order(subject).find((step) => step.type === 'order.placed');
  if (placed?.test) return { ignored: 'test-order' };
  const data = present({
    dispute: object.id,
    minor: minorOf(object.amount, object.currency),
    currency: object.currency,
    state: STATES[object.status] ?? 'open',
    customer: placed?.customer ?? undefined,
  });
  const said = { type: 'payment.disputed', subject, time: body.created, data };
  return onceKnown(placed !== undefined, tellDispute(said, known));
}

const disputeTopic = (topic: string) =>
  defineTopic({
    topic,
    body: disputeEvent,
    versions: (body) => [{ resource: `dispute:${body.data.object.id}`, at: body.created }],
    wants: (body) => {
      const subject = toldOrder(body);
      const references = paymentsOf(body).map((one) => ({ ...one, last: ['payment.disputed'] }));
      return { references, ...(subject ? { orders: [subject], last: [{ subject, type: 'payment.disputed' }] } : {}) };
    },
    map: mapDispute,
  });

/** What was paid, by the object that says it: a charge, a payment intent, or the session of a checkout that led to one. */
const payment = z.object({
  data: z.object({
    object: z.object({
      id: text,
      object: text,
      payment_intent: reference,
      latest_charge: reference,
      client_reference_id: id.nullish().catch(null),
      metadata,
    }),
  }),
});

function namesOf({ data: { object } }: z.infer<typeof payment>): NamedOrder[] {
  const subject =
    orderIn(object.metadata) ??
    orderIn(metadataIn(object.payment_intent)) ??
    (object.client_reference_id ? resource('order', object.client_reference_id) : undefined);
  if (!subject) return [];
  const own = object.object === 'checkout.session' ? undefined : object.id;
  const refs = [own, idIn(object.payment_intent), idIn(object.latest_charge)];
  return refs.flatMap((ref) => (ref ? [{ kind: 'payment', ref, subject } as const] : []));
}

/** No event: that an order is paid, the store says. But it says which order a later dispute is about. */
const paymentTopic = (topic: string) =>
  defineTopic({ topic, body: payment, names: namesOf, map: () => ({ ignored: 'nothing-new' }) });

export const stripeTopics = [
  ...['created', 'updated', 'closed', 'funds_withdrawn', 'funds_reinstated'].map((name) =>
    disputeTopic(`charge.dispute.${name}`),
  ),
  ...['charge.succeeded', 'charge.updated', 'payment_intent.succeeded', 'checkout.session.completed'].map(paymentTopic),
];
