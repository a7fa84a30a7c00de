import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { parseBody } from '../mapping/json.ts';
import { hexMacBytes, isTimely, mac, macsUnder, matchesAny } from './digests.ts';
import { byName, eventIdIn, shaped, typeOf } from './reading.ts';
import type { ReadDelivery, Source, UnreadDelivery } from './source.ts';
import { stripeTopics } from './stripe-topics.ts';

const MAX_SIGNATURES = 16;

const TOPICS = byName(stripeTopics);

/**
 * Stripe signs time and body: `t=…,v1=hex`, one `v1` for each secret while the secret is being changed; `v0` is of test
 * mode and holds for nothing. The secret is text as it stands, its `whsec_` included. The event's id is in the body only;
 * where it does not stand out there, the body's own MAC tells repetitions apart.
 */
export const stripe: Source = {
  verify: ({ headers, body }, secrets, nowMs) => {
    const entries = (headers['stripe-signature'] ?? '').split(',', MAX_SIGNATURES).map((entry) => entry.trim());
    const timestamp = entries.find((entry) => entry.startsWith('t='))?.slice('t='.length) ?? '';
    if (!isTimely(timestamp, nowMs)) return undefined;
    const expected = macsUnder(secrets, `${timestamp}.`, body);
    const given = entries
      .filter((entry) => entry.startsWith('v1='))
      .flatMap((entry) => hexMacBytes(entry.slice(3)) ?? []);
    // Every signature is compared, also after one has matched.
    const matches = given.filter((signature) => matchesAny(signature, expected));
    if (matches.length === 0) return undefined;
    return { key: eventIdIn(body) ?? `body|${mac('stripe', body).toString('hex')}`, topic: '' };
  },
  keeps: () => false,
  nameOf: ({ body }) => typeOf(parseBody(body), 'type'),
  read,
};

function read(delivery: ReceivedDelivery): ReadDelivery | UnreadDelivery {
  const raw = parseBody(delivery.body);
  const type = typeOf(raw, 'type');
  const topic = TOPICS.get(type);
  if (!topic) return { unknown: type };
  // What is done in Stripe's test mode has moved no money.
  if ((raw as { livemode?: unknown }).livemode !== true) return { unknown: type, reason: 'test-delivery' };
  return { topic, source: `stripe:${type}`, body: shaped(topic, raw), toldAt: delivery.receivedAt };
}
