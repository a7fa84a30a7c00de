import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const orderFlagged = defineEvent({
  type: 'order.flagged',
  about: 'The platform or the payment provider judged the risk of an order.',
  subject: 'order',
  data: z.object({
    level: z.enum(['low', 'medium', 'high']),
    signals: z.array(label).max(20),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'risk',
      value: { level: event.data.level, signals: event.data.signals },
    },
  ],
});
