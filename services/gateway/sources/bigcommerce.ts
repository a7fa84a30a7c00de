import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { toInstant } from '#shared/kernel/time.ts';
import { parseBody } from '../mapping/json.ts';
import { READ_TOPICS, topicOfScope } from './bigcommerce/topics.ts';
import { shaped, typeOf } from './reading.ts';
import type { ReadDelivery, Source, UnreadDelivery } from './source.ts';
import { standard } from './standard.ts';

const told = z.object({ scope: z.string().max(200), created_at: z.number().int().min(0) });

/**
 * BigCommerce signs as Standard Webhooks do, with the bytes of the app's client secret as the key (their library is given
 * them in base64). A hook says little more than that something changed: the scope, which stands in the body, is the topic.
 */
export const bigcommerce: Source = {
  verify: (webhook, secrets, nowMs) =>
    standard.verify(
      webhook,
      secrets.map((secret) => Buffer.from(secret).toString('base64')),
      nowMs,
    ),
  keeps: standard.keeps,
  nameOf: ({ body }) => typeOf(parseBody(body), 'scope'),
  read: (delivery) => (delivery.via === 'webhook' ? readHook(delivery) : readAnswer(delivery)),
};

type Delivery = Parameters<Source['read']>[0];

function readHook(delivery: Delivery): ReadDelivery | UnreadDelivery {
  const raw = parseBody(delivery.body);
  const hook = told.safeParse(raw);
  if (!hook.success) throw new PermanentError('unknown-shape', 'scope, created_at: missing', { position: 'scope' });
  const topic = topicOfScope(hook.data.scope);
  if (!topic) return { unknown: hook.data.scope };
  const toldAt = toInstant(hook.data.created_at * 1_000);
  return { topic, source: `bigcommerce:${topic.topic}`, body: shaped(topic, raw), toldAt };
}

function readAnswer(delivery: Delivery): ReadDelivery | UnreadDelivery {
  const topic = READ_TOPICS.get(delivery.topic);
  if (!topic) return { unknown: delivery.topic };
  const body = shaped(topic, parseBody(delivery.body));
  return { topic, source: `bigcommerce:${delivery.topic}`, body, toldAt: delivery.receivedAt };
}
