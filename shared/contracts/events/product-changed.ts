import { z } from 'zod';
import { externalId, label, slug } from '../fields.ts';
import { defineEvent } from './define.ts';

export const productChanged = defineEvent({
  type: 'product.changed',
  about: 'A variant was created or described anew.',
  subject: 'sku',
  data: z.object({
    title: label,
    product: externalId,
    variant: externalId,
    /** Absent where the store keeps no stock of it. */
    inventoryItem: externalId.optional(),
    supplier: slug.optional(),
    lifecycle: z.enum(['active', 'draft', 'archived']),
  }),
  facts: (event) => [
    { fold: 'level', resource: event.subject, attribute: 'title', value: event.data.title },
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'product',
      value: { product: event.data.product, variant: event.data.variant, inventoryItem: event.data.inventoryItem },
    },
    { fold: 'level', resource: event.subject, attribute: 'lifecycle', value: event.data.lifecycle },
    ...(event.data.supplier
      ? [{ fold: 'level', resource: event.subject, attribute: 'supplier', value: event.data.supplier } as const]
      : []),
  ],
});
