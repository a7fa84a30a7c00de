import { z } from 'zod';
import { currency, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const priceChanged = defineEvent({
  type: 'price.changed',
  about: 'The list price of a SKU changed in the store.',
  subject: 'sku',
  data: z.object({
    minor,
    currency,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'price',
      value: { minor: event.data.minor, currency: event.data.currency },
    },
    {
      fold: 'collect',
      resource: event.subject,
      attribute: 'price-history',
      key: event.time,
      value: { minor: event.data.minor },
    },
  ],
});
