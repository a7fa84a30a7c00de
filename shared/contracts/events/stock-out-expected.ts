import { z } from 'zod';
import { change } from '../fields.ts';
import { defineEvent } from './define.ts';

export const stockOutExpected = defineEvent({
  type: 'stock-out.expected',
  about: 'Inventory expects a SKU to run out before it can be replenished.',
  subject: 'sku',
  data: z.object({
    available: change,
    unitsPerDay: z.number().min(0),
    coverDays: z.number().min(0),
    leadTimeDays: z.number().min(0),
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'stock-out', value: event.data }],
});
