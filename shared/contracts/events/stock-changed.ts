import { z } from 'zod';
import { change, externalId } from '../fields.ts';
import { defineEvent } from './define.ts';

export const stockChanged = defineEvent({
  type: 'stock.changed',
  about: 'The store says how many units it has.',
  subject: 'sku',
  data: z.object({
    level: change,
    location: externalId.optional(),
  }),
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'stock', value: event.data.level },
    { fold: 'stock-level', resource: event.subject, attribute: 'available', level: event.data.level },
  ],
});
