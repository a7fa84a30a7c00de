import { z } from 'zod';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { basisPoints, externalId, label } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

/** How long a coupon is taken to be in a customer's hands. */
export const COUPON_MS = 30 * DAY_MS;

export const couponGive = defineAction({
  type: 'coupon.give',
  about: 'Gives one customer a coupon: for a cart that was left, as a welcome, or to win the customer back.',
  params: z.strictObject({
    customer: externalId,
    discountBasisPoints: basisPoints.min(1),
    occasion: z.enum(['cart', 'welcome', 'win-back']),
    code: label.min(1).max(40),
  }),
  protective: false,
  single: true,
  customerVisible: true,
  hold: { aspect: 'promotion', exclusive: false },
  moves: ['coupons'],
  reads: ['coupons', 'last-order', 'consent', 'complaint', 'disputes'],
  target: (params) => resource('customer', params.customer),
  window: (_params, now) => ({ from: now, to: plus(now, COUPON_MS) }),
  layer: () => ({ coupons: 1 }),
  impact: () => ({ ...NO_IMPACT, customers: 1 }),
  writes: () => [],
});
