import type { ParleyError, Reason } from '#shared/kernel/errors.ts';
import type { Instant } from '#shared/kernel/time.ts';
import { IMPORTED, READ_HEADER, type ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { NamedOrder } from '#shared/store/deliveries/references.ts';
import type { ReadDelivery } from '../sources/source.ts';
import type { Asked, Introduced, Said, Version } from './topic.ts';

/** One delivery on its way through a batch; it ends with events, or with an end without any. */
export interface Course {
  readonly delivery: ReceivedDelivery;
  read?: ReadDelivery;
  /** The latest time that it is believed; undefined in a replay, whose clock is its own. */
  latestAt?: Instant | undefined;
  said: readonly Said[];
  people: readonly Introduced[];
  /** What the platform is to be asked. */
  asks: readonly Asked[];
  versions: readonly Version[];
  names: readonly NamedOrder[];
  end?: { state: 'ignored' | 'failed' | 'duplicate'; topic: string; reason: Reason; detail?: string };
  held?: 'echo' | 'unknown-item';
  echo?: string;
}

/** A poll brought it in, and nobody had told of it who could have: a catalogue that comes with a new store is no find. */
export function isFound({ delivery, said, held, echo }: Course): boolean {
  const isImport = delivery.headers[READ_HEADER] === IMPORTED;
  return delivery.via === 'poll' && !isImport && said.length > 0 && !held && !echo;
}

/** `fetched/order`: what was read. */
export function kindOf({ delivery }: Course): string {
  return delivery.topic.slice(delivery.topic.indexOf('/') + 1);
}

export function fail(course: Course, topic: string, error: ParleyError): void {
  course.said = [];
  course.people = [];
  course.asks = [];
  course.versions = [];
  course.names = [];
  course.end = { state: 'failed', topic, reason: error.reason, detail: error.message };
}
