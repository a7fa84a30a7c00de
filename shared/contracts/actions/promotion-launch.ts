import { z } from 'zod';
import { shareOf } from '#shared/kernel/money.ts';
import { expectedUnits, promotedUnits } from '../demand.ts';
import { basisPoints, instant, label } from '../fields.ts';
import { resourceKey } from '../resource.ts';
import { defineAction } from './define.ts';

export const promotionLaunch = defineAction({
  type: 'promotion.launch',
  about: 'Launches an automatic discount on a SKU or on a whole category.',
  params: z.strictObject({
    target: resourceKey,
    discountBasisPoints: basisPoints.min(1),
    startsAt: instant,
    endsAt: instant,
    title: label.min(1),
    combines: z.boolean(),
    /** Without it the discount is automatic, and the advertised price falls with it. */
    code: label.min(1).max(40).optional(),
  }),
  protective: false,
  single: true,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: ['net-price', 'available-to-promise'],
  reads: [
    ...(['price', 'cost', 'sold', 'promotions', 'available', 'product'] as const),
    ...(['price-history', 'map', 'price-plan', 'lifecycle'] as const),
  ],
  target: (params) => params.target,
  window: (params) => ({ from: params.startsAt, to: params.endsAt }),
  layer: (params, leaf, facts) => ({
    discountBasisPoints: params.discountBasisPoints,
    ...(params.combines ? {} : { alone: true }),
    ...(params.code === undefined ? {} : { byCode: true }),
    demandUnits: promotedUnits(leaf, facts, params.discountBasisPoints, params.startsAt, params.endsAt),
  }),
  impact: (params, leaf, facts) => {
    const units = expectedUnits(leaf, facts, params.startsAt, params.endsAt);
    const price = facts.get(leaf, 'price')?.value.minor ?? 0;
    const marginMinor = shareOf(price, params.discountBasisPoints) * units;
    return { revenueMinor: price * units, marginMinor, cashMinor: 0, units, customers: 0 };
  },
  writes: (params, leaf) => [
    {
      resource: leaf,
      attribute: 'promotions',
      value: { title: params.title, discountBasisPoints: params.discountBasisPoints },
    },
  ],
  inverse: (params) => ({ action: 'promotion.end', params: { target: params.target, title: params.title } }),
  resolve: { startsAt: 'earliest', endsAt: 'latest', title: 'first' },
});
