import { z } from 'zod';
import { count } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent } from './define.ts';

export const stockWrittenOff = defineEvent({
  type: 'stock.written-off',
  about: 'Units were written off: damaged, lost, or miscounted. The level that follows says what is left.',
  subject: 'sku',
  data: z.object({
    units: count,
    cause: z.enum(['damaged', 'lost', 'check', 'other']),
  }),
  facts: (event) => [
    { fold: 'count', resource: event.subject, attribute: 'written-off-total', by: event.data.units },
    { fold: 'count', resource: resource('store', event.store), attribute: 'write-offs', by: 1 },
  ],
});
