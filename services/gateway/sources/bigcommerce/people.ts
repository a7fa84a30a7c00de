import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { Person } from '#shared/runtime/personal.ts';
import { clean, id, present, text, time } from '../../mapping/fields.ts';
import { defineTopic } from '../../mapping/topic.ts';

export const address = z.object({
  first_name: text.nullish(),
  last_name: text.nullish(),
  street_1: text.nullish(),
  street_2: text.nullish(),
  city: text.nullish(),
  zip: text.nullish(),
  country: text.nullish(),
  country_iso2: text.nullish(),
  email: text.nullish(),
  phone: text.nullish(),
});

type Address = z.infer<typeof address>;

export function addressText(body: Address): string | undefined {
  const parts = [body.street_1, body.street_2, body.city, body.zip, body.country ?? body.country_iso2];
  return clean(parts.filter(Boolean).join(', '), 1_000) || undefined;
}

/** Names and addresses: sealed, and in no event. */
export function personOf(body: Pick<Address, 'first_name' | 'last_name' | 'email' | 'phone'>, where?: string): Person {
  const name = clean([body.first_name, body.last_name].filter(Boolean).join(' '));
  const person = { email: clean(body.email ?? '', 254), name, phone: clean(body.phone ?? '', 40), address: where };
  return Object.fromEntries(Object.entries(person).filter(([, value]) => value)) as Person;
}

const customer = z.object({
  id,
  email: text.nullish(),
  first_name: text.nullish(),
  last_name: text.nullish(),
  phone: text.nullish(),
  date_modified: time.nullish(),
  addresses: z
    .array(
      z.object({
        address1: text.nullish(),
        address2: text.nullish(),
        city: text.nullish(),
        postal_code: text.nullish(),
        country_code: text.nullish(),
      }),
    )
    .nullish(),
});

export const customerTopic = defineTopic({
  topic: 'fetched/customer',
  body: customer,
  versions: (body, { toldAt }) => [{ resource: `customer:${body.id}`, at: body.date_modified ?? toldAt }],
  wants: (body) => ({ last: [{ subject: resource('customer', body.id), type: 'customer.changed' }] }),
  map: (body, { known, toldAt }) => {
    const subject = resource('customer', body.id);
    const home = body.addresses?.[0];
    const data = present({ country: home?.country_code || undefined });
    const before = known.last(subject, 'customer.changed')?.data;
    const isKnown = before && canonicalJson(before as never) === canonicalJson(data);
    const where = home && {
      street_1: home.address1,
      street_2: home.address2,
      city: home.city,
      zip: home.postal_code,
      country_iso2: home.country_code,
    };
    const people = [{ subject, person: personOf(body, where && addressText(where)), replaces: true }];
    const event = { type: 'customer.changed', subject, time: body.date_modified ?? toldAt, data };
    return { events: isKnown ? [] : [event], people };
  },
});
