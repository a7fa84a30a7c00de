import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { PermanentError, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { MasterKey } from '#shared/runtime/seal.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Sql, Transaction } from '#shared/store/connect.ts';
import { type DeadLetter, writeDeadLetters } from '#shared/store/dead-letters.ts';
import {
  lockMapping,
  type ReceivedDelivery,
  readReceived,
  type SettledDelivery,
  settleDeliveries,
} from '#shared/store/deliveries/received.ts';
import { putPeople } from '#shared/store/personal/put-people.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { OpenEndpoint } from '../receive/endpoints.ts';
import { type Course, fail } from './course.ts';
import { EchoBook } from './echo-book.ts';
import type { BatchKnowledge } from './known.ts';
import { lookUp } from './look-up.ts';
import { readDelivery } from './read-delivery.ts';
import { isOld, lookUpRepeats, type Repeats } from './repeats.ts';
import type { MappingContext } from './topic.ts';
import { validated } from './validate.ts';

export interface MappingNeeds {
  readonly sql: Sql;
  readonly master: MasterKey;
  readonly newId: () => string;
  readonly nowMs: () => number;
  /** Lets whatever else waits have its turn: the mapping of large bodies must not delay the next 200. */
  readonly pause: () => Promise<void>;
}

/** Why a delivery was left as it is: an outcome or an introduction may still come. */
export interface Held {
  readonly delivery: string;
  readonly why: 'echo' | 'unknown-item';
}

export interface MappedBatch {
  readonly taken: number;
  readonly oldestAt: string | undefined;
  readonly settled: readonly SettledDelivery[];
  readonly held: readonly Held[];
  readonly events: readonly Envelope[];
}

/** What a batch knows of the endpoints that its deliveries came by. */
class Places {
  readonly #byName: ReadonlyMap<string, OpenEndpoint>;
  /** In a fixed order, so that two gateways lock the stores alike. */
  readonly stores: readonly string[];

  constructor(endpoints: readonly OpenEndpoint[]) {
    this.#byName = new Map(endpoints.map((endpoint) => [endpoint.endpoint, endpoint]));
    this.stores = [...new Set(endpoints.map((endpoint) => endpoint.store))].sort();
  }

  of({ endpoint }: ReceivedDelivery): OpenEndpoint {
    const found = this.#byName.get(endpoint);
    if (!found) throw new PermanentError('unknown-endpoint', `The endpoint ${endpoint} is no longer there`);
    return found;
  }
}

const PAUSE_AFTER_MS = 8;

/** Maps the oldest deliveries that wait, in the order of their ids, in one transaction. */
export async function mapBatch(
  needs: MappingNeeds,
  endpoints: readonly OpenEndpoint[],
  held: readonly string[],
  limit: number = LIMITS.deliveriesPerMapping,
): Promise<MappedBatch> {
  const places = new Places(endpoints);
  if (places.stores.length === 0) return { taken: 0, oldestAt: undefined, settled: [], held: [], events: [] };
  return await inStores(needs.sql, places.stores, async (tx) => {
    // 1. Take what waits, when no other gateway maps, and read the bodies.
    const [, deliveries] = await Promise.all([lockMapping(tx), readReceived(tx, held, limit)]);
    const courses = await readAll(needs, deliveries, places);

    // 2. Look up at once whatever the mappings ask for, and map each.
    const knownByStore = await lookUp(
      tx,
      courses.flatMap(({ delivery, read }) => (read ? [{ store: delivery.store, read }] : [])),
    );
    const contextOf = ({ delivery, read }: Course) => {
      const { store, currency } = places.of(delivery);
      return { store, currency, toldAt: read!.toldAt, known: knownByStore.get(store)! };
    };
    const repeats = await lookUpRepeats(tx, courses, contextOf);
    for (const course of courses) if (course.read) mapOne(needs, course, contextOf(course), repeats);

    // 3. What shows an action's effect waits for its outcome, or is its echo.
    const echoes = new EchoBook();
    await echoes.read(tx, courses);
    for (const course of courses) echoes.judge(course);

    // 4. Write it all.
    const settled = courses.flatMap((course) => (course.held ? [] : [settledOf(course)]));
    const events = await writeBatch(tx, needs, places.stores, courses, settled, echoes);
    const left = courses.flatMap(({ delivery, held: why }) => (why ? [{ delivery: delivery.id, why }] : []));
    return { taken: deliveries.length, oldestAt: deliveries[0]?.receivedAt, settled, held: left, events };
  });
}

/** Numbering the events comes last, because it locks the store until the commit. */
async function writeBatch(
  tx: Transaction,
  needs: MappingNeeds,
  stores: readonly string[],
  courses: readonly Course[],
  settled: readonly SettledDelivery[],
  echoes: EchoBook,
): Promise<Envelope[]> {
  const ended = Map.groupBy(
    courses.filter((course) => !course.held),
    (course) => course.delivery.store,
  );
  await writeDeadLetters(
    tx,
    courses.flatMap((course) => deadLetterOf(needs, course)),
  );
  for (const [store, ofStore] of ended) {
    await putPeople(
      tx,
      store,
      needs.master,
      ofStore.flatMap((course) => course.people),
    );
  }
  await settleDeliveries(tx, settled);
  const events: Envelope[] = [];
  for (const store of stores) {
    const drafts = (ended.get(store) ?? []).flatMap((course) => draftsOf(needs, course, echoes));
    events.push(...(await appendEvents(tx, store, drafts, 'mapped')));
  }
  return events;
}

async function readAll(
  needs: MappingNeeds,
  deliveries: readonly ReceivedDelivery[],
  places: Places,
): Promise<Course[]> {
  const courses: Course[] = [];
  let since = performance.now();
  for (const delivery of deliveries) {
    courses.push(readOne(delivery, places));
    if (performance.now() - since < PAUSE_AFTER_MS) continue;
    await needs.pause();
    since = performance.now();
  }
  return courses;
}

function readOne(delivery: ReceivedDelivery, places: Places): Course {
  const course: Course = { delivery, said: [], people: [] };
  try {
    const read = readDelivery(delivery, places.of(delivery).platform);
    if ('unknown' in read) course.end = { state: 'ignored', topic: read.unknown, reason: 'unknown-topic' };
    else course.read = read;
  } catch (thrown) {
    fail(course, delivery.topic, toParleyError(thrown));
  }
  return course;
}

function mapOne(
  needs: MappingNeeds,
  course: Course,
  context: MappingContext & { readonly known: BatchKnowledge },
  repeats: Repeats,
): void {
  const { delivery, read } = course;
  const { topic, body } = read!;
  const { known } = context;
  try {
    const mapped = topic.map(body, context);
    if ('ignored' in mapped) course.end = { state: 'ignored', topic: topic.topic, reason: mapped.ignored };
    else if ('repeated' in mapped) course.end = { state: 'duplicate', topic: topic.topic, reason: 'duplicate' };
    else if ('awaits' in mapped) {
      const ageMs = needs.nowMs() - Date.parse(delivery.receivedAt);
      if (ageMs < LIMITS.strangerMs) course.held = 'unknown-item';
      else
        course.end = {
          state: 'failed',
          topic: topic.topic,
          reason: 'unknown-item',
          detail: 'It names an item of which no product webhook has told.',
        };
    } else {
      const said = mapped.events.map(validated);
      if (repeats.has(delivery) && said.every((event) => isOld(event, known))) {
        course.end = { state: 'duplicate', topic: topic.topic, reason: 'duplicate' };
        return;
      }
      repeats.add(delivery);
      course.said = said;
      course.people = mapped.people ?? [];
      // Nothing for anybody to act on; what it says of a person is kept all the same.
      if (said.length === 0) course.end = { state: 'ignored', topic: topic.topic, reason: 'nothing-new' };
      known.learn(said);
    }
  } catch (thrown) {
    fail(course, topic.topic, toParleyError(thrown));
  }
}

function settledOf({ delivery, read, end, echo }: Course): SettledDelivery {
  if (end) return { id: delivery.id, state: end.state, topic: end.topic, reason: end.reason };
  return { id: delivery.id, state: 'mapped', topic: read!.topic.topic, echo: echo || undefined };
}

function deadLetterOf({ newId }: MappingNeeds, { delivery, end, held }: Course): DeadLetter[] {
  if (end?.state !== 'failed' || held) return [];
  const { store, id, endpoint, headers } = delivery;
  return [
    {
      store,
      id: newId(),
      service: 'gateway',
      kind: 'delivery',
      ref: id,
      reason: end.reason,
      detail: end.detail ?? '',
      raw: { endpoint, topic: end.topic, headers },
    },
  ];
}

function draftsOf({ newId }: MappingNeeds, { delivery, read, said }: Course, echoes: EchoBook): Draft[] {
  return said.map((one) => {
    const id = newId();
    const echo = echoes.of(one, delivery.store);
    return {
      id,
      source: read!.source,
      type: one.type,
      subject: one.subject,
      time: one.time,
      store: delivery.store,
      correlationid: echo?.correlation ?? id,
      depth: echo?.depth ?? 0,
      delivery: delivery.id,
      data: one.data,
      ...(echo ? { causationid: echo.action, addressee: 'nobody' } : {}),
    };
  });
}
