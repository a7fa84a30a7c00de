import { z } from 'zod';
import { slug } from '../fields.ts';
import { defineEvent } from './define.ts';

export const categoryChanged = defineEvent({
  type: 'category.changed',
  about: 'A SKU joined a category, or moved to another.',
  subject: 'sku',
  data: z.object({
    category: slug,
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'category', value: event.data.category }],
});
