import { z } from 'zod';
import { count } from '../fields.ts';
import { defineEvent } from './define.ts';

export const supplierListed = defineEvent({
  type: 'supplier.listed',
  about: 'The terms of a supplier.',
  subject: 'supplier',
  data: z.object({
    leadTimeDays: count,
    leadTimeSdDays: z.number().min(0).max(365),
    minimumOrderUnits: count,
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'terms', value: event.data }],
});
