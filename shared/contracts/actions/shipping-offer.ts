import { z } from 'zod';
import { expectedUnits } from '../demand.ts';
import { instant, label, minor } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const shippingOffer = defineAction({
  type: 'shipping.offer',
  about: 'Sends a SKU free of charge, or cheaper, for a time.',
  params: z.strictObject({
    target: resourceKey,
    /** What the shop pays of the shipping of one unit. */
    subsidyMinor: minor.min(1),
    startsAt: instant,
    endsAt: instant,
    title: label.min(1),
  }),
  protective: false,
  single: true,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: ['net-price'],
  reads: ['price', 'cost', 'sold', 'price-history', 'map'],
  target: (params) => params.target,
  window: (params) => ({ from: params.startsAt, to: params.endsAt }),
  layer: (params) => ({ subsidyMinor: params.subsidyMinor }),
  impact: (params, leaf, facts) => {
    const units = expectedUnits(leaf, facts, params.startsAt, params.endsAt);
    return { ...NO_IMPACT, units, marginMinor: params.subsidyMinor * units };
  },
  writes: () => [],
});
