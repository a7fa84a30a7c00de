import { z } from 'zod';
import { count } from '../fields.ts';
import { defineEvent } from './define.ts';

export const trafficSpiked = defineEvent({
  type: 'traffic.spiked',
  about: 'Far more people than usual look at a SKU.',
  subject: 'sku',
  data: z.object({
    views: count,
    baselineViews: count,
    windowMinutes: count,
  }),
  facts: (event) => [{ fold: 'daily', resource: event.subject, attribute: 'views', by: event.data.views }],
});
