import { z } from 'zod';
import { externalId, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderUpgrade = defineAction({
  type: 'order.upgrade',
  about: 'Ships an order in another way than it was ordered: faster, free of charge, or to a corrected address.',
  params: z.strictObject({
    order: externalId,
    service: z.enum(['express', 'free', 'address']),
    /** What it costs the shop. */
    costMinor: minor,
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'fulfilment', exclusive: false },
  moves: ['delivery', 'spend'],
  reads: ['placed', 'fulfilled', 'cancelled', 'label', 'held', 'holds', 'risk'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ state: 'upgraded', spendMinor: params.costMinor }),
  impact: (params) => ({ ...NO_IMPACT, cashMinor: params.costMinor, marginMinor: params.costMinor, customers: 1 }),
  writes: () => [],
});
