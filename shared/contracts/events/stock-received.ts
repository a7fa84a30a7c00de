import { z } from 'zod';
import { count, label, slug } from '../fields.ts';
import { defineEvent } from './define.ts';

export const stockReceived = defineEvent({
  type: 'stock.received',
  about: 'A delivery of a supplier arrived.',
  subject: 'sku',
  data: z.object({
    units: count,
    supplier: slug.optional(),
    purchaseOrder: label.optional(),
  }),
  facts: (event) => [
    { fold: 'count', resource: event.subject, attribute: 'received-total', by: event.data.units },
    { fold: 'drop', resource: event.subject, attribute: 'on-order', key: event.data.purchaseOrder ?? 'none' },
  ],
});
