import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { MemoryServer } from '#shared/bus/memory-bus.ts';
import { watermarkSubject } from '#shared/bus/subjects.ts';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Sql } from '#shared/store/connect.ts';
import { readPosition } from '#shared/store/positions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { Desk } from './desk.ts';

const T0 = '2011-10-05T10:00:00.000Z';

describe('context desk', () => {
  let database: TestDatabase;
  let context: Sql;
  let gateway: Sql;
  let store = '';
  let shops = 0;
  let heard: string[] = [];

  before(async () => {
    database = await createDatabase();
    context = database.open('context');
    gateway = database.open('gateway');
    await database.sql`insert into leases (service, partition, holder, epoch, until) values ('context', 1, 'me', 3, now() + interval '1 hour')`;
  });
  after(() => database.close());
  beforeEach(async () => {
    store = `shop-${++shops}`;
    heard = [];
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${store}, 'sandbox', 'replay', ${T0}, 1, 'live', 'GBP', 'UTC')`;
  });

  const open = async (epoch = 3, cachedFacts?: number, sql = context) => {
    const bus = new MemoryServer({ ackWaitMs: 5_000 }).connect();
    bus.watch(watermarkSubject(store), (_, seq) => heard.push(seq));
    const row = { store, clock_kind: 'replay', clock: T0, partition: 1 } as const;
    const logger = createLogger('test', 'silent');
    const desk = new Desk(row as never, epoch, { sql, bus, clocks: systemClocks, logger }, cachedFacts);
    await desk.restore();
    return desk;
  };
  const draft = (type: string, subject: string, data: object): Draft => ({
    id: randomUUID(),
    source: 'test',
    type,
    subject: subject as Draft['subject'],
    time: T0,
    store,
    correlationid: randomUUID(),
    depth: 0,
    data: data as Draft['data'],
  });
  const write = (...drafts: Draft[]): Promise<Envelope[]> =>
    inStores(gateway, [store], (tx) => appendEvents(tx, store, drafts));
  const order = (n: number, ...skus: string[]) =>
    draft('order.placed', `order:${n}`, {
      name: `#${n}`,
      currency: 'GBP',
      totalMinor: 100,
      lines: skus.map((sku) => ({ sku, units: 2, unitMinor: 50 })),
    });
  const factOf = async (resource: string, attribute: string) => {
    const [row] = await database.sql<{ value: unknown; version: number }[]>`
      select value, version from facts where store = ${store} and resource = ${resource} and attribute = ${attribute}`;
    return row;
  };
  const position = () => inStores(context, [store], (tx) => readPosition(tx, store, 'context'));

  test('doorbells in any order, and rows that no doorbell brought, are folded once and in order', async () => {
    const events = await write(order(1, 'A', 'B'), order(2, 'A'), order(3, 'A', 'A'));
    const desk = await open();
    desk.feed.offer(events[2]!);
    desk.feed.offer(events[1]!);
    await desk.tick();
    for (const event of events) desk.feed.offer(event);
    while (await desk.tick());
    assert.deepEqual(await factOf('sku:A', 'sold-total'), { value: 8, version: 3 });
    assert.equal((await factOf('sku:B', 'sold-total'))?.value, 2);
    assert.equal((await factOf(`store:${store}`, 'orders'))?.value, 3);
    assert.equal(await position(), 3);
    assert.equal(heard.at(-1), '3');
  });

  test('each version of a fact is in its history, and what came too late beside it', async () => {
    const level = (units: number, time: string) => ({ ...draft('stock.changed', 'sku:A', { level: units }), time });
    await write(level(9, T0), order(1, 'A'), level(12, '2011-10-04T10:00:00.000Z'));
    const desk = await open();
    while (await desk.tick());
    const rows = await database.sql`
      select version, folded, value from fact_history where store = ${store} and resource = 'sku:A' and attribute = 'stock' order by version`;
    assert.deepEqual(
      rows.map((row) => [row.version, row.folded, row.value]),
      [
        [1, 'yes', 9],
        [3, 'late', 12],
      ],
    );
    assert.equal((await factOf('sku:A', 'stock'))?.value, 9);
  });

  test('an event that cannot be applied is a dead letter, and the watermark goes on', async () => {
    const [, bad] = await write(
      order(1, 'A'),
      draft('order.placed', 'order:9', { name: 'no lines' }),
      draft('never.heard', 'order:9', {}),
      order(2, 'A'),
    );
    const desk = await open();
    while (await desk.tick());
    const letters = await database.sql`select ref, reason from dead_letters where store = ${store} order by reason`;
    assert.equal(letters.length, 2);
    assert.ok(letters.some((letter) => letter.ref === bad!.id));
    assert.equal((await factOf('sku:A', 'sold-total'))?.value, 4);
    assert.equal(await factOf('order:9', 'placed'), undefined);
    assert.equal(await position(), 4);
  });

  test('a stale holder writes nothing', async () => {
    await write(order(1, 'A'));
    await assert.rejects(open(2), { reason: 'lease-lost' });
    assert.equal(await position(), 0);
  });

  test('a cache that holds less than one batch needs changes nothing in the result', async () => {
    const skus = Array.from({ length: 40 }, (_, n) => `S${n}`);
    const desk = await open(3, 5);
    for (let n = 0; n < 3; n++) {
      await write(order(n, ...skus));
      for (const event of await write(order(100 + n, 'S0'))) desk.feed.offer(event);
      while (await desk.tick());
    }
    assert.equal((await factOf('sku:S39', 'sold-total'))?.value, 6);
    assert.equal((await factOf('sku:S0', 'sold-total'))?.value, 12);
  });

  test('a failure in doubt is settled by the table: a batch that was committed is not folded again', async () => {
    const events = await write(order(1, 'A'), order(2, 'A'));
    const first = await open();
    const broken = await open(3, undefined, failing(context));
    broken.feed.offer(events[0]!);
    await assert.rejects(broken.tick());
    while (await first.tick());
    assert.equal((await factOf('sku:A', 'sold-total'))?.value, 4);
    // The one in doubt still has the doorbell of event 1, and asks the table before it folds it.
    while (await broken.tick());
    assert.equal((await factOf('sku:A', 'sold-total'))?.value, 4);
    assert.equal(await position(), 2);
  });
});

/** A connection whose first transaction after the opening one fails, as when the database goes away at the commit. */
function failing(sql: Sql): Sql {
  let transactions = 0;
  return new Proxy(sql, {
    get: (target, key) => {
      if (key !== 'begin') return Reflect.get(target, key);
      return (...args: unknown[]) => {
        transactions += 1;
        if (transactions === 2) return Promise.reject(new Error('connection lost'));
        return (target.begin as (...given: unknown[]) => unknown)(...args);
      };
    },
  });
}
