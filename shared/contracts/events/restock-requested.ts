import { z } from 'zod';
import { externalId } from '../fields.ts';
import { defineEvent } from './define.ts';

export const restockRequested = defineEvent({
  type: 'restock.requested',
  about: 'A customer asked to be told when a SKU is back.',
  subject: 'sku',
  data: z.object({
    customer: externalId,
  }),
  facts: (event) => [
    {
      fold: 'collect',
      resource: event.subject,
      attribute: 'restock-subscribers',
      key: event.data.customer,
      value: { at: event.time },
    },
  ],
});
