import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import type { OrderStep } from '#shared/store/deliveries/history.ts';
import { amount, clean, currency, exactId, gid, id, idOfGid, parseMinor, present, text, time } from '../fields.ts';
import { defineTopic, type Known, type Said } from '../topic.ts';

const orderKey = (body: { order_id: string }) => resource('order', body.order_id);
const placedOf = (steps: readonly OrderStep[]) => steps.find((step) => step.type === 'order.placed');
const isTest = (known: Known, body: { order_id: string }) => placedOf(known.order(orderKey(body)))?.test === true;

const refund = z.object({
  id,
  admin_graphql_api_id: gid.nullish(),
  order_id: id,
  created_at: time,
  refund_line_items: z.array(
    z.object({
      quantity: z.number().int(),
      restock_type: text.nullish(),
      line_item: z.object({ sku: text.nullish() }).nullish(),
    }),
  ),
  transactions: z.array(z.object({ kind: text, status: text, amount, currency: currency.nullish() })).nullish(),
});

/**
 * `return` puts units back on the shelf. `cancel` does too, but the cancellation says so itself (`order.cancelled`), and
 * one unit must not come back twice. The shop's note about it stays in the delivery: it may name a person, and what is on
 * the bus cannot be erased.
 */
function refunded(body: z.infer<typeof refund>, storeCurrency: string): Said {
  const paid = (body.transactions ?? []).filter((one) => one.kind === 'refund' && one.status === 'success');
  const code = paid[0]?.currency ?? storeCurrency;
  return {
    type: 'order.refunded',
    subject: orderKey(body),
    time: body.created_at,
    data: present({
      refund: exactId(body),
      currency: code,
      minor: paid.reduce((sum, one) => sum + Math.max(0, parseMinor(one.amount, code)), 0),
      lines: body.refund_line_items
        .filter((line) => line.line_item?.sku && line.quantity > 0)
        .map((line) => ({
          sku: line.line_item!.sku!,
          units: line.quantity,
          restocked: line.restock_type === 'return' || line.restock_type === 'legacy_restock',
        })),
    }),
  };
}

const fulfilment = z.object({
  id,
  admin_graphql_api_id: gid.nullish(),
  order_id: id,
  status: text.nullish(),
  created_at: time,
  tracking_company: text.nullish(),
  estimated_delivery_at: time.nullish(),
  line_items: z.array(z.object({ sku: text.nullish(), quantity: z.number().int(), product_id: id.nullish() })),
});

/** Whole when, with what was sent before, everything that was ordered has been sent. */
function fulfilled(body: z.infer<typeof fulfilment>, known: Known): Said {
  const steps = known.order(orderKey(body));
  const placed = placedOf(steps);
  const goods = body.line_items.filter((line) => line.sku && line.product_id !== null);
  const units = goods.reduce((sum, line) => sum + line.quantity, 0);
  const before = steps
    .filter((step) => step.type === 'order.fulfilled')
    .reduce((sum, step) => sum + (step.units ?? 0), 0);
  return {
    type: 'order.fulfilled',
    subject: orderKey(body),
    time: body.created_at,
    data: present({
      fulfilment: exactId(body),
      carrier: clean(body.tracking_company ?? 'unknown'),
      promisedAt: placed?.promisedAt ?? body.estimated_delivery_at ?? undefined,
      complete: !placed?.units || before + units >= placed.units,
      customer: placed?.customer ?? undefined,
      units,
    }),
  };
}

const transit = z.object({
  fulfillment_id: id,
  order_id: id,
  status: text,
  happened_at: time,
  estimated_delivery_at: time.nullish(),
});

