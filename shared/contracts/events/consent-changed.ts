import { z } from 'zod';
import { defineEvent } from './define.ts';

export const consentChanged = defineEvent({
  type: 'consent.changed',
  about: 'A customer gave or withdrew consent to marketing mail.',
  subject: 'customer',
  data: z.object({
    email: z.boolean(),
  }),
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'consent', value: { email: event.data.email } },
  ],
});
