import { z } from 'zod';
import { externalId, label } from '../fields.ts';
import { holdsOn } from '../holds.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderRelease = defineAction({
  type: 'order.release',
  about: 'Releases a hold that the same agent placed, by its handle.',
  params: z.strictObject({
    order: externalId,
    handle: label.min(1).max(64),
  }),
  protective: false,
  customerVisible: false,
  hold: { aspect: 'fulfilment', exclusive: false },
  moves: ['delivery'],
  reads: ['placed', 'held', 'holds', 'risk', 'cancelled'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ state: 'released', releases: params.handle }),
  impact: (_params, leaf, facts) => ({
    ...NO_IMPACT,
    revenueMinor: facts.get(leaf, 'placed')?.value.totalMinor ?? 0,
    customers: 1,
  }),
  writes: (params, leaf) => [{ resource: leaf, attribute: 'held', value: { handle: params.handle, held: false } }],
  noop: (_params, leaf, facts) => holdsOn(leaf, facts).length === 0,
});
