import { z } from 'zod';
import { currency, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const feedChanged = defineEvent({
  type: 'feed.changed',
  about: 'Marketplaces and portals show another price of a SKU.',
  subject: 'sku',
  data: z.object({
    minor,
    currency,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'feed-price',
      value: { minor: event.data.minor, currency: event.data.currency },
    },
  ],
});
