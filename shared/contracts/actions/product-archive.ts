import { z } from 'zod';
import { expectedUnits } from '../demand.ts';
import { sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const productArchive = defineAction({
  type: 'product.archive',
  about: 'Takes a SKU out of the shop for good.',
  params: z.strictObject({
    sku,
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'lifecycle', exclusive: true },
  moves: ['cover'],
  opposes: ['reorder.place', 'promotion.launch'],
  reads: ['lifecycle', 'available', 'price', 'sold', 'product', 'price-plan'],
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: () => ({ lifecycle: 'archived' }),
  impact: (_params, leaf, facts) => {
    const units = expectedUnits(leaf, facts);
    return { ...NO_IMPACT, units, revenueMinor: units * (facts.get(leaf, 'price')?.value.minor ?? 0) };
  },
  writes: (_params, leaf) => [{ resource: leaf, attribute: 'lifecycle', value: 'archived' }],
  noop: (_params, leaf, facts) => facts.get(leaf, 'lifecycle')?.value === 'archived',
});
