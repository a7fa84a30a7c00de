import { z } from 'zod';
import { externalId, instant, label, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent, type FactChange } from './define.ts';
import { orderLine } from './order-line.ts';

export const orderCancelled = defineEvent({
  type: 'order.cancelled',
  about: 'An order was cancelled; its units are back on the shelf where `restocked` says so.',
  subject: 'order',
  data: z.object({
    cancelReason: label,
    restocked: z.boolean(),
    placedAt: instant.optional(),
    customer: externalId.optional(),
    totalMinor: minor,
    lines: z.array(orderLine).max(2_000),
  }),
  voids: 'any',
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'cancelled',
      value: { at: event.time, reason: event.data.cancelReason },
    },
    { fold: 'count', resource: resource('store', event.store), attribute: 'cancellations', by: 1 },
    ...event.data.lines.flatMap((line): FactChange[] => {
      const item = resource('sku', line.sku);
      return [
        // Demand that was taken back is no demand: it is subtracted on the day on which it had been counted.
        {
          fold: 'daily',
          resource: item,
          attribute: 'sold',
          by: -line.units,
          ...(event.data.placedAt ? { at: event.data.placedAt } : {}),
        },
        { fold: 'count', resource: item, attribute: 'cancelled-total', by: line.units },
        ...(event.data.restocked
          ? [{ fold: 'stock-movement', resource: item, attribute: 'available', by: line.units } as const]
          : []),
      ];
    }),
  ],
});
