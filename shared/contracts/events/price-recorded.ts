import { amount } from './amount.ts';
import { defineEvent } from './define.ts';
import { priceAt } from './price-changed.ts';

export const priceRecorded = defineEvent({
  type: 'price.recorded',
  about:
    'A list price of the past, told when a later one was known already. Nobody acts on it: it is what a reduction is measured by.',
  subject: 'sku',
  data: amount,
  facts: (event) => [priceAt(event)],
});
