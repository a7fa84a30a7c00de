import { z } from 'zod';
import { count, label, sku } from '../fields.ts';
import { defineEvent } from './define.ts';

export const mentionDetected = defineEvent({
  type: 'mention.detected',
  about: 'Somebody with reach wrote about the shop or one of its SKUs.',
  subject: 'store',
  data: z.object({
    sku: sku.optional(),
    source: label,
    sentiment: z.enum(['positive', 'neutral', 'negative']),
    reach: count,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'mention',
      value: { source: event.data.source, sentiment: event.data.sentiment, reach: event.data.reach },
    },
  ],
});
