import { z } from 'zod';
import { externalId, instant, label } from '../fields.ts';
import { nameOf, resource } from '../resource.ts';
import { defineEvent } from './define.ts';

export const shipmentDelayed = defineEvent({
  type: 'shipment.delayed',
  about: 'A carrier says that a parcel will be late.',
  subject: 'order',
  data: z.object({
    fulfilment: externalId,
    carrier: label,
    estimatedAt: instant,
    promisedAt: instant.optional(),
    customer: externalId.optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'shipment',
      value: {
        status: 'delayed',
        carrier: event.data.carrier,
        estimatedAt: event.data.estimatedAt,
        promisedAt: event.data.promisedAt,
      },
    },
    ...(event.data.customer === undefined
      ? []
      : [
          {
            fold: 'collect',
            resource: resource('customer', event.data.customer),
            attribute: 'late',
            key: nameOf(event.subject),
            value: { estimatedAt: event.data.estimatedAt },
          } as const,
        ]),
  ],
});
