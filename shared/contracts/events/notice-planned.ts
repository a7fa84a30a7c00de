import { z } from 'zod';
import { label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const noticePlanned = defineEvent({
  type: 'notice.planned',
  about:
    'Support plans to tell a customer something about an order, or to make up for it; nobody needs to do so twice.',
  subject: 'order',
  data: z.object({
    topics: z
      .array(
        z.object({
          topic: z.enum(['delay', 'cancellation', 'answer', 'goodwill', 'dispute']),
          /** What exactly was said: the estimate, the state of the parcel, the amount. */
          about: label,
        }),
      )
      .min(1)
      .max(5),
  }),
  facts: (event) =>
    event.data.topics.map(({ topic, about }) => ({
      fold: 'collect',
      resource: event.subject,
      attribute: 'told',
      key: topic,
      value: { at: event.time, about },
    })),
});
