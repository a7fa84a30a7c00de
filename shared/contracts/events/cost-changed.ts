import { z } from 'zod';
import { currency, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const costChanged = defineEvent({
  type: 'cost.changed',
  about: 'What a SKU costs the shop changed.',
  subject: 'sku',
  data: z.object({
    minor,
    currency,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'cost',
      value: { minor: event.data.minor, currency: event.data.currency },
    },
  ],
});
