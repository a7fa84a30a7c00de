import { z } from 'zod';
import { count, sku } from '../fields.ts';
import { defineEvent } from './define.ts';

export const supplierDelayed = defineEvent({
  type: 'supplier.delayed',
  about: 'A supplier will deliver late.',
  subject: 'supplier',
  data: z.object({
    skus: z.array(sku).max(200),
    delayDays: count,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'delay',
      value: { days: event.data.delayDays, skus: event.data.skus },
    },
  ],
});
