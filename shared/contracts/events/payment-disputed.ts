import { z } from 'zod';
import type { Instant } from '#shared/kernel/time.ts';
import { currency, externalId, minor } from '../fields.ts';
import { type ResourceKey, resource } from '../resource.ts';
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
    stateOf(event.subject, event.data, event.time),
    ...(event.data.customer === undefined
      ? []
      : [stateOf(resource('customer', event.data.customer), event.data, event.time)]),
  ],
});

/** What is closed is kept too, so that it stays closed when its opening is told late. */
function stateOf(of: ResourceKey, { dispute, state }: { dispute: string; state: string }, at: Instant): FactChange {
  return { fold: 'collect', resource: of, attribute: 'disputes', key: dispute, value: { at, state } };
}
