import { z } from 'zod';
import { count, instant, slug } from '../fields.ts';
import { defineEvent } from './define.ts';

export const reorderPlanned = defineEvent({
  type: 'reorder.planned',
  about: 'Inventory plans to order more of a SKU.',
  subject: 'sku',
  data: z.object({
    units: count,
    supplier: slug,
    expectedAt: instant,
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'reorder-plan', value: event.data }],
});
