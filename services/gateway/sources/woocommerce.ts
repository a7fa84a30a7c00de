import { parseBody } from '../mapping/json.ts';
import { macBytes, macsUnder, matchesAny } from './digests.ts';
import { shaped, TOPIC_MAX } from './reading.ts';
import type { Source, Webhook } from './source.ts';
import { WOOCOMMERCE_TOPICS } from './woocommerce/topics.ts';

const MAX_ID = 128;
const PING = /^webhook_id=\d{1,20}$/;
/** `{"id":16}`, and nothing else: what WooCommerce sends of a thing that is gone. */
const BARE_ID_BYTES = 40;

/**
 * WooCommerce signs the raw body and nothing else. Its delivery id is a hash of webhook and second, so two orders of one
 * second share it: a body is told apart by what it says, by its own MAC. Only a bare id says the same each time the thing
 * is deleted, and there the delivery id helps. https://github.com/woocommerce/woocommerce class-wc-webhook.php
 */
export const woocommerce: Source = {
  verify: ({ headers, body }, secrets) => {
    const given = macBytes(headers['x-wc-webhook-signature'] ?? '');
    if (!given || !matchesAny(given, macsUnder(secrets.map(plainSecret), body))) return undefined;
    const topic = (headers['x-wc-webhook-topic'] ?? '').slice(0, TOPIC_MAX);
    const webhook = (headers['x-wc-webhook-id'] ?? '').slice(0, MAX_ID);
    const delivery = body.length < BARE_ID_BYTES ? (headers['x-wc-webhook-delivery-id'] ?? '').slice(0, MAX_ID) : '';
    return { key: [topic, webhook, given.toString('hex'), delivery].filter(Boolean).join('|'), topic, digest: given };
  },
  keeps: (header) => header.startsWith('x-wc-') && header !== 'x-wc-webhook-signature',
  isPing: isWooPing,
  read: (delivery) => {
    const topic = WOOCOMMERCE_TOPICS.get(delivery.topic);
    if (!topic) return { unknown: delivery.topic };
    const body = shaped(topic, parseBody(delivery.body));
    return { topic, source: `woocommerce:${delivery.topic}`, body, toldAt: delivery.receivedAt };
  },
};

/** Saving a webhook posts its id as a form, unsigned and without any header of WooCommerce's; only a 200 lets it be saved. */
function isWooPing({ headers, body }: Webhook): boolean {
  const isNamed = Object.keys(headers).some((header) => header.startsWith('x-wc-') && headers[header] !== undefined);
  return !isNamed && body.length < BARE_ID_BYTES && PING.test(Buffer.from(body).toString('latin1'));
}

const ENTITIES: readonly (readonly [RegExp, string])[] = [
  [/&(?:lt|#0*60|#x0*3c);/gi, '<'],
  [/&(?:gt|#0*62|#x0*3e);/gi, '>'],
  [/&(?:quot|#0*34|#x0*22);/gi, '"'],
  [/&(?:#0*39|#x0*27);/gi, "'"],
  // Last, so that what is decoded once is not decoded again.
  [/&(?:amp|#0*38|#x0*26);/gi, '&'],
];

/** WooCommerce decodes what HTML would write otherwise before it signs; a secret that was copied from a page may hold either. */
function plainSecret(secret: string): string {
  return ENTITIES.reduce((text, [entity, character]) => text.replace(entity, character), secret);
}
