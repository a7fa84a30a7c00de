import { z } from 'zod';
import { count, currency, externalId, minor, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent, type FactChange } from './define.ts';

export const orderRefunded = defineEvent({
  type: 'order.refunded',
  about: 'Money went back for an order; `restocked` units are on the shelf again. The note stays with the delivery.',
  subject: 'order',
  data: z.object({
    refund: externalId,
    currency,
    minor,
    lines: z.array(z.object({ sku, units: count, restocked: z.boolean() })).max(2_000),
  }),
  facts: (event) => [
    { fold: 'count', resource: event.subject, attribute: 'refunded', by: event.data.minor },
    { fold: 'count', resource: resource('store', event.store), attribute: 'refunds', by: 1 },
    ...event.data.lines.flatMap((line): FactChange[] => {
      const item = resource('sku', line.sku);
      return [
        { fold: 'count', resource: item, attribute: 'returned-total', by: line.units },
        ...(line.restocked
          ? [{ fold: 'stock-movement', resource: item, attribute: 'available', by: line.units } as const]
          : []),
      ];
    }),
  ],
});
