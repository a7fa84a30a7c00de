import { z } from 'zod';
import { currency, minor, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const feedPush = defineAction({
  type: 'feed.push',
  about: 'Tells marketplaces and shopping portals the price of a SKU.',
  params: z.strictObject({
    sku,
    priceMinor: minor.min(1),
    currency,
  }),
  protective: false,
  customerVisible: true,
  // What is advertised, not what is asked: the list price is another's.
  hold: { aspect: 'promotion', exclusive: false },
  moves: ['net-price'],
  reads: ['price', 'cost', 'feed-price'],
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ feedMinor: params.priceMinor }),
  impact: () => NO_IMPACT,
  writes: (params, leaf) => [
    { resource: leaf, attribute: 'feed-price', value: { minor: params.priceMinor, currency: params.currency } },
  ],
  noop: (params, leaf, facts) => facts.get(leaf, 'feed-price')?.value.minor === params.priceMinor,
});
