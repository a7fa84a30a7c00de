import { z } from 'zod';
import { resource } from '#shared/contracts/resource.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { Person } from '#shared/runtime/personal.ts';
import { clean, exactId, gid, gidOf, id, present, tagsOf, text, time } from '../../mapping/fields.ts';
import { defineTopic, type Said } from '../../mapping/topic.ts';

const addressShape = z.object({
  address1: text.nullish(),
  address2: text.nullish(),
  city: text.nullish(),
  zip: text.nullish(),
  country: text.nullish(),
  country_code: text.nullish(),
});

export const personShape = z.object({
  id: id.nullish(),
  admin_graphql_api_id: gid.nullish(),
  email: text.nullish(),
  first_name: text.nullish(),
  last_name: text.nullish(),
  phone: text.nullish(),
  default_address: addressShape.nullish(),
});

export function customerIdOf(body: z.infer<typeof personShape> | null | undefined): string | undefined {
  return body && (body.admin_graphql_api_id || body.id) ? exactId(body) : undefined;
}

export function addressOf(body: z.infer<typeof personShape>): string | undefined {
  const address = body.default_address;
  if (!address) return undefined;
  const parts = [
    address.address1,
    address.address2,
    address.city,
    address.zip,
    address.country ?? address.country_code,
  ];
  return clean(parts.filter(Boolean).join(', '), 1_000);
}

/** Names and addresses: sealed, and in no event. */
export function personOf(body: z.infer<typeof personShape>, address?: string): Person {
  const name = clean([body.first_name, body.last_name].filter(Boolean).join(' '));
  const person = { email: body.email ? clean(body.email, 254) : '', name, phone: clean(body.phone ?? '', 40), address };
  return Object.fromEntries(Object.entries(person).filter(([, value]) => value)) as Person;
}

const customer = personShape.extend({
  id,
  /** Needed: shops, people and checkouts have an id and an email address alike. */
  admin_graphql_api_id: gidOf('Customer'),
  tags: text.nullish(),
  updated_at: time.nullish(),
  email_marketing_consent: z.object({ state: text.nullish() }).nullish(),
});

type Customer = z.infer<typeof customer>;

const keyOf = (body: Customer) => resource('customer', exactId(body));

function saidOf(body: Customer, at: string): Said[] {
  const subject = keyOf(body);
  const country = body.default_address?.country_code ?? undefined;
  const tags = tagsOf(body.tags).slice(0, 50);
  const profile: Said = { type: 'customer.changed', subject, time: at, data: present({ country, tags }) };
  const state = body.email_marketing_consent?.state;
  if (!state) return [profile];
  return [profile, { type: 'consent.changed', subject, time: at, data: { email: state === 'subscribed' } }];
}

function topicOf(name: string) {
  return defineTopic({
    topic: name,
    body: customer,
    versions: (body, { toldAt }) => [{ resource: `customer:${exactId(body)}`, at: body.updated_at ?? toldAt }],
    wants: (body) => ({
      last: ['customer.changed', 'consent.changed'].map((type) => ({ subject: keyOf(body), type })),
    }),
    map: (body, { known, toldAt }) => {
      const events = saidOf(body, body.updated_at ?? toldAt).filter(
        (said) =>
          canonicalJson(said.data as never) !==
          canonicalJson((known.last(said.subject, said.type)?.data ?? null) as never),
      );
      const people = [{ subject: keyOf(body), person: personOf(body, addressOf(body)), replaces: true }];
      return { events, people };
    },
  });
}

const consent = z.object({
  customer_id: id,
  email_marketing_consent: z.object({ state: text.nullish(), consent_updated_at: time.nullish() }),
});

export const customerTopics = [
  topicOf('customers/create'),
  topicOf('customers/update'),
  /** Consent alone. What is said of text messages (`customers_marketing_consent/update`) concerns nobody here: only mail is sent. */
  defineTopic({
    topic: 'customers_email_marketing_consent/update',
    body: consent,
    wants: (body) => ({ last: [{ subject: resource('customer', body.customer_id), type: 'consent.changed' }] }),
    map: (body, { known, toldAt }) => {
      const { state, consent_updated_at: updatedAt } = body.email_marketing_consent;
      if (!state) return { ignored: 'nothing-new' };
      const subject = resource('customer', body.customer_id);
      const email = state === 'subscribed';
      if (known.last(subject, 'consent.changed')?.data.email === email) return { ignored: 'nothing-new' };
      return { events: [{ type: 'consent.changed', subject, time: updatedAt ?? toldAt, data: { email } }] };
    },
  }),
];
