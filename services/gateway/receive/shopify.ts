import { mac, macBytes, matchesAny } from './digests.ts';
import type { Platform } from './platform.ts';

const MAX_ID = 128;
const MAX_TOPIC = 100;

/**
 * Shopify signs the raw body and nothing else. The event id names the merchant's action, which two topics can share and
 * which two subscriptions of one topic repeat: so topic and event id are the key. Deliveries of old API versions have no
 * event id and are told apart by the webhook id. None of these headers is signed: the digest finds replays under others.
 */
export const shopify: Platform = {
  verify: ({ headers, body }, secrets) => {
    const given = macBytes(headers['x-shopify-hmac-sha256'] ?? '');
    // An empty key is everybody's key.
    const expected = secrets.filter((secret) => secret !== '').map((secret) => mac(secret, body));
    if (!given || !matchesAny(given, expected)) return undefined;
    const topic = (headers['x-shopify-topic'] ?? '').slice(0, MAX_TOPIC);
    return { key: keyOf(headers, topic, given), topic, digest: given };
  },
  keeps: (header) => header.startsWith('x-shopify-') && header !== 'x-shopify-hmac-sha256',
};

function keyOf(headers: Readonly<Record<string, string | undefined>>, topic: string, digest: Buffer): string {
  const event = headers['x-shopify-event-id'];
  if (event) return `${topic}|event|${event.slice(0, MAX_ID)}`;
  const webhook = headers['x-shopify-webhook-id'];
  if (webhook) return `${topic}|webhook|${webhook.slice(0, MAX_ID)}`;
  return `${topic}|body|${digest.toString('hex')}`;
}
