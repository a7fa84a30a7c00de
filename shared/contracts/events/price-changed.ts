import type { z } from 'zod';
import type { Envelope } from '../envelope.ts';
import { amount, amountLevel } from './amount.ts';
import { defineEvent, type FactChange } from './define.ts';

export const priceChanged = defineEvent({
  type: 'price.changed',
  about: 'The list price of a SKU changed in the store.',
  subject: 'sku',
  data: amount,
  facts: (event) => [amountLevel('price', event), priceAt(event)],
});

/** One of the prices of the past, by the time from which on it was asked. */
export function priceAt(event: Envelope<z.infer<typeof amount>>): FactChange {
  const { minor } = event.data;
  return { fold: 'collect', resource: event.subject, attribute: 'price-history', key: event.time, value: { minor } };
}
