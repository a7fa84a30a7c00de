import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const orderChanged = defineEvent({
  type: 'order.changed',
  about: 'Somebody edited an order: its tags, its note, its address.',
  subject: 'order',
  data: z.object({
    tags: z.array(label).max(250),
    addressChanged: z.boolean().optional(),
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'tags', value: event.data.tags }],
});
