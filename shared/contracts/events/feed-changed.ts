import { amount, amountLevel } from './amount.ts';
import { defineEvent } from './define.ts';

export const feedChanged = defineEvent({
  type: 'feed.changed',
  about: 'Marketplaces and portals show another price of a SKU.',
  subject: 'sku',
  data: amount,
  facts: (event) => [amountLevel('feed-price', event)],
});
