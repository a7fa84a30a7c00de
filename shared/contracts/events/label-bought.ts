import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const labelBought = defineEvent({
  type: 'label.bought',
  about: 'The label for the parcel of an order was bought: where it goes and how is settled.',
  subject: 'order',
  data: z.object({
    carrier: label,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'label',
      value: { at: event.time, carrier: event.data.carrier },
    },
  ],
});
