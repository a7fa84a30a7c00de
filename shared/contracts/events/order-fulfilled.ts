import { z } from 'zod';
import { count, externalId, instant, label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const orderFulfilled = defineEvent({
  type: 'order.fulfilled',
  about: 'Goods of an order were handed to a carrier.',
  subject: 'order',
  data: z.object({
    fulfilment: externalId,
    carrier: label,
    promisedAt: instant.optional(),
    complete: z.boolean(),
    customer: externalId.optional(),
    /** Units of goods in this parcel. */
    units: count.optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'fulfilled',
      value: { at: event.time, carrier: event.data.carrier, complete: event.data.complete },
    },
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'shipment',
      value: { status: 'in-transit', carrier: event.data.carrier, promisedAt: event.data.promisedAt },
    },
  ],
});
