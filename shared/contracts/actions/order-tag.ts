import { z } from 'zod';
import { externalId, label } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const orderTag = defineAction({
  type: 'order.tag',
  about: 'Puts a tag on an order, for people to see.',
  params: z.strictObject({
    order: externalId,
    tag: label.min(1).max(40),
  }),
  protective: false,
  customerVisible: false,
  moves: [],
  reads: ['tags'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: () => ({}),
  impact: () => NO_IMPACT,
  writes: () => [],
  noop: (params, leaf, facts) => facts.get(leaf, 'tags')?.value.includes(params.tag) ?? false,
});
