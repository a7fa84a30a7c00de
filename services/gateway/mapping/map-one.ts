import { toParleyError } from '#shared/kernel/errors.ts';
import { clean, cut } from '#shared/kernel/plain-text.ts';
import { type Instant, plus } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { OpenEndpoint } from '../receive/endpoints.ts';
import { sourceOf } from '../sources/index.ts';
import { TOPIC_MAX } from '../sources/reading.ts';
import { type Course, fail } from './course.ts';
import type { BatchKnowledge } from './known.ts';
import { sift } from './overtaken.ts';
import { isOld, type Repeats } from './repeats.ts';
import type { Mapped, MappingContext } from './topic.ts';
import { validated } from './validate.ts';

type Context = MappingContext & { readonly known: BatchKnowledge };

/** What only the executor may say: it read it from the platform. A header that says so is not signed and says nothing. */
const READ_TOPIC = /^(?:fetched|gone)\//;

/** Parses a body and holds it against the shape that its topic promises. */
export function readOne(delivery: ReceivedDelivery, endpointOf: () => OpenEndpoint): Course {
  const course: Course = { delivery, said: [], people: [], asks: [], versions: [], names: [] };
  try {
    const endpoint = endpointOf();
    const isForeign = delivery.via === 'webhook' && READ_TOPIC.test(delivery.topic);
    const read = isForeign ? { unknown: delivery.topic } : sourceOf(endpoint).read(delivery, endpoint);
    if ('unknown' in read)
      course.end = { state: 'ignored', topic: read.unknown, reason: read.reason ?? 'unknown-topic' };
    else {
      course.latestAt = endpoint.clockKind === 'live' ? latestFor(delivery) : undefined;
      course.read = { ...read, toldAt: notAhead(read.toldAt, course) };
    }
  } catch (thrown) {
    fail(course, delivery.topic || nameOf(delivery, endpointOf), toParleyError(thrown));
  }
  return course;
}

/** For the lists of what failed: the name that its body gives itself, where that much of it can be read. */
function nameOf(delivery: ReceivedDelivery, endpointOf: () => OpenEndpoint): string {
  try {
    const endpoint = endpointOf();
    return cut(clean(sourceOf(endpoint).nameOf?.(delivery, endpoint) ?? ''), TOPIC_MAX);
  } catch {
    return '';
  }
}

function latestFor({ receivedAt }: ReceivedDelivery): Instant {
  return plus(receivedAt, LIMITS.clockAheadMs);
}

/**
 * Nothing has happened that is yet to come. A sender's clock may be wrong, and some let a person type the time; a fact as
 * of 2099 would hide all that is told of it until then, so what is told too far ahead is taken as of when it came.
 */
function notAhead(at: Instant, { latestAt, delivery }: Course): Instant {
  return latestAt !== undefined && at > latestAt ? delivery.receivedAt : at;
}

/** Maps one delivery that has been read; what it says is known to those that follow it in the batch. */
export function mapOne(course: Course, context: Context, repeats: Repeats, nowMs: number): void {
  const { topic, body, toldAt } = course.read!;
  try {
    const versions = (topic.versions?.(body, { toldAt }) ?? []).map((version) => ({
      ...version,
      at: notAhead(version.at, course),
    }));
    course.names = topic.names?.(body) ?? [];
    context.known.addNamed(course.names);
    settle(course, topic.map(body, context), { versions, context, repeats, nowMs });
  } catch (thrown) {
    fail(course, topic.topic, toParleyError(thrown));
  }
}

interface Around {
  readonly versions: Course['versions'];
  readonly context: Context;
  readonly repeats: Repeats;
  readonly nowMs: number;
}

function settle(course: Course, mapped: Mapped, around: Around): void {
  const { versions, context } = around;
  const { topic } = course.read!.topic;
  if ('repeated' in mapped) course.end = { state: 'duplicate', topic, reason: 'duplicate' };
  else if ('awaits' in mapped) leaveWaiting(course, mapped, around);
  else if ('events' in mapped) say(course, mapped, around);
  else {
    const asks = 'asks' in mapped ? mapped.asks : [];
    const isOlder = asks.some(({ cause }) => cause === 'older');
    // What the platform itself has just shown is not asked for again because it shows less than was known.
    course.asks = isOlder && course.delivery.via !== 'webhook' ? [] : asks;
    course.end = { state: 'ignored', topic, reason: 'ignored' in mapped ? mapped.ignored : isOlder ? 'older' : 'thin' };
    learn(course, versions, context.known);
  }
}

/** Whoever introduces it may still be on the way; after that the platform is asked, where it can be. */
function leaveWaiting(course: Course, mapped: Extract<Mapped, { awaits: unknown }>, around: Around): void {
  const { topic } = course.read!.topic;
  if (around.nowMs - Date.parse(course.delivery.receivedAt) < LIMITS.strangerMs) {
    course.held = 'unknown-item';
    return;
  }
  if (mapped.otherwise) {
    settle(course, mapped.otherwise, around);
    return;
  }
  const { asks = [] } = mapped;
  course.asks = asks;
  const detail = 'It names an item or an order that nobody has told of; redrive it when somebody has.';
  course.end = { state: asks.length > 0 ? 'ignored' : 'failed', topic, reason: 'unknown-item', detail };
}

function say(
  course: Course,
  mapped: Extract<Mapped, { events: unknown }>,
  { versions, context: { known }, repeats }: Around,
): void {
  const { topic } = course.read!.topic;
  const { delivery } = course;
  const events = mapped.events.map((event) => validated({ ...event, time: notAhead(event.time, course) }));
  const sifted = sift(events, mapped.people ?? [], versions, known);
  if (repeats.has(delivery) && sifted.said.every((event) => isOld(event, known))) {
    course.end = { state: 'duplicate', topic, reason: 'duplicate' };
    return;
  }
  repeats.add(delivery);
  course.said = sifted.said;
  course.people = sifted.people;
  // What was read from the platform and has been overtaken meanwhile was overtaken by something newer.
  const refetches = delivery.via === 'webhook' ? sifted.asks : [];
  course.asks = [...(mapped.asks ?? []), ...refetches];
  // Nothing for anybody to act on; what it says of a person is kept all the same.
  if (course.said.length === 0) {
    const isOvertaken = sifted.said.length < events.length;
    const reason = isOvertaken ? 'older' : course.asks.length > 0 ? 'thin' : 'nothing-new';
    course.end = { state: 'ignored', topic, reason };
  }
  known.learn(course.said);
  learn(course, versions, known);
}

function learn(course: Course, versions: Course['versions'], known: BatchKnowledge): void {
  course.versions = versions;
  known.addVersions(versions);
}
