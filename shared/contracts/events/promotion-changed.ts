import { z } from 'zod';
import { basisPoints, externalId, instant, label } from '../fields.ts';
import { defineEvent } from './define.ts';

export const promotionChanged = defineEvent({
  type: 'promotion.changed',
  about: 'A discount on a SKU was launched, changed or ended in the store.',
  subject: 'sku',
  data: z.object({
    promotion: externalId,
    title: label,
    discountBasisPoints: basisPoints,
    startsAt: instant,
    endsAt: instant.optional(),
    active: z.boolean(),
  }),
  facts: (event) => [
    event.data.active
      ? {
          fold: 'collect',
          resource: event.subject,
          attribute: 'promotions',
          key: event.data.promotion,
          value: {
            title: event.data.title,
            discountBasisPoints: event.data.discountBasisPoints,
            startsAt: event.data.startsAt,
            endsAt: event.data.endsAt,
          },
        }
      : { fold: 'drop', resource: event.subject, attribute: 'promotions', key: event.data.promotion },
  ],
});
