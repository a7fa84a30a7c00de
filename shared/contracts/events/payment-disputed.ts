import { z } from 'zod';
import { currency, externalId, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const paymentDisputed = defineEvent({
  type: 'payment.disputed',
  about: 'A customer disputed a charge with the bank.',
  subject: 'order',
  data: z.object({
    dispute: externalId,
    minor,
    currency,
    state: z.enum(['open', 'won', 'lost']),
    customer: externalId.optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'dispute',
      value: { state: event.data.state, minor: event.data.minor },
    },
  ],
});
