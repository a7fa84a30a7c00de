import { z } from 'zod';
import { externalId } from '../fields.ts';
import { defineEvent } from './define.ts';

export const restockAnnounced = defineEvent({
  type: 'restock.announced',
  about: 'Marketing tells these customers that a SKU is back; they wait for it no longer.',
  subject: 'sku',
  data: z.object({
    customers: z.array(externalId).min(1).max(64),
  }),
  facts: (event) =>
    event.data.customers.map((customer) => ({
      fold: 'drop',
      resource: event.subject,
      attribute: 'restock-subscribers',
      key: customer,
    })),
});
