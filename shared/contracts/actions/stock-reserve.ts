import { z } from 'zod';
import { count, instant, label, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const stockReserve = defineAction({
  type: 'stock.reserve',
  about: 'Keeps units of a SKU for a purpose, for a time.',
  params: z.strictObject({
    sku,
    units: count.min(1),
    until: instant,
    purpose: label,
  }),
  protective: false,
  customerVisible: false,
  hold: { aspect: 'stock', exclusive: false },
  moves: ['available-to-promise'],
  reads: ['available', 'price', 'product'],
  target: (params) => resource('sku', params.sku),
  window: (params, now) => ({ from: now, to: params.until }),
  layer: (params) => ({ units: params.units }),
  impact: (params, leaf, facts) => ({
    ...NO_IMPACT,
    units: params.units,
    revenueMinor: params.units * (facts.get(leaf, 'price')?.value.minor ?? 0),
  }),
  writes: () => [],
});
