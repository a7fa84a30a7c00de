import { z } from 'zod';
import { expectedUnits } from '../demand.ts';
import { currency, minor, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction } from './define.ts';

export const priceSet = defineAction({
  type: 'price.set',
  about: 'Sets the list price of a SKU.',
  params: z.strictObject({
    sku,
    priceMinor: minor.min(1),
    currency,
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'price', exclusive: true },
  moves: ['net-price'],
  reads: ['price', 'cost', 'sold', 'promotions', 'product', 'price-history', 'map', 'feed-price', 'price-plan'],
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ priceMinor: params.priceMinor }),
  impact: (params, leaf, facts) => {
    const units = expectedUnits(leaf, facts);
    const before = facts.get(leaf, 'price')?.value.minor ?? params.priceMinor;
    const revenueMinor = Math.abs(params.priceMinor - before) * units;
    return { revenueMinor, marginMinor: revenueMinor, cashMinor: 0, units, customers: 0 };
  },
  writes: (params, leaf) => [
    { resource: leaf, attribute: 'price', value: { minor: params.priceMinor, currency: params.currency } },
  ],
  inverse: (params, leaf, before) => {
    const price = before.get(leaf, 'price')?.value;
    return (
      price && { action: 'price.set', params: { sku: params.sku, priceMinor: price.minor, currency: price.currency } }
    );
  },
  noop: (params, leaf, facts) => facts.get(leaf, 'price')?.value.minor === params.priceMinor,
});
