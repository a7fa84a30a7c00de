import { z } from 'zod';
import { count, instant, sku, slug } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const reorderPlace = defineAction({
  type: 'reorder.place',
  about: 'Orders units of a SKU from its supplier.',
  params: z.strictObject({
    sku,
    supplier: slug,
    units: count.min(1),
    expectedAt: instant,
  }),
  protective: false,
  single: true,
  customerVisible: false,
  hold: { aspect: 'reorder', exclusive: false },
  moves: ['spend', 'cover'],
  reads: ['cost', 'price', 'available', 'sold', 'lifecycle', 'supplier', 'price-plan'],
  target: (params) => resource('sku', params.sku),
  window: (params, now) => ({ from: now, to: params.expectedAt }),
  layer: (params, leaf, facts) => ({
    reorderUnits: params.units,
    spendMinor: params.units * (facts.get(leaf, 'cost')?.value.minor ?? 0),
  }),
  impact: (params, leaf, facts) => ({
    ...NO_IMPACT,
    units: params.units,
    cashMinor: params.units * (facts.get(leaf, 'cost')?.value.minor ?? 0),
  }),
  writes: () => [],
  inverse: (params) => ({ action: 'reorder.cancel', params: { sku: params.sku, supplier: params.supplier } }),
  resolve: { units: 'max', expectedAt: 'earliest' },
});
