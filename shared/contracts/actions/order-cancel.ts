import { z } from 'zod';
import { externalId } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderCancel = defineAction({
  type: 'order.cancel',
  about: 'Cancels an order.',
  params: z.strictObject({
    order: externalId,
    cancelReason: z.enum(['customer', 'fraud', 'inventory', 'declined', 'other']),
    restock: z.boolean(),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'fulfilment', exclusive: true },
  moves: ['refundable', 'delivery'],
  reads: ['placed', 'paid', 'fulfilled', 'cancelled', 'refunded', 'damaged', 'label', 'held'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ state: 'cancelled', restocks: params.restock }),
  impact: (_params, leaf, facts) => ({
    ...NO_IMPACT,
    revenueMinor: facts.get(leaf, 'placed')?.value.totalMinor ?? 0,
    customers: 1,
  }),
  writes: (_params, leaf) => [{ resource: leaf, attribute: 'cancelled', value: true }],
  noop: (_params, leaf, facts) => facts.get(leaf, 'cancelled') !== undefined,
});
