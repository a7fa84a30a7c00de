import { z } from 'zod';
import { expectedUnits } from '../demand.ts';
import { instant } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const promotionPause = defineAction({
  type: 'promotion.pause',
  about: 'Pauses the promotions that run on a SKU, so that nothing is promoted that cannot be sold.',
  params: z.strictObject({
    target: resourceKey,
    until: instant.optional(),
  }),
  protective: true,
  single: true,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: [],
  opposes: ['promotion.launch'],
  reads: ['promotions'],
  target: (params) => params.target,
  window: (params, now) => ({ from: now, ...(params.until ? { to: params.until } : {}) }),
  layer: () => ({ state: 'paused' }),
  impact: (_params, leaf, facts) => {
    const units = expectedUnits(leaf, facts, undefined, undefined);
    return { ...NO_IMPACT, units };
  },
  writes: (_params, leaf) => [{ resource: leaf, attribute: 'promotions', value: null }],
  resolve: { until: 'latest' },
  noop: (_params, leaf, facts) => Object.keys(facts.get(leaf, 'promotions')?.value ?? {}).length === 0,
});
