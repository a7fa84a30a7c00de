import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const customerChanged = defineEvent({
  type: 'customer.changed',
  about: 'A customer was created or changed; name and address stay out of the event.',
  subject: 'customer',
  data: z.object({
    country: label.optional(),
    tags: z.array(label).max(50).optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'profile',
      value: { country: event.data.country, tags: event.data.tags },
    },
  ],
});
