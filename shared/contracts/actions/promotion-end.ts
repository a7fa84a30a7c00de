import { z } from 'zod';
import { expectedUnits } from '../demand.ts';
import { label } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const promotionEnd = defineAction({
  type: 'promotion.end',
  about: 'Ends a promotion for good.',
  params: z.strictObject({
    target: resourceKey,
    title: label.optional(),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: [],
  reads: ['promotions'],
  target: (params) => params.target,
  window: (_params, now) => ({ from: now }),
  layer: () => ({ state: 'ended' }),
  impact: (_params, leaf, facts) => {
    const units = expectedUnits(leaf, facts, undefined, undefined);
    return { ...NO_IMPACT, units };
  },
  writes: (_params, leaf) => [{ resource: leaf, attribute: 'promotions', value: null }],
  resolve: { title: 'first' },
  noop: (_params, leaf, facts) => Object.keys(facts.get(leaf, 'promotions')?.value ?? {}).length === 0,
});
