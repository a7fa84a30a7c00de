import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const orderHeld = defineEvent({
  type: 'order.held',
  about: 'Work on an order was put on hold, or a hold was released.',
  subject: 'order',
  data: z.object({
    handle: label,
    held: z.boolean(),
    holdReason: label.optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'held',
      value: { handle: event.data.handle, held: event.data.held, reason: event.data.holdReason },
    },
    event.data.held
      ? {
          fold: 'collect',
          resource: event.subject,
          attribute: 'holds',
          key: event.data.handle,
          value: { at: event.time, reason: event.data.holdReason },
        }
      : { fold: 'drop', resource: event.subject, attribute: 'holds', key: event.data.handle },
  ],
});
