import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { parseBody } from '../mapping/json.ts';
import { macBytes, macsUnder, matchesAny } from './digests.ts';
import { instantOr, shaped, TOPIC_MAX } from './reading.ts';
import { SHOPIFY_TOPICS } from './shopify/topics.ts';
import type { ReadDelivery, Source, UnreadDelivery, Webhook } from './source.ts';

const MAX_ID = 128;

type Headers = Webhook['headers'];

/**
 * Two ways of saying the same. The next generation ("Events") sends its headers beside the classic ones and then decides:
 * its topic is a resource (`Product`) and its action a header of its own, where the classic topic says both.
 */
const CLASSIC = 'x-shopify-';
const EVENTS = 'shopify-';
const prefixOf = (headers: Headers) => (headers[`${EVENTS}hmac-sha256`] === undefined ? CLASSIC : EVENTS);

/**
 * Shopify signs the raw body and nothing else. The event id names the merchant's action, which two topics can share and
 * which two subscriptions of one topic repeat: so topic and event id are the key. Deliveries of old API versions, and
 * Events since September 2026, have no event id and are told apart by the webhook id, which a repetition keeps. None of
 * these headers is signed: the digest finds replays under others.
 */
export const shopify: Source = {
  verify: ({ headers, body }, secrets) => {
    const prefix = prefixOf(headers);
    const given = macBytes(headers[`${prefix}hmac-sha256`] ?? '');
    if (!given || !matchesAny(given, macsUnder(secrets, body))) return undefined;
    const topic = topicOf(headers, prefix).slice(0, TOPIC_MAX);
    return { key: keyOf(headers, prefix, topic, given), topic, digest: given };
  },
  keeps: (header) => (header.startsWith(CLASSIC) || header.startsWith(EVENTS)) && !header.endsWith('-hmac-sha256'),
  read,
};

function topicOf(headers: Headers, prefix: string): string {
  const topic = headers[`${prefix}topic`] ?? '';
  const action = headers[`${EVENTS}action`];
  return prefix === EVENTS && action && !topic.includes('/') ? `${topic}/${action}` : topic;
}

function keyOf(headers: Headers, prefix: string, topic: string, digest: Buffer): string {
  const event = headers[`${prefix}event-id`];
  if (event) return `${topic}|event|${event.slice(0, MAX_ID)}`;
  const webhook = headers[`${prefix}webhook-id`] ?? headers[`${CLASSIC}webhook-id`];
  if (webhook) return `${topic}|webhook|${webhook.slice(0, MAX_ID)}`;
  return `${topic}|body|${digest.toString('hex')}`;
}

/** What the platform itself calls a test ("send test notification", the CLI's trigger) tells of nothing that is in the shop. */
const isTest = (headers: Headers) =>
  headers[`${CLASSIC}test`]?.toLowerCase() === 'true' || headers[`${EVENTS}test`]?.toLowerCase() === 'true';

function read(delivery: ReceivedDelivery): ReadDelivery | UnreadDelivery {
  const { headers } = delivery;
  const topic = SHOPIFY_TOPICS.get(delivery.topic);
  if (!topic) return { unknown: delivery.topic };
  if (isTest(headers)) return { unknown: delivery.topic, reason: 'test-delivery' };
  const toldAt = instantOr(headers[`${EVENTS}triggered-at`] ?? headers[`${CLASSIC}triggered-at`], delivery.receivedAt);
  const body = shaped(topic, parseBody(delivery.body));
  return { topic, source: `shopify:${delivery.topic}`, body, toldAt };
}
