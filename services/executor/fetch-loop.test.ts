import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Connectors } from './connectors.ts';
import { FetchLoop } from './fetch-loop.ts';
import { type Bench, openBench, STORE } from './testing/bench.ts';

const FOREVER = new AbortController().signal;
const OTHERS = Array.from({ length: LIMITS.fetchStoresAtOnce }, (_, n) => `other-${n}`);

describe('the readings of several stores', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
    const { sql } = bench.database;
    await sql`
      insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      select store, 'shopify', 'live', now(), 1, 'live', 'GBP', 'UTC' from unnest(${OTHERS}::text[]) as store`;
    await sql`
      insert into endpoints (endpoint, store, platform, secrets)
      select store || '-in', store, 'shopify', '[]' from unnest(${[STORE, ...OTHERS]}::text[]) as store`;
  });
  after(() => bench.close());
  beforeEach(() => bench.database.sql`delete from fetches`);

  const ask = (store: string) => bench.database.sql`
    insert into fetches (id, store, kind, ref, cause) values (gen_random_uuid(), ${store}, 'product', '1', 'thin')`;
  const answered = async () =>
    (await bench.database.sql`select store from fetches where state = 'done' order by store`).map((row) => row.store);

  /** Every store answers at once but one, which waits until it may. */
  const withOneSlow = () => {
    const asked = Promise.withResolvers<void>();
    const may = Promise.withResolvers<void>();
    const slow = async () => {
      asked.resolve();
      await may.promise;
    };
    const readerOf = async (_tx: unknown, store: string) => ({
      reader: { listed: [], read: () => (store === STORE ? slow() : undefined) },
      source: 'shopify',
    });
    const deps = { ...bench.life(), connectors: { readerOf } as unknown as Connectors };
    return { deps, asked: asked.promise, release: () => may.resolve() };
  };

  test('one that is slow keeps no other waiting, and is waited for at the end', async () => {
    const { deps, asked, release } = withOneSlow();
    const stop = new AbortController();
    const [other] = OTHERS;
    await ask(STORE);
    const running = new FetchLoop(deps, () => [STORE, other!]).run(stop.signal);
    await asked;
    await ask(other!);
    const untilMs = Date.now() + 20_000;
    while ((await answered()).length === 0 && Date.now() < untilMs) await sleep(20);
    assert.deepEqual(await answered(), [other]);
    stop.abort();
    release();
    await running;
    assert.deepEqual(await answered(), [other, STORE].sort());
  });

  test('only so many are read at once, and who has waited longest is first', async () => {
    const { deps, release } = withOneSlow();
    const loop = new FetchLoop(deps, () => [...OTHERS, STORE]);
    for (const store of [STORE, ...OTHERS]) await ask(store);
    assert.equal(await loop.tick(FOREVER), LIMITS.fetchStoresAtOnce);
    assert.equal((await bench.database.sql`select from fetches where state = 'waiting'`).length, 1);
    release();
    await loop.idle();
    assert.ok((await answered()).includes(STORE));
    assert.equal(await loop.tick(FOREVER), 1);
    await loop.idle();
  });
});
