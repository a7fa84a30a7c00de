import { z } from 'zod';
import { currency, label, minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const orderPaid = defineEvent({
  type: 'order.paid',
  about: 'The payment of an order was captured.',
  subject: 'order',
  data: z.object({
    currency,
    minor,
    gateway: label.optional(),
  }),
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'paid', value: { at: event.time, minor: event.data.minor } },
  ],
});
