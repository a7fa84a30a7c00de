import { z } from 'zod';
import { currency, externalId, label, minor } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

export const refundIssue = defineAction({
  type: 'refund.issue',
  about: 'Refunds a part of an order.',
  params: z.strictObject({
    order: externalId,
    amountMinor: minor.min(1),
    currency,
    note: label,
    /** Whether the goods go back on the shelf. */
    restock: z.boolean().optional(),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'refund', exclusive: false },
  moves: ['refundable', 'spend'],
  reads: ['placed', 'paid', 'refunded', 'dispute', 'disputes', 'cancelled', 'damaged'],
  target: (params) => resource('order', params.order),
  window: (_params, now) => ({ from: now }),
  layer: (params) => ({
    refundMinor: params.amountMinor,
    spendMinor: params.amountMinor,
    ...(params.restock ? { restocks: true } : {}),
  }),
  impact: (params) => ({ ...NO_IMPACT, cashMinor: params.amountMinor, marginMinor: params.amountMinor, customers: 1 }),
  writes: (params, leaf) => [{ resource: leaf, attribute: 'refunded', value: params.amountMinor }],
});
