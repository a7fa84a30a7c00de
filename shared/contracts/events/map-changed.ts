import { z } from 'zod';
import { currency, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const mapChanged = defineEvent({
  type: 'map.changed',
  about: 'A supplier named the lowest price at which a SKU may be advertised.',
  subject: 'sku',
  data: z.object({
    minor,
    currency,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'map',
      value: { minor: event.data.minor, currency: event.data.currency },
    },
  ],
});
