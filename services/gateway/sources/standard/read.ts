import { PermanentError } from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { closest } from '#shared/kernel/suggest.ts';
import { type MappingFile, openMappingFile, type Told } from '#shared/mapping-files/mapping-file.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { parseBody } from '../../mapping/json.ts';
import type { Topic } from '../../mapping/topic.ts';
import { instantOr, shaped, TOPIC_MAX } from '../reading.ts';
import type { ReadDelivery, SourceEndpoint, UnreadDelivery } from '../source.ts';
import { STANDARD_TOPICS } from './types.ts';

/** What a sender wrote, whatever dress it came in: ours, or a CloudEvent. */
interface Envelope {
  readonly type: string | undefined;
  readonly at: unknown;
  /** As our own shape holds it. */
  readonly data: unknown;
  /** As a mapping file sees it: a CloudEvent in one piece, also where its attributes came as headers. */
  readonly whole: unknown;
}

/**
 * The endpoint's mapping file comes first; what it does not know is read as ours, by its type. What is neither is kept and
 * ignored, because a sender's further types are no mistake; what looks like one of ours mistyped is, and fails.
 */
export function readStandard(delivery: ReceivedDelivery, endpoint: SourceEndpoint): ReadDelivery | UnreadDelivery {
  const envelope = envelopeOf(parseBody(delivery.body), delivery.headers);
  const file = endpoint.mapping === null ? undefined : fileOf(endpoint.mapping);
  const topics = STANDARD_TOPICS[endpoint.clockKind];
  const told = file?.tell(envelope.whole);
  if (file && told) return tellOf(delivery, topics.get(told.type)!, `standard:${file.sender}`, told);
  const type = envelope.type;
  if (type === undefined) {
    if (file) return { unknown: cut(file.topicOf(envelope.whole), TOPIC_MAX) };
    throw new PermanentError('unknown-shape', 'type: missing', { position: 'type' });
  }
  const topic = topics.get(type);
  if (!topic) return unknown(cut(file?.topicOf(envelope.whole) || type, TOPIC_MAX), [...topics.keys()]);
  const toldAt = instantOr(envelope.at, delivery.receivedAt);
  return { topic, source: `standard:${type}`, body: shaped(topic, { data: envelope.data }), toldAt };
}

/** By the mapping file's own name for it, where there is one and the file can be asked; else by its type. */
export function nameOfStandard(delivery: ReceivedDelivery, { mapping }: SourceEndpoint): string {
  const { type = '', whole } = envelopeOf(parseBody(delivery.body), delivery.headers);
  try {
    return (mapping !== null && fileOf(mapping).topicOf(whole)) || type;
  } catch {
    return type;
  }
}

function tellOf(delivery: ReceivedDelivery, topic: Topic, source: string, { data, at }: Told): ReadDelivery {
  return { topic, source, body: shaped(topic, { data }), toldAt: at ?? delivery.receivedAt };
}

function unknown(type: string, known: readonly string[]): UnreadDelivery {
  const meant = closest(type, known);
  if (meant === undefined) return { unknown: type, reason: 'unknown-event-type' };
  throw new PermanentError('unknown-event-type', `Unknown event type "${type}". Did you mean "${meant}"?`);
}

type Headers = ReceivedDelivery['headers'];

function envelopeOf(raw: unknown, headers: Headers): Envelope {
  // CloudEvents 1.0, its attributes as headers: the body is the data alone.
  if (headers['ce-specversion'] !== undefined && headers['ce-type'] !== undefined) {
    const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
    const whole = {
      ...Object.fromEntries(attributes.map(([name, value]) => [name.slice('ce-'.length), value])),
      data: raw,
    };
    return { type: headers['ce-type'], at: headers['ce-time'], data: raw, whole };
  }
  const body = (typeof raw === 'object' ? raw : undefined) as Record<string, unknown> | null | undefined;
  const type = typeof body?.type === 'string' ? body.type : undefined;
  // In one piece it has the shape of ours but for the name of its time.
  const at = body?.specversion === undefined ? body?.timestamp : body.time;
  return { type, at, data: body?.data, whole: raw };
}

/** Mapping files as compiled, the latest last: an endpoint's is read with every one of its deliveries. */
const files = new Map<string, MappingFile>();
const FILES_KEPT = 64;

function fileOf(text: string): MappingFile {
  const known = files.get(text);
  if (known) return known;
  const file = openMappingFile('mapping.yaml', text);
  files.set(text, file);
  const [oldest] = files.keys();
  if (files.size > FILES_KEPT && oldest !== undefined) files.delete(oldest);
  return file;
}
