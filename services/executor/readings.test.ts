import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { ReadItem, StoreReader } from '#shared/connectors/reader.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { plus, toInstant } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Connectors } from './connectors.ts';
import type { Deps } from './deps.ts';
import { FetchLoop } from './fetch-loop.ts';
import { PollLoop } from './poll-loop.ts';
import { type Bench, openBench, STORE } from './testing/bench.ts';

const FOREVER = new AbortController().signal;
const now = () => toInstant(Date.now());
const ago = (ms: number) => plus(now(), -ms);
const DAY = 86_400_000;
const HOUR = 3_600_000;

/** A store that holds what a test puts into it, and fails as told. */
class FakeReader implements StoreReader {
  readonly listed = ['product', 'order'] as const;
  readonly things = new Map<string, ReadItem>();
  readonly asked: string[] = [];
  readonly faults: Error[] = [];
  /** Breaks off after so many entries of a list. */
  breakAfter = Number.POSITIVE_INFINITY;

  put(kind: ReadKind, ref: string, version: string, isOpen = true, body: object = { ref, version }): void {
    this.things.set(`${kind}:${ref}`, { ref, version, body, isOpen });
  }

  async read(kind: ReadKind, ref: string): Promise<ReadItem | undefined> {
    this.asked.push(`${kind}:${ref}`);
    const fault = this.faults.shift();
    if (fault) throw fault;
    return this.things.get(`${kind}:${ref}`);
  }

  async *changedSince(kind: ReadKind, since: string): AsyncGenerator<ReadItem> {
    this.asked.push(`${kind} since ${since}`);
    const fault = this.faults.shift();
    if (fault) throw fault;
    const found = [...this.things].filter(([name, { version }]) => name.startsWith(`${kind}:`) && version >= since);
    let n = 0;
    for (const [, item] of found.sort(([, a], [, b]) => (a.version < b.version ? -1 : 1))) {
      if (n++ >= this.breakAfter) throw new TransientError('store-unavailable', 'gone');
      yield item;
    }
  }
}

