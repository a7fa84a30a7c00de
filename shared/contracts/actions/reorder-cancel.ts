import { z } from 'zod';
import { sku, slug } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const reorderCancel = defineAction({
  type: 'reorder.cancel',
  about: 'Cancels an open order at a supplier.',
  params: z.strictObject({
    sku,
    supplier: slug,
  }),
  protective: false,
  customerVisible: false,
  hold: { aspect: 'reorder', exclusive: false },
  moves: ['spend', 'cover'],
  opposes: ['reorder.place'],
  reads: ['available'],
  target: (params) => resource('sku', params.sku),
  window: (_params, now) => ({ from: now }),
  layer: () => ({ state: 'cancelled' }),
  impact: () => NO_IMPACT,
  writes: () => [],
});
