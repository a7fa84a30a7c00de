import { amount, amountLevel } from './amount.ts';
import { defineEvent } from './define.ts';

export const mapChanged = defineEvent({
  type: 'map.changed',
  about: 'A supplier named the lowest price at which a SKU may be advertised.',
  subject: 'sku',
  data: amount,
  facts: (event) => [amountLevel('map', event)],
});
