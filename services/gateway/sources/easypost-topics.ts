import { z } from 'zod';
import type { Instant } from '#shared/kernel/time.ts';
import type { OrderStep } from '#shared/store/deliveries/history.ts';
import type { NamedOrder } from '#shared/store/deliveries/references.ts';
import { clean, present, text, time } from '../mapping/fields.ts';
import { defineTopic, type Mapped, type MappingContext, type Settled } from '../mapping/topic.ts';
import { parcelRef } from './reading.ts';

const optionalTime = time.nullish().catch(null);

const tracker = z.object({
  id: text,
  tracking_code: text,
  status: text,
  status_detail: text.nullish(),
  carrier: text.nullish(),
  updated_at: time,
  est_delivery_date: optionalTime,
  is_return: z.boolean().nullish(),
  tracking_details: z.array(z.object({ status: text.nullish(), datetime: optionalTime })).nullish(),
});

const trackerEvent = z.object({
  result: tracker,
  previous_attributes: z.object({ est_delivery_date: optionalTime }).nullish().catch(null),
});

type TrackerEvent = z.infer<typeof trackerEvent>;

const DELAYS = new Set(['delayed', 'weather_delay']);

const deliveredAt = ({ result }: TrackerEvent): Instant =>
  result.tracking_details?.findLast((detail) => detail.status === 'delivered')?.datetime ?? result.updated_at;

/**
 * EasyPost has no status for "late": a parcel is late when it is expected after the time that its buyer was promised, and
 * where nobody promised any, when its estimate moves back or the carrier says so.
 */
function isLate({ result, previous_attributes: before }: TrackerEvent, promisedAt: string | null | undefined): boolean {
  const expected = result.est_delivery_date;
  if (!expected) return false;
  if (promisedAt) return expected > promisedAt;
  if (before?.est_delivery_date) return expected > before.est_delivery_date;
  return DELAYS.has(result.status_detail ?? '');
}

function mapTracker(body: TrackerEvent, { known }: MappingContext): Mapped {
  const { result } = body;
  // What comes back to the shop is nobody's late parcel.
  if (result.is_return) return { ignored: 'nothing-new' };
  const order = known.named({ kind: 'parcel', ref: parcelRef(result.tracking_code) });
  // Labels are bought, and followed, before the shop tells of the parcel.
  if (!order) return { awaits: 'unknown-item', otherwise: { ignored: 'unknown-item' } };
  const steps = known.order(order.subject);
  const placed = steps.find((step) => step.type === 'order.placed');
  if (placed?.test) return { ignored: 'test-order' };
  const sent = steps.find((step) => step.type === 'order.fulfilled' && step.fulfilment === order.part);
  const says =
    result.status === 'delivered' ? arrived(body, order, known) : underway(body, order, known, placed ?? sent);
  // Without its order nobody knows what was promised, so that what is late looks like no news.
  return placed ? says : { awaits: 'unknown-item', otherwise: says };
}

const parcelOf = ({ result }: TrackerEvent, order: NamedOrder) => ({
  fulfilment: order.part ?? parcelRef(result.tracking_code),
  carrier: clean(result.carrier ?? 'unknown'),
});

function arrived(body: TrackerEvent, order: NamedOrder, known: MappingContext['known']): Settled {
  const data = parcelOf(body, order);
  if (known.last(order.subject, 'shipment.delivered')?.data.fulfilment === data.fulfilment) return { repeated: true };
  return { events: [{ type: 'shipment.delivered', subject: order.subject, time: deliveredAt(body), data }] };
}

function underway(
  body: TrackerEvent,
  order: NamedOrder,
  known: MappingContext['known'],
  promise: OrderStep | undefined,
): Settled {
  if (!isLate(body, promise?.promisedAt)) return { ignored: 'nothing-new' };
  const { fulfilment, carrier } = parcelOf(body, order);
  const last = known.last(order.subject, 'shipment.delayed')?.data;
  if (last?.fulfilment === fulfilment && last.estimatedAt === body.result.est_delivery_date)
    return { ignored: 'nothing-new' };
  const data = present({
    fulfilment,
    carrier,
    estimatedAt: body.result.est_delivery_date!,
    promisedAt: promise?.promisedAt ?? undefined,
    customer: promise?.customer ?? undefined,
  });
  return { events: [{ type: 'shipment.delayed', subject: order.subject, time: body.result.updated_at, data }] };
}

export const easypostTopics = ['tracker.created', 'tracker.updated'].map((topic) =>
  defineTopic({
    topic,
    body: trackerEvent,
    versions: ({ result }) => [{ resource: `tracker:${result.id}`, at: result.updated_at }],
    wants: ({ result }) => ({
      references: [
        {
          kind: 'parcel',
          ref: parcelRef(result.tracking_code),
          last: ['shipment.delayed', 'shipment.delivered'],
        },
      ],
    }),
    map: mapTracker,
  }),
);
