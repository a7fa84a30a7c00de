import { z } from 'zod';
import { minor } from '../fields.ts';
import { defineEvent } from './define.ts';

export const pricePlanned = defineEvent({
  type: 'price.planned',
  about: 'Pricing plans to move the list price of a SKU; says what people had set, so that it can find back there.',
  subject: 'sku',
  data: z.object({
    method: z.enum(['competitor', 'cost', 'scarcity', 'restore']),
    fromMinor: minor,
    toMinor: minor,
    /** The range within which the coordinator may have adjusted the price. */
    lowMinor: minor,
    highMinor: minor,
    /** The list price as people last set it. */
    referenceMinor: minor,
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'price-plan', value: event.data }],
});
