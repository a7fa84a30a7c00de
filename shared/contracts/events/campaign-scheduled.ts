import { z } from 'zod';
import { basisPoints, instant, label, sku, slug } from '../fields.ts';
import { defineEvent } from './define.ts';

export const campaignScheduled = defineEvent({
  type: 'campaign.scheduled',
  about: "The merchant's marketing calendar holds a campaign.",
  subject: 'campaign',
  data: z.object({
    name: label,
    skus: z.array(sku).max(50),
    category: slug.optional(),
    discountBasisPoints: basisPoints,
    startsAt: instant,
    endsAt: instant,
    audience: z.enum(['subscribers', 'none']),
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'calendar', value: event.data }],
});
