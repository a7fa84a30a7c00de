import { z } from 'zod';
import { change, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const stockCorrect = defineAction({
  type: 'stock.correct',
  about: 'Sets the stock level of a SKU to what was counted, if it still is what it was believed to be.',
  params: z.strictObject({
    sku,
    level: change,
    expected: change,
  }),
  protective: true,
  customerVisible: false,
  hold: { aspect: 'stock', exclusive: false },
  moves: ['available-to-promise'],
  reads: ['stock', 'available', 'product'],
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({
    units: params.expected - params.level,
    counted: { level: params.level, expected: params.expected },
  }),
  impact: (params) => ({ ...NO_IMPACT, units: Math.abs(params.level - params.expected) }),
  writes: (params, leaf) => [{ resource: leaf, attribute: 'stock', value: params.level }],
  noop: (params, leaf, facts) => facts.get(leaf, 'stock')?.value === params.level,
});
