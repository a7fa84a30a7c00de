import type { ParleyError, Reason } from '#shared/kernel/errors.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { ReadDelivery } from './read-delivery.ts';
import type { Introduced, Said } from './topic.ts';

/** One delivery on its way through a batch; it ends with events, or with an end without any. */
export interface Course {
  readonly delivery: ReceivedDelivery;
  read?: ReadDelivery;
  said: readonly Said[];
  people: readonly Introduced[];
  end?: { state: 'ignored' | 'failed' | 'duplicate'; topic: string; reason: Reason; detail?: string };
  held?: 'echo' | 'unknown-item';
  echo?: string;
}

export function fail(course: Course, topic: string, error: ParleyError): void {
  course.said = [];
  course.people = [];
  course.end = { state: 'failed', topic, reason: error.reason, detail: error.message };
}
