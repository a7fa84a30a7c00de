import { z } from 'zod';
import { count, externalId, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderSplit = defineAction({
  type: 'order.split',
  about: 'Splits an order, so that what is in stock can leave now.',
  params: z.strictObject({
    order: externalId,
    later: z
      .array(z.strictObject({ sku, units: count.min(1) }))
      .min(1)
      .max(250),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'fulfilment', exclusive: true },
  moves: ['delivery'],
  reads: ['placed', 'lines', 'fulfilled', 'cancelled', 'label', 'held'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: () => ({ state: 'split' }),
  impact: (_params, leaf, facts) => ({
    ...NO_IMPACT,
    revenueMinor: facts.get(leaf, 'placed')?.value.totalMinor ?? 0,
    customers: 1,
  }),
  writes: () => [],
});