function moved(body: z.infer<typeof transit>, known: Known): Said | undefined {
  const steps = known.order(orderKey(body));
  const sent = steps.find((step) => step.type === 'order.fulfilled' && step.fulfilment === body.fulfillment_id);
  const base = { subject: orderKey(body), time: body.happened_at };
  const parcel = { fulfilment: body.fulfillment_id, carrier: sent?.carrier ?? 'unknown' };
  if (body.status === 'delivered') return { ...base, type: 'shipment.delivered', data: parcel };
  if (body.status !== 'delayed' || !body.estimated_delivery_at) return undefined;
  const placed = placedOf(steps);
  const promise = { promisedAt: placed?.promisedAt ?? undefined, customer: placed?.customer ?? undefined };
  const data = present({ ...parcel, estimatedAt: body.estimated_delivery_at, ...promise });
  return { ...base, type: 'shipment.delayed', data };
}

const risk = z.object({
  order_id: id.nullish(),
  admin_graphql_api_order_id: gid.nullish(),
  risk_level: text,
  created_at: time.nullish(),
  facts: z.array(z.object({ description: text })).nullish(),
});

const dispute = z.object({
  id,
  order_id: id.nullish(),
  amount,
  currency,
  status: text,
  initiated_at: time.nullish(),
});

export const afterSaleTopics = [
  defineTopic({
    topic: 'refunds/create',
    body: refund,
    wants: (body) => ({ orders: [orderKey(body)] }),
    map: (body, { known, currency: code }) => {
      if (isTest(known, body)) return { ignored: 'test-order' };
      const steps = known.order(orderKey(body));
      if (steps.some((step) => step.type === 'order.refunded' && step.refund === exactId(body)))
        return { repeated: true };
      return { events: [refunded(body, code)] };
    },
  }),
  defineTopic({
    topic: 'fulfillments/create',
    body: fulfilment,
    wants: (body) => ({ orders: [orderKey(body)] }),
    map: (body, { known }) => {
      if (isTest(known, body)) return { ignored: 'test-order' };
      if (body.status === 'cancelled' || body.status === 'error' || body.status === 'failure')
        return { ignored: 'nothing-new' };
      const sent = known.order(orderKey(body)).some((step) => step.fulfilment === exactId(body));
      return sent ? { repeated: true } : { events: [fulfilled(body, known)] };
    },
  }),
  defineTopic({
    topic: 'fulfillment_events/create',
    body: transit,
    wants: (body) => ({ orders: [orderKey(body)] }),
    map: (body, { known }) => {
      if (isTest(known, body)) return { ignored: 'test-order' };
      const event = moved(body, known);
      return event ? { events: [event] } : { ignored: 'nothing-new' };
    },
  }),
  defineTopic({
    topic: 'orders/risk_assessment_changed',
    body: risk,
    map: (body, { toldAt }) => {
      const order = body.admin_graphql_api_order_id ? idOfGid(body.admin_graphql_api_order_id) : body.order_id;
      const level = { low: 'low', none: 'low', medium: 'medium', high: 'high' }[body.risk_level.toLowerCase()];
      if (!order || !level) return { ignored: 'nothing-new' };
      const signals = (body.facts ?? []).slice(0, 20).map((fact) => clean(fact.description));
      const subject = resource('order', order);
      return {
        events: [{ type: 'order.flagged', subject, time: body.created_at ?? toldAt, data: { level, signals } }],
      };
    },
  }),
  defineTopic({
    topic: 'disputes/create',
    body: dispute,
    wants: (body) => (body.order_id ? { orders: [resource('order', body.order_id)] } : {}),
    map: (body, { known, toldAt }) => {
      if (!body.order_id) return { ignored: 'nothing-new' };
      const subject = resource('order', body.order_id);
      const data = present({
        dispute: body.id,
        minor: Math.max(0, parseMinor(body.amount, body.currency)),
        currency: body.currency,
        state: body.status === 'won' || body.status === 'lost' ? body.status : 'open',
        customer: placedOf(known.order(subject))?.customer ?? undefined,
      });
      return { events: [{ type: 'payment.disputed', subject, time: body.initiated_at ?? toldAt, data }] };
    },
  }),
];
