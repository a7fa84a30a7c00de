import { z } from 'zod';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { externalId, label } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

/** How long a contact counts towards how often a customer is written to. */
const CONTACT_MS = DAY_MS;

export const noticeSend = defineAction({
  type: 'notice.send',
  about: 'Tells one customer something about an order: a delay, a cancellation, an answer.',
  params: z.strictObject({
    customer: externalId,
    order: externalId.optional(),
    topic: z.enum(['delay', 'cancellation', 'answer', 'back-in-stock', 'split']),
    subject: label.min(1),
    text: z.string().min(1).max(2_000),
  }),
  protective: true,
  customerVisible: true,
  hold: { aspect: 'contact', exclusive: false },
  moves: ['contacts'],
  reads: ['contacted', 'consent', 'complaint'],
  target: (params) => resource('customer', params.customer),
  window: (_params, now) => ({ from: now, to: plus(now, CONTACT_MS) }),
  layer: () => ({ contacts: 1 }),
  impact: () => ({ ...NO_IMPACT, customers: 1 }),
  writes: () => [],
  resolve: { subject: 'first', text: 'first' },
});
