import { z } from 'zod';
import { later } from '#shared/kernel/time.ts';
import type { NamedOrder } from '#shared/store/deliveries/references.ts';
import { clean, exactId, gidOf, id, present, sku, text, time } from '../../mapping/fields.ts';
import { onceKnown } from '../../mapping/order-awaited.ts';
import { defineTopic, type Known, type Said, type Settled } from '../../mapping/topic.ts';
import { parcelRef } from '../reading.ts';
import { isTest, orderKey, placedOf } from './order-known.ts';

const fulfilment = z.object({
  id,
  admin_graphql_api_id: gidOf('Fulfillment').nullish(),
  order_id: id,
  status: text.nullish(),
  shipment_status: text.nullish(),
  created_at: time,
  updated_at: time.nullish(),
  tracking_company: text.nullish(),
  tracking_number: text.nullish(),
  tracking_numbers: z.array(text).nullish(),
  estimated_delivery_at: time.nullish(),
  line_items: z.array(z.object({ sku, quantity: z.number().int(), product_id: id.nullish() })),
});

type Fulfilment = z.infer<typeof fulfilment>;

/** A carrier that is followed by a service of its own speaks of the parcel, not of the order. */
function parcelsOf(body: Fulfilment): NamedOrder[] {
  const codes = [body.tracking_number, ...(body.tracking_numbers ?? [])].flatMap((code) =>
    code ? [parcelRef(code)] : [],
  );
  const subject = orderKey(body);
  return [...new Set(codes)].map((ref) => ({ kind: 'parcel', ref, subject, part: exactId(body) }));
}

const carrierOf = (body: Fulfilment) => clean(body.tracking_company ?? 'unknown');

/**
 * Whole when, with what was sent before, everything that was ordered has been sent. A part that is told late makes it whole
 * as of the last part, so that what that one said is not believed any longer.
 */
function fulfilled(body: Fulfilment, known: Known): Said {
  const steps = known.order(orderKey(body));
  const placed = placedOf(steps);
  const goods = body.line_items.filter((line) => line.sku && line.product_id !== null);
  const units = goods.reduce((sum, line) => sum + line.quantity, 0);
  const parts = steps.filter((step) => step.type === 'order.fulfilled');
  const before = parts.reduce((sum, step) => sum + (step.units ?? 0), 0);
  const complete = !placed?.units || before + units >= placed.units;
  return {
    type: 'order.fulfilled',
    subject: orderKey(body),
    time: complete ? parts.reduce((latest, step) => later(latest, step.time), body.created_at) : body.created_at,
    data: present({
      fulfilment: exactId(body),
      carrier: carrierOf(body),
      promisedAt: placed?.promisedAt ?? body.estimated_delivery_at ?? undefined,
      complete,
      customer: placed?.customer ?? undefined,
      units,
    }),
  };
}

/** A parcel arrives once, whichever of two topics says so first. */
function hasArrived(known: Known, order: ReturnType<typeof orderKey>, parcel: string): boolean {
  return known.last(order, 'shipment.delivered')?.data.fulfilment === parcel;
}

const GONE_WRONG = new Set(['cancelled', 'error', 'failure']);

function mapFulfilment(body: Fulfilment, known: Known): Settled {
  if (isTest(known, body)) return { ignored: 'test-order' };
  if (GONE_WRONG.has(body.status ?? '')) return { ignored: 'nothing-new' };
  const order = orderKey(body);
  const parcel = exactId(body);
  const events: Said[] = [];
  if (!known.order(order).some((step) => step.fulfilment === parcel)) events.push(fulfilled(body, known));
  if (body.shipment_status === 'delivered' && !hasArrived(known, order, parcel)) {
    const data = { fulfilment: parcel, carrier: carrierOf(body) };
    events.push({ type: 'shipment.delivered', subject: order, time: body.updated_at ?? body.created_at, data });
  }
  return events.length === 0 ? { repeated: true } : { events };
}

const transit = z.object({
  fulfillment_id: id,
  order_id: id,
  status: text,
  happened_at: time,
  estimated_delivery_at: time.nullish(),
});

function isParcelKnown(body: z.infer<typeof transit>, known: Known): boolean {
  const steps = known.order(orderKey(body));
  return placedOf(steps) !== undefined && steps.some((step) => step.fulfilment === body.fulfillment_id);
}

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

const wanted = (body: { order_id: string }) => ({
  orders: [orderKey(body)],
  last: [{ subject: orderKey(body), type: 'shipment.delivered' }],
});

export const parcelTopics = [
  ...['fulfillments/create', 'fulfillments/update'].map((topic) =>
    defineTopic({
      topic,
      body: fulfilment,
      wants: wanted,
      names: parcelsOf,
      map: (body, { known }) =>
        onceKnown(placedOf(known.order(orderKey(body))) !== undefined, mapFulfilment(body, known)),
    }),
  ),
  defineTopic({
    topic: 'fulfillment_events/create',
    body: transit,
    wants: wanted,
    map: (body, { known }) => {
      if (isTest(known, body)) return { ignored: 'test-order' };
      const event = moved(body, known);
      if (!event) return { ignored: 'nothing-new' };
      const isRepeated = event.type === 'shipment.delivered' && hasArrived(known, orderKey(body), body.fulfillment_id);
      return isRepeated ? { repeated: true } : onceKnown(isParcelKnown(body, known), { events: [event] });
    },
  }),
];
