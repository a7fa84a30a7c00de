import { z } from 'zod';
import { basisPoints, instant, sku } from '../fields.ts';
import { defineEvent } from './define.ts';

export const campaignPlanned = defineEvent({
  type: 'campaign.planned',
  about: 'Marketing plans a campaign.',
  subject: 'campaign',
  data: z.object({
    skus: z.array(sku).max(50),
    discountBasisPoints: basisPoints,
    startsAt: instant,
    endsAt: instant,
  }),
  facts: (event) => [{ fold: 'level', resource: event.subject, attribute: 'plan', value: event.data }],
});
