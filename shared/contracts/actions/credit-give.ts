import { z } from 'zod';
import { currency, externalId, label, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const creditGive = defineAction({
  type: 'credit.give',
  about: 'Gives a customer store credit as goodwill.',
  params: z.strictObject({
    customer: externalId,
    order: externalId.optional(),
    amountMinor: minor.min(1),
    currency,
    note: label,
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'spend', exclusive: false },
  moves: ['spend'],
  reads: ['orders', 'spent', 'disputes'],
  target: (params) => resource('customer', params.customer),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({ spendMinor: params.amountMinor }),
  impact: (params) => ({ ...NO_IMPACT, cashMinor: params.amountMinor, marginMinor: params.amountMinor, customers: 1 }),
  writes: () => [],
  resolve: { amountMinor: 'max', note: 'first' },
});
