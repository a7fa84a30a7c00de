import { z } from 'zod';
import { currency, label, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const competitorPriceChanged = defineEvent({
  type: 'competitor.price-changed',
  about: 'A competitor changed the price of the same article.',
  subject: 'sku',
  data: z.object({
    competitor: label,
    minor,
    currency,
  }),
  facts: (event) => [
    {
      fold: 'collect',
      resource: event.subject,
      attribute: 'competitor-prices',
      key: event.data.competitor,
      value: { minor: event.data.minor, currency: event.data.currency, at: event.time },
    },
  ],
});
