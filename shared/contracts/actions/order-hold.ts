import { z } from 'zod';
import { externalId, label } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderHold = defineAction({
  type: 'order.hold',
  about: 'Holds the fulfilment of an order under a handle of its own.',
  params: z.strictObject({
    order: externalId,
    handle: label.min(1).max(64),
    holdReason: z.enum(['fraud', 'payment', 'stock', 'address', 'other']),
    note: label,
  }),
  protective: true,
  customerVisible: false,
  hold: { aspect: 'fulfilment', exclusive: false },
  // No rule about the state of an order may keep anybody from holding it.
  moves: [],
  reads: ['placed', 'held', 'holds', 'fulfilled', 'cancelled'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: () => ({ state: 'held' }),
  impact: (_params, leaf, facts) => ({
    ...NO_IMPACT,
    revenueMinor: facts.get(leaf, 'placed')?.value.totalMinor ?? 0,
    customers: 1,
  }),
  writes: (params, leaf) => [{ resource: leaf, attribute: 'held', value: { handle: params.handle, held: true } }],
  inverse: (params) => ({ action: 'order.release', params: { order: params.order, handle: params.handle } }),
  resolve: { holdReason: 'first', note: 'first' },
  noop: (params, leaf, facts) => {
    const held = facts.get(leaf, 'held')?.value;
    return held?.held === true && held.handle === params.handle;
  },
});
