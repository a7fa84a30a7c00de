import { z } from 'zod';
import { minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const markdownPlanned = defineEvent({
  type: 'markdown.planned',
  about: 'Pricing plans to mark a SKU down because too much of it lies on the shelf.',
  subject: 'sku',
  data: z.object({
    fromMinor: minor,
    toMinor: minor,
    coverDays: z.number().min(0),
    /** The list price as people last set it, below which the markdown lies. */
    referenceMinor: minor.optional(),
    lowMinor: minor.optional(),
    highMinor: minor.optional(),
  }),
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'markdown-plan', value: event.data },
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'price-plan',
      value: {
        method: 'markdown',
        fromMinor: event.data.fromMinor,
        toMinor: event.data.toMinor,
        lowMinor: event.data.lowMinor ?? event.data.toMinor,
        highMinor: event.data.highMinor ?? event.data.toMinor,
        referenceMinor: event.data.referenceMinor ?? event.data.fromMinor,
      },
    },
  ],
});
