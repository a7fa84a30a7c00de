import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { Person } from '#shared/runtime/personal.ts';
import { clean, id, present, text } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';
import { gmt } from './fields.ts';

export const billing = z.object({
  first_name: text.nullish(),
  last_name: text.nullish(),
  address_1: text.nullish(),
  address_2: text.nullish(),
  city: text.nullish(),
  postcode: text.nullish(),
  country: text.nullish(),
  email: text.nullish(),
  phone: text.nullish(),
});

type Billing = z.infer<typeof billing>;

export function addressText(address: Billing): string | undefined {
  const parts = [address.address_1, address.address_2, address.city, address.postcode, address.country];
  return clean(parts.filter(Boolean).join(', '), 1_000) || undefined;
}

/** Names and addresses: sealed, and in no event. */
export function personOf(body: Billing, address?: string): Person {
  const name = clean([body.first_name, body.last_name].filter(Boolean).join(' '));
  const person = { email: clean(body.email ?? '', 254), name, phone: clean(body.phone ?? '', 40), address };
  return Object.fromEntries(Object.entries(person).filter(([, value]) => value)) as Person;
}

const customer = z.object({
  id,
  /** Needed: the topic is not signed, and orders have an id and an address too. Only an account has a name to log in by. */
  username: text,
  email: text.nullish(),
  first_name: text.nullish(),
  last_name: text.nullish(),
  date_created_gmt: gmt.nullish(),
  date_modified_gmt: gmt.nullish(),
  billing: billing.nullish(),
});

type Customer = z.infer<typeof customer>;

const keyOf = (body: Customer) => resource('customer', body.id);
const changedAt = (body: Customer, toldAt: string) => body.date_modified_gmt ?? body.date_created_gmt ?? toldAt;

/** WooCommerce itself asks nobody whether they want mail, so nothing is said of consent. */
export const customerTopics = ['customer.created', 'customer.updated', 'fetched/customer'].map((topic) =>
  defineTopic({
    topic,
    body: customer,
    versions: (body, { toldAt }) => [{ resource: `customer:${body.id}`, at: changedAt(body, toldAt) }],
    wants: (body) => ({ last: [{ subject: keyOf(body), type: 'customer.changed' }] }),
    map: (body, { known, toldAt }) => {
      const subject = keyOf(body);
      const data = present({ country: body.billing?.country || undefined });
      const before = known.last(subject, 'customer.changed')?.data;
      const isKnown = before && canonicalJson(before as never) === canonicalJson(data);
      const address = body.billing ? addressText(body.billing) : undefined;
      const person = personOf({ ...body.billing, ...present({ ...body, billing: undefined }) }, address);
      const people = [{ subject, person, replaces: true }];
      const event = { type: 'customer.changed', subject, time: changedAt(body, toldAt), data };
      return { events: isKnown ? [] : [event], people };
    },
  }),
);
