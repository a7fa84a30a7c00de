import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { MasterKey } from '#shared/runtime/seal.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Sql, Transaction } from '#shared/store/connect.ts';
import { type DeadLetter, writeDeadLetters } from '#shared/store/dead-letters.ts';
import { askFetches, countFound } from '#shared/store/deliveries/fetches.ts';
import {
  lockMapping,
  type ReceivedDelivery,
  readReceived,
  type SettledDelivery,
  settleDeliveries,
} from '#shared/store/deliveries/received.ts';
import { keepReferences } from '#shared/store/deliveries/references.ts';
import { keepVersions } from '#shared/store/deliveries/versions.ts';
import { putPeople } from '#shared/store/personal/put-people.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { OpenEndpoint } from '../receive/endpoints.ts';
import { type Course, isFound, kindOf } from './course.ts';
import { EchoBook } from './echo-book.ts';
import { lookUp } from './look-up.ts';
import { mapOne, readOne } from './map-one.ts';
import { lookUpRepeats } from './repeats.ts';

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
  /** What a poll brought in and nobody had told of, by kind. */
  readonly found: readonly string[];
  /** Why the platform is asked, once for each question. */
  readonly asked: readonly string[];
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

/** Maps the oldest deliveries that wait, in the order of their ids, in one transaction; `onTaken` learns which, even where it fails. */
export async function mapBatch(
  needs: MappingNeeds,
  endpoints: readonly OpenEndpoint[],
  held: readonly string[],
  limit: number = LIMITS.deliveriesPerMapping,
  onTaken: (deliveries: readonly ReceivedDelivery[]) => void = () => {},
): Promise<MappedBatch> {
  const places = new Places(endpoints);
  if (places.stores.length === 0)
    return { taken: 0, oldestAt: undefined, settled: [], held: [], events: [], found: [], asked: [] };
  return await inStores(needs.sql, places.stores, async (tx) => {
    // 1. Take what waits, when no other gateway maps, and read the bodies.
    const [, deliveries] = await Promise.all([lockMapping(tx), readReceived(tx, held, limit)]);
    onTaken(deliveries);
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
    for (const course of courses) if (course.read) mapOne(course, contextOf(course), repeats, needs.nowMs());

    // 3. What shows an action's effect waits for its outcome, or is its echo.
    const echoes = new EchoBook();
    await echoes.read(tx, courses);
    for (const course of courses) echoes.judge(course);

    // 4. Write it all.
    const settled = courses.flatMap((course) => (course.held ? [] : [settledOf(course)]));
    const events = await writeBatch(tx, needs, places.stores, courses, settled, echoes);
    const left = courses.flatMap(({ delivery, held: why }) => (why ? [{ delivery: delivery.id, why }] : []));
    const found = courses.filter(isFound).map(kindOf);
    const asked = courses.flatMap((course) => (course.held ? [] : course.asks.map(({ cause }) => cause)));
    return { taken: deliveries.length, oldestAt: deliveries[0]?.receivedAt, settled, held: left, events, found, asked };
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
  for (const [store, ofStore] of ended) await writeReading(tx, needs, store, ofStore);
  await settleDeliveries(tx, settled);
  const events: Envelope[] = [];
  for (const store of stores) {
    const drafts = (ended.get(store) ?? []).flatMap((course) => draftsOf(needs, course, echoes));
    events.push(...(await appendEvents(tx, store, drafts, 'mapped')));
  }
  return events;
}

/** Which versions have been told, what others call an order, what is to be read anew, and what no webhook had told. */
async function writeReading(
  tx: Transaction,
  { newId }: MappingNeeds,
  store: string,
  courses: readonly Course[],
): Promise<void> {
  await keepVersions(
    tx,
    store,
    courses.flatMap((course) => course.versions),
  );
  await keepReferences(
    tx,
    store,
    courses.flatMap((course) => course.names),
  );
  await askFetches(
    tx,
    store,
    courses.flatMap((course) => course.asks).map((asked) => ({ id: newId(), ...asked })),
  );
  for (const [kind, found] of Map.groupBy(courses.filter(isFound), kindOf))
    await countFound(tx, store, kind, found.length);
}

async function readAll(
  needs: MappingNeeds,
  deliveries: readonly ReceivedDelivery[],
  places: Places,
): Promise<Course[]> {
  const courses: Course[] = [];
  let since = performance.now();
  for (const delivery of deliveries) {
    courses.push(readOne(delivery, () => places.of(delivery)));
    if (performance.now() - since < PAUSE_AFTER_MS) continue;
    await needs.pause();
    since = performance.now();
  }
  return courses;
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
      ...(echo ? { causationid: echo.action } : {}),
      // What our own action did, and what is only a trial of the shop's, is for nobody to act on.
      ...(echo || one.data.test === true ? { addressee: 'nobody' } : {}),
    };
  });
}
