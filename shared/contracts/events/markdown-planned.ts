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
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'markdown-plan', value: event.data }],
});
