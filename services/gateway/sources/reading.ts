import { PermanentError } from '#shared/kernel/errors.ts';
import { cut, faultText } from '#shared/kernel/plain-text.ts';
import { type Instant, parseInstant } from '#shared/kernel/time.ts';
import { clean } from '../mapping/fields.ts';
import type { Topic } from '../mapping/topic.ts';

/** What the sources' readings have in common. Pure. */

export const byName = (topics: readonly Topic[]): ReadonlyMap<string, Topic> =>
  new Map(topics.map((topic) => [topic.topic, topic]));

/** The part of a body that its topic reads; throws with the place of the first thing that is not as promised. */
export function shaped(topic: Topic, raw: unknown): unknown {
  const result = topic.body.safeParse(raw);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const position = issue.path.join('.');
  throw new PermanentError('unknown-shape', `${position || 'body'}: ${faultText(issue)}`, { position });
}

export function instantOr(value: unknown, otherwise: Instant): Instant {
  if (typeof value !== 'string') return otherwise;
  try {
    return parseInstant(value);
  } catch {
    return otherwise;
  }
}

/** The name of what an envelope tells. Without one it is no envelope. */
export function typeOf(raw: unknown, field: string): string {
  const type = (raw as Record<string, unknown> | null | undefined)?.[field];
  if (typeof type === 'string' && type !== '') return cut(clean(type), TOPIC_MAX);
  throw new PermanentError('unknown-shape', `${field}: missing`, { position: field });
}

/** So much of what a webhook calls itself is kept and listed. */
export const TOPIC_MAX = 100;
const PARCEL_MAX = 100;
const EVENT_ID = /"id"\s*:\s*"(evt_\w{1,100})"/;
const EVENT_ID_WITHIN_BYTES = 64 * 1024;

/** The id of the event that a body is, where senders put it nowhere else; found without parsing, which is the mapping's. */
export function eventIdIn(body: Uint8Array): string | undefined {
  return EVENT_ID.exec(
    Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, EVENT_ID_WITHIN_BYTES)).toString('latin1'),
  )?.[1];
}

/** A tracking code as everybody writes it alike: people and platforms set spaces and small letters at will. */
export function parcelRef(code: string): string {
  return cut(code.replace(/[\s-]/g, '').toUpperCase(), PARCEL_MAX);
}
