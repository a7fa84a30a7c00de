import { z } from 'zod';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { externalId, label, sku } from '../fields.ts';
import { resource } from '../resource.ts';
import { defineAction, NO_IMPACT } from './define.ts';

/** How long a contact counts towards how often a customer is written to. */
const CONTACT_MS = DAY_MS;

export const campaignSend = defineAction({
  type: 'campaign.send',
  about: 'Mails a campaign to customers who consented.',
  params: z.strictObject({
    customer: externalId,
    campaign: externalId,
    subject: label.min(1),
    text: z.string().min(1).max(2_000),
    sku: sku.optional(),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'contact', exclusive: false },
  moves: ['contacts'],
  reads: ['contacted', 'consent', 'complaint', 'last-order'],
  target: (params) => resource('customer', params.customer),
  window: (_params, now) => ({ from: now, to: plus(now, CONTACT_MS) }),
  layer: () => ({ contacts: 1 }),
  impact: () => ({ ...NO_IMPACT, customers: 1 }),
  writes: () => [],
});
