import { PermanentError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { parseBody } from './json.ts';
import type { Topic } from './topic.ts';
import { SHOPIFY_TOPICS, STANDARD_TYPES } from './topics/index.ts';

/** A delivery whose body has been read: its topic, the part of the body that we know, and where its events say they come from. */
export interface ReadDelivery {
  readonly topic: Topic;
  readonly source: string;
  readonly body: unknown;
  readonly toldAt: Instant;
}

/** A topic that nobody here maps: kept and ignored. */
export interface UnknownTopic {
  readonly unknown: string;
}

/** Reads one delivery; throws a PermanentError that says where its body is not what its topic promises. Pure. */
export function readDelivery(
  delivery: ReceivedDelivery,
  platform: 'shopify' | 'standard',
): ReadDelivery | UnknownTopic {
  return platform === 'shopify' ? readShopify(delivery) : readStandard(delivery);
}

function readShopify(delivery: ReceivedDelivery): ReadDelivery | UnknownTopic {
  const topic = SHOPIFY_TOPICS.get(delivery.topic);
  if (!topic) return { unknown: delivery.topic };
  const body = shaped(topic, parseBody(delivery.body));
  const toldAt = instantOr(delivery.headers['x-shopify-triggered-at'], delivery.receivedAt);
  return { topic, source: `shopify:${delivery.topic}`, body, toldAt };
}

/** The type stands in the body: whoever sends one that does not exist has made a mistake, and is to hear of it. */
function readStandard(delivery: ReceivedDelivery): ReadDelivery {
  const raw = parseBody(delivery.body);
  const envelope = (raw ?? {}) as { type?: unknown; timestamp?: unknown };
  if (typeof envelope.type !== 'string')
    throw new PermanentError('unknown-shape', 'type: missing', { position: 'type' });
  const topic = STANDARD_TYPES.get(envelope.type);
  if (!topic) {
    const name = cut(envelope.type, 60);
    throw new PermanentError(
      'unknown-event-type',
      `Unknown event type "${name}".${didYouMean(name, [...STANDARD_TYPES.keys()])}`,
    );
  }
  const toldAt = instantOr(envelope.timestamp, delivery.receivedAt);
  return { topic, source: `standard:${topic.topic}`, body: shaped(topic, raw), toldAt };
}

function shaped(topic: Topic, raw: unknown): unknown {
  const result = topic.body.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const position = issue.path.join('.');
  throw new PermanentError('unknown-shape', `${position || 'body'}: ${issue.message}`, { position });
}

function instantOr(value: unknown, otherwise: Instant): Instant {
  if (typeof value !== 'string') return otherwise;
  try {
    return parseInstant(value);
  } catch {
    return otherwise;
  }
}
