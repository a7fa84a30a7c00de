import { z } from 'zod';
import { externalId, label } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent } from './define.ts';

export const messageReceived = defineEvent({
  type: 'message.received',
  about: 'A customer wrote to the shop; the text stays with the delivery.',
  subject: 'message',
  data: z.object({
    customer: externalId.optional(),
    order: externalId.optional(),
    channel: label,
    topic: z.enum(['where-is-my-order', 'cancel', 'damaged', 'complaint', 'question']),
  }),
  facts: (event) => [
    ...(event.data.customer && (event.data.topic === 'complaint' || event.data.topic === 'damaged')
      ? [
          {
            fold: 'level',
            resource: resource('customer', event.data.customer),
            attribute: 'complaint',
            value: { open: true, at: event.time, message: event.subject },
          } as const,
        ]
      : []),
    ...(event.data.order && event.data.topic === 'damaged'
      ? [
          {
            fold: 'level',
            resource: resource('order', event.data.order),
            attribute: 'damaged',
            value: { at: event.time },
          } as const,
        ]
      : []),
  ],
});
