import { z } from 'zod';
import { currency, externalId, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineEvent, type FactChange } from './define.ts';

export const paymentDisputed = defineEvent({
  type: 'payment.disputed',
  about: 'A customer disputed a charge with the bank.',
  subject: 'order',
  data: z.object({
    dispute: externalId,
    minor,
    currency,
    state: z.enum(['open', 'won', 'lost']),
    customer: externalId.optional(),
  }),
  facts: (event) => [
    {
      fold: 'level',
      resource: event.subject,
      attribute: 'dispute',
      value: { state: event.data.state, minor: event.data.minor },
    },
    ...(event.data.customer === undefined
      ? []
      : [ofCustomer(event.data.customer, event.data.dispute, event.data.state, event.time)]),
  ],
});

/** A customer is in dispute with the shop as long as one charge is. */
function ofCustomer(name: string, dispute: string, state: string, at: string): FactChange {
  const customer = resource('customer', name);
  return state === 'open'
    ? { fold: 'collect', resource: customer, attribute: 'disputes', key: dispute, value: { at } }
    : { fold: 'drop', resource: customer, attribute: 'disputes', key: dispute };
}
