import { amount, amountLevel } from './amount.ts';
import { defineEvent } from './define.ts';

export const priceChanged = defineEvent({
  type: 'price.changed',
  about: 'The list price of a SKU changed in the store.',
  subject: 'sku',
  data: amount,
  facts: (event) => [
    amountLevel('price', event),
    {
      fold: 'collect',
      resource: event.subject,
      attribute: 'price-history',
      key: event.time,
      value: { minor: event.data.minor },
    },
  ],
});
