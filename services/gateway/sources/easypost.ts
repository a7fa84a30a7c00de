import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { parseBody } from '../mapping/json.ts';
import { hexMacBytes, macsUnder, matchesAny } from './digests.ts';
import { easypostTopics } from './easypost-topics.ts';
import { byName, eventIdIn, shaped, typeOf } from './reading.ts';
import type { ReadDelivery, Source, UnreadDelivery } from './source.ts';

const PREFIX = 'hmac-sha256-hex=';

const TOPICS = byName(easypostTopics);

/**
 * EasyPost signs the raw body alone, with the secret in Unicode's decomposed form (NFKD): `é` typed in one piece and in two
 * is one secret. The event's id is in the body, and so signed with it.
 */
export const easypost: Source = {
  verify: ({ headers, body }, secrets) => {
    const header = headers['x-hmac-signature'] ?? '';
    const given = header.startsWith(PREFIX) ? hexMacBytes(header.slice(PREFIX.length)) : undefined;
    const keys = secrets.map((secret) => secret.normalize('NFKD'));
    const expected = macsUnder(keys, body);
    if (!given || !matchesAny(given, expected)) return undefined;
    return { key: eventIdIn(body) ?? `body|${given.toString('hex')}`, topic: '', digest: given };
  },
  keeps: () => false,
  nameOf: ({ body }) => typeOf(parseBody(body), 'description'),
  read,
};

/** An event says what it is in its `description`. */
function read(delivery: ReceivedDelivery): ReadDelivery | UnreadDelivery {
  const raw = parseBody(delivery.body);
  const type = typeOf(raw, 'description');
  const topic = TOPICS.get(type);
  if (!topic) return { unknown: type };
  if ((raw as { mode?: unknown }).mode !== 'production') return { unknown: type, reason: 'test-delivery' };
  return { topic, source: `easypost:${type}`, body: shaped(topic, raw), toldAt: delivery.receivedAt };
}
