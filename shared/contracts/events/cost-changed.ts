import { amount, amountLevel } from './amount.ts';
import { defineEvent } from './define.ts';

export const costChanged = defineEvent({
  type: 'cost.changed',
  about: 'What a SKU costs the shop changed.',
  subject: 'sku',
  data: amount,
  facts: (event) => [amountLevel('cost', event)],
});
