import { z } from 'zod';
import { DAY_MS, type Instant, later, plus } from '#shared/kernel/time.ts';
import type { FactView } from '../facts.ts';
import { externalId, instant, label, sku, text } from '../fields.ts';
import { type ResourceKey, resource } from '../resource.ts';
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
    text: text(2_000).min(1),
    sku: sku.optional(),
    /** The day by which the mail says that an order arrives. */
    promisedAt: instant.optional(),
  }),
  protective: false,
  customerVisible: true,
  hold: { aspect: 'contact', exclusive: false },
  moves: ['contacts'],
  reads: ['contacted', 'consent', 'complaint', 'disputes', 'last-order', 'late', 'available', 'supply-delay'],
  target: (params) => resource('customer', params.customer),
  looksAt: (params) => (params.sku === undefined ? [] : [resource('sku', params.sku)]),
  window: (_params, now) => ({ from: now, to: plus(now, CONTACT_MS) }),
  layer: (params, leaf, facts) => {
    const item = params.sku === undefined ? undefined : resource('sku', params.sku);
    const available = item && facts.get(item, 'available')?.value.units;
    return {
      contacts: 1,
      ...(available === undefined ? {} : { offeredUnits: available }),
      ...(params.promisedAt === undefined ? {} : { overpromised: arrival(leaf, item, facts) > params.promisedAt }),
    };
  },
  impact: () => ({ ...NO_IMPACT, customers: 1 }),
  writes: () => [],
});

/** The latest arrival that a carrier now names to this customer, or the supplier for this article; the earliest time there is where nobody is late. */
function arrival(customer: ResourceKey, item: ResourceKey | undefined, facts: FactView): Instant {
  const late = Object.values(facts.get(customer, 'late')?.value ?? {}).map((parcel) => parcel.estimatedAt);
  const supply = item && facts.get(item, 'supply-delay')?.value.until;
  return [...late, ...(supply === undefined ? [] : [supply])].reduce(later, '');
}