describe('what is read from a store', () => {
  let bench: Bench;
  let reader: FakeReader;
  let n = 0;
  before(async () => {
    bench = await openBench();
    await bench.database
      .sql`insert into endpoints (endpoint, store, platform, secrets) values ('shop-in', ${STORE}, 'shopify', '[]')`;
    await bench.database.sql`update stores set clock_kind = 'live'`;
  });
  after(() => bench.close());
  beforeEach(async () => {
    reader = new FakeReader();
    await bench.database.sql`delete from deliveries`;
    await bench.database.sql`delete from fetches`;
    await bench.database.sql`delete from polls`;
    await bench.database.sql`delete from dead_letters`;
  });

  const life = (): Deps => ({
    ...bench.life(),
    connectors: { readerOf: async () => ({ reader, source: 'shopify' }) } as unknown as Connectors,
  });
  const ask = async (kind: ReadKind, ref: string, cause = 'thin') => {
    const id = `01900000-0000-7000-8000-${String(++n).padStart(12, '0')}`;
    await bench.database
      .sql`insert into fetches (id, store, kind, ref, cause) values (${id}, ${STORE}, ${kind}, ${ref}, ${cause})`;
    return id;
  };
  const fetches = () => bench.database.sql`select kind, ref, state, reason, attempts from fetches order by id`;
  const deliveries = async () =>
    (
      await bench.database
        .sql`select topic, via, key, convert_from(body, 'utf8')::jsonb as body from deliveries order by id`
    ).map(({ topic, via, body }) => [topic, via, body.ref ?? body.id]);
  const letters = async () =>
    (await bench.database.sql`select ref, reason from dead_letters order by at`).map((row) => [row.ref, row.reason]);
  const makeDue = () => bench.database.sql`update fetches set due_at = clock_timestamp() where state = 'waiting'`;

  describe('because the gateway asks', () => {
    const turn = async (loop: FetchLoop) => {
      const taken = await loop.tick(FOREVER);
      await loop.idle();
      return taken;
    };
    const tick = (deps = life()) => turn(new FetchLoop(deps, () => [STORE]));

    test('comes in as a delivery, in the transaction that ends the question', async () => {
      reader.put('product', '8001', now());
      const id = await ask('product', '8001');
      assert.equal(await tick(), 1);
      assert.deepEqual(await deliveries(), [['fetched/product', 'fetch', '8001']]);
      const [row] = await bench.database.sql`
        select f.state, f.xmin::text = d.xmin::text as together from fetches f join deliveries d on d.id = f.delivery where f.id = ${id}`;
      assert.deepEqual({ ...row }, { state: 'done', together: true });
      assert.equal(await tick(), 0);
    });

    test('is told to be gone where the platform has nothing', async () => {
      await ask('product', '93');
      await tick();
      assert.deepEqual(await deliveries(), [['gone/product', 'fetch', '93']]);
      assert.deepEqual(
        (await fetches()).map(({ state, reason }) => [state, reason]),
        [['done', 'not-found']],
      );
    });

    test('is tried again later, each time later, and in the end left to a person', async () => {
      await ask('order', '7');
      for (let tries = 1; tries <= LIMITS.fetchTries; tries++) {
        reader.faults.push(new TransientError('store-unavailable', 'not now'));
        assert.equal(await tick(), 1);
        assert.equal(await tick(), 0, 'not before its time');
        await makeDue();
      }
      assert.deepEqual(
        (await fetches()).map(({ state, reason, attempts }) => [state, reason, attempts]),
        [['failed', 'store-unavailable', LIMITS.fetchTries]],
      );
      assert.deepEqual(await letters(), [['order:7', 'store-unavailable']]);
    });

    test('what may not be read is told once, not once a resource', async () => {
      for (const ref of ['1', '2', '3']) {
        reader.faults.push(new PermanentError('not-permitted', 'no scope'));
        await ask('order', ref);
      }
      while ((await tick()) > 0);
      assert.deepEqual(await letters(), [['order', 'not-permitted']]);
    });

    test('a burst of one store is taken a few at a time', async () => {
      for (let ref = 0; ref < 5; ref++) {
        reader.put('product', String(ref), now());
        await ask('product', String(ref));
      }
      assert.equal(await tick(), LIMITS.fetchesAtOnce);
    });

    test('two executors answer each question once', async () => {
      for (let ref = 0; ref < 8; ref++) {
        reader.put('product', String(ref), now());
        await ask('product', String(ref));
      }
      const loops = [new FetchLoop(life(), () => [STORE]), new FetchLoop(life(), () => [STORE])];
      await Promise.all(
        loops.map(async (loop) => {
          while ((await turn(loop)) > 0);
        }),
      );
      assert.equal(reader.asked.length, 8);
      assert.equal((await deliveries()).length, 8);
    });

    test('who died over a question leaves it to the next; who comes back too late is not heard', async () => {
      const id = await ask('product', '8001');
      reader.put('product', '8001', now());
      // The first reads for so long that its time is over, and another takes it and answers.
      const slow = life();
      let answered: Promise<number> | undefined;
      const late = {
        ...reader,
        listed: reader.listed,
        read: async () => {
          await bench.database
            .sql`update fetches set due_at = clock_timestamp() - interval '1 second' where id = ${id}`;
          answered ??= tick();
          await answered;
          return reader.things.get('product:8001');
        },
      };
      Object.assign(slow, { connectors: { readerOf: async () => ({ reader: late, source: 'shopify' }) } });
      await tick(slow);
      assert.equal((await deliveries()).length, 1);
      const [row] = await fetches();
      assert.deepEqual([row!.state, row!.attempts], ['done', 2]);
    });

    test('asked again while it is being read, it is read again', async () => {
      reader.put('product', '8001', now());
      await ask('product', '8001');
      await bench.database
        .sql`update fetches set state = 'fetching', attempts = 1, due_at = clock_timestamp() + interval '1 minute'`;
      await ask('product', '8001');
      assert.equal(await tick(), 1);
      assert.equal(reader.asked.length, 1);
    });

    test('what was answered a week ago is forgotten, and nothing that still waits', async () => {
      const [old, fresh, waiting] = [await ask('product', '1'), await ask('product', '2'), await ask('product', '3')];
      await bench.database
        .sql`update fetches set state = 'done', ended_at = clock_timestamp() where id = any(${[old, fresh]})`;
      await bench.database
        .sql`update fetches set ended_at = ended_at - ${LIMITS.fetchKeptMs + HOUR} * interval '1 millisecond' where id = ${old}`;
      await new FetchLoop(life(), () => [STORE]).forget();
      const left = await bench.database.sql`select id from fetches order by id`;
      assert.deepEqual(
        left.map(({ id }) => id),
        [fresh, waiting],
      );
    });

    test('a failed one gives way to the same question asked meanwhile', async () => {
      await ask('product', '8001');
      const slow = life();
      const failing = {
        listed: reader.listed,
        read: async () => {
          await ask('product', '8001');
          throw new TransientError('store-unavailable', 'not now');
        },
      };
      Object.assign(slow, { connectors: { readerOf: async () => ({ reader: failing, source: 'shopify' }) } });
      await tick(slow);
      assert.deepEqual(
        (await fetches()).map(({ state, reason }) => [state, reason]),
        [
          ['failed', 'duplicate'],
          ['waiting', null],
        ],
      );
    });
  });

  describe('because no webhook may have told it', () => {
    const turn = async (minutes = 10) => {
      const loop = new PollLoop(life(), minutes);
      await loop.tick(FOREVER);
      await loop.idle();
    };
    const nextTurn = () => bench.database.sql`update polls set polled_at = 'epoch'`;
    const polls = async () =>
      (await bench.database.sql`select kind, until, fault from polls order by kind`).map((row) => ({ ...row }));

    test('a new store brings its whole catalogue, and of its orders those that are open', async () => {
      reader.put('product', 'old', '2019-01-01T00:00:00.000Z');
      reader.put('product', 'new', ago(HOUR));
      reader.put('order', 'open', ago(DAY));
      reader.put('order', 'sent', ago(DAY), false);
      reader.put('order', 'ancient', ago(30 * DAY));
      await turn();
      assert.deepEqual(await deliveries(), [
        ['fetched/product', 'poll', 'old'],
        ['fetched/product', 'poll', 'new'],
        ['fetched/order', 'poll', 'open'],
      ]);
    });

    test('has its turn, and not before', async () => {
      await turn();
      const asked = reader.asked.length;
      await turn();
      assert.equal(reader.asked.length, asked);
      await nextTurn();
      await turn();
      assert.equal(reader.asked.length, 2 * asked);
    });

    test('with 0 minutes nothing is ever asked', async () => {
      const stop = new AbortController();
      const running = new PollLoop(life(), 0).run(stop.signal);
      stop.abort();
      await running;
      assert.deepEqual(reader.asked, []);
    });

    test('goes on a little before where it stood, and what it saw then adds nothing', async () => {
      reader.put('order', '1', ago(2 * LIMITS.pollSettleMs));
      await turn();
      reader.put('order', '2', ago(1.5 * LIMITS.pollSettleMs));
      await nextTurn();
      await turn();
      assert.deepEqual(
        (await deliveries()).map(([, , ref]) => ref),
        ['1', '2'],
      );
    });

    test('what is over is told from the second turn on', async () => {
      await turn();
      await bench.database.sql`update polls set began_at = ${ago(DAY)}`;
      reader.put('order', 'cancelled', ago(2 * LIMITS.pollSettleMs), false);
      await nextTurn();
      await turn();
      assert.deepEqual(await deliveries(), [['fetched/order', 'poll', 'cancelled']]);
    });

    test('what has only just changed is left to its webhook for now', async () => {
      reader.put('order', '1', now());
      await turn();
      assert.deepEqual(await deliveries(), []);
    });

    test('two changes within one second are two', async () => {
      const at = ago(2 * LIMITS.pollSettleMs);
      reader.put('order', '1', at, true, { ref: '1', tags: 'a', readAt: now() });
      await turn();
      reader.put('order', '1', at, true, { ref: '1', tags: 'b', readAt: now() });
      await nextTurn();
      await turn();
      assert.equal((await deliveries()).length, 2);
    });

    test('an interrupted list goes on where it stood', async () => {
      const count = 3 * LIMITS.pollPage;
      for (let ref = 0; ref < count; ref++)
        reader.put('product', String(ref), plus('2026-01-01T00:00:00.000Z', ref * HOUR));
      reader.breakAfter = 2 * LIMITS.pollPage;
      await turn();
      assert.equal((await deliveries()).length, 2 * LIMITS.pollPage);
      assert.deepEqual(
        (await polls()).map(({ kind, fault }) => [kind, fault]),
        [
          ['order', null],
          ['product', 'store-unavailable'],
        ],
      );
      reader.breakAfter = Number.POSITIVE_INFINITY;
      reader.asked.length = 0;
      await nextTurn();
      await turn();
      assert.equal((await deliveries()).length, count);
      assert.equal(
        reader.asked[0],
        `product since ${plus('2026-01-01T00:00:00.000Z', (2 * LIMITS.pollPage - 1) * HOUR - LIMITS.pollOverlapMs)}`,
      );
    });

    test('a replayed store is not gone through: it tells everything itself', async () => {
      await bench.database.sql`update stores set clock_kind = 'replay'`;
      await turn();
      await bench.database.sql`update stores set clock_kind = 'live'`;
      assert.deepEqual(reader.asked, []);
    });

    test('what may not be listed is told to a person, and the other lists go on', async () => {
      reader.faults.push(new PermanentError('not-permitted', 'no scope'));
      reader.put('order', '1', ago(HOUR));
      await turn();
      assert.deepEqual(await letters(), [['product', 'not-permitted']]);
      assert.deepEqual(await deliveries(), [['fetched/order', 'poll', '1']]);
    });
  });
});
