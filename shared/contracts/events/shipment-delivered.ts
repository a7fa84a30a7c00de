import { z } from 'zod';
import { externalId, label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const shipmentDelivered = defineEvent({
  type: 'shipment.delivered',
  about: 'A carrier delivered a parcel.',
  subject: 'order',
  data: z.object({
    fulfilment: externalId,
    carrier: label,
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'shipment',
      value: { status: 'delivered', carrier: event.data.carrier, at: event.time },
    },
  ],
});
