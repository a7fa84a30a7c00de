import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from '#shared/kernel/ids.ts';
import { DAY_MS } from '#shared/kernel/time.ts';
import { commonShape, readConfig } from '#shared/runtime/config.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import { forgetDeliveries, forgetReferences } from '#shared/store/deliveries/forget.ts';
import { keepReferences } from '#shared/store/deliveries/references.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import { gatewayShape } from './config.ts';
import { Retention } from './retention.ts';

const NOW_MS = Date.parse('2026-06-01T00:00:00.000Z');

describe('retention', { timeout: 60_000 }, () => {
  let database: TestDatabase;
  let gateway: Sql;
  before(async () => {
    database = await createDatabase();
    gateway = database.open('gateway');
    for (const [store, mode] of [
      ['shop', 'live'],
      ['gone', 'removed'],
    ] as const) {
      await putTestStore(database.sql, store);
      await database.sql`update stores set mode = ${mode} where store = ${store}`;
    }
  });
  after(() => database.close());

  const put = async (ageDays: number, state: string, store = 'shop') => {
    const ms = NOW_MS - ageDays * DAY_MS;
    const id = uuidv7(ms, randomBytes(10));
    await database.sql`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, state, received_at)
      values (${id}, ${store}, ${store}, ${randomUUID()}, ${`${ageDays} ${state}`}, '{}', 'x', ${state}, ${new Date(ms).toISOString()})`;
  };
  const left = async () => (await database.sql`select topic from deliveries order by id`).map((row) => row.topic);
  const clear = () => database.sql`delete from deliveries`;

  test('deletes what is older than its time, of every state but what still waits, of removed stores too', async () => {
    await clear();
    for (const state of ['mapped', 'ignored', 'failed', 'duplicate', 'received']) {
      await put(31, state);
      await put(29, state);
    }
    await put(31, 'mapped', 'gone');
    assert.equal(await forgetDeliveries(gateway, NOW_MS - 30 * DAY_MS, 100), 5);
    assert.deepEqual((await left()).sort(), [
      '29 duplicate',
      '29 failed',
      '29 ignored',
      '29 mapped',
      '29 received',
      '31 received',
    ]);
    assert.equal(await forgetDeliveries(gateway, NOW_MS - 30 * DAY_MS, 100), 0);
  });

  test('what was never mapped of a removed store goes too, once its time is over: nobody will map it', async () => {
    await clear();
    for (const age of [29, 31]) await put(age, 'received', 'gone');
    assert.equal(await forgetDeliveries(gateway, NOW_MS - 30 * DAY_MS, 100), 1);
    assert.deepEqual(await left(), ['29 received']);
  });

  test('the oldest first, so many at once', async () => {
    await clear();
    for (const age of [33, 31, 32]) await put(age, 'mapped');
    assert.equal(await forgetDeliveries(gateway, NOW_MS - 30 * DAY_MS, 2), 2);
    assert.deepEqual(await left(), ['31 mapped']);
  });

  test('what another holds is passed over, and waited for by nobody', async () => {
    await clear();
    for (const age of [33, 32]) await put(age, 'mapped');
    await database.sql.begin(async (tx) => {
      await tx`select from deliveries where topic = '33 mapped' for update`;
      assert.equal(await forgetDeliveries(gateway, NOW_MS - 30 * DAY_MS, 10), 1);
    });
    assert.deepEqual(await left(), ['33 mapped']);
  });

  describe('of what others call an order', () => {
    const name = (kind: string, ref: string, ageMs: number, store = 'shop') => database.sql`
      insert into order_references (store, kind, ref, subject, named_at)
      values (${store}, ${kind}, ${ref}, 'order:1', ${new Date(NOW_MS - ageMs).toISOString()})`;
    const names = async () =>
      (await database.sql`select ref from order_references order by ref`).map((row) => row.ref as string);
    const { parcelNamesKeptMs, paymentNamesKeptMs } = LIMITS;

    test('a parcel goes after its time and a payment after its own, of removed stores too', async () => {
      await name('parcel', 'young', parcelNamesKeptMs - 1);
      await name('parcel', 'old', parcelNamesKeptMs + 1);
      await name('parcel', 'old, of one removed', parcelNamesKeptMs + 1, 'gone');
      await name('payment', 'paid', parcelNamesKeptMs + 1);
      await name('payment', 'paid long ago', paymentNamesKeptMs + 1);
      assert.equal(await forgetReferences(gateway, NOW_MS, 2), 2, 'so many at once');
      assert.equal(await forgetReferences(gateway, NOW_MS, 2), 1);
      assert.deepEqual(await names(), ['paid', 'young']);
    });

    test('one that is used again is young again', async () => {
      await name('parcel', 'again', parcelNamesKeptMs + 1);
      await inStores(gateway, ['shop'], (tx) =>
        keepReferences(tx, 'shop', [{ kind: 'parcel', ref: 'again', subject: 'order:2' }]),
      );
      assert.equal(await forgetReferences(gateway, NOW_MS, 100), 0);
    });
  });

  test('runs by itself, batch after batch, and stops at once', async () => {
    await clear();
    const count = LIMITS.forgottenAtOnce + 20;
    await database.sql`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, state, received_at)
      select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'shop', 'shop', n::text, 't', '{}', 'x', 'mapped', '2024-06-01'
      from generate_series(1, ${count}) n`;
    await put(1, 'mapped');
    await database.sql`
      insert into order_references (store, kind, ref, subject, named_at)
      values ('shop', 'payment', 'by itself', 'order:1', '2020-01-01')`;
    let forgotten = 0;
    const retention = new Retention({
      sql: gateway,
      keptDays: 30,
      nowMs: () => NOW_MS,
      logger: createLogger('gateway', 'silent'),
      onForgotten: (more) => (forgotten += more),
    });
    retention.start();
    while (forgotten < count) await sleep(20);
    const startedAt = performance.now();
    await retention.stop();
    assert.ok(performance.now() - startedAt < 1_000);
    assert.deepEqual(await left(), ['1 mapped']);
    assert.equal((await database.sql`select from order_references where ref = 'by itself'`).length, 0);
  });
});

describe('PARLEY_DELIVERIES_KEPT_DAYS', () => {
  const read = (days?: string) =>
    readConfig(
      { ...commonShape, PARLEY_DELIVERIES_KEPT_DAYS: gatewayShape.PARLEY_DELIVERIES_KEPT_DAYS },
      {
        DATABASE_URL: 'postgres://a@127.0.0.1/a',
        NATS_URL: 'nats://127.0.0.1:1',
        ...(days === undefined ? {} : { PARLEY_DELIVERIES_KEPT_DAYS: days }),
      },
    ).PARLEY_DELIVERIES_KEPT_DAYS;

  test('is 30 where nothing is said, and never shorter than the guard against replays', () => {
    assert.equal(read(), 30);
    assert.equal(read('3'), LIMITS.replayGuardMs / DAY_MS);
    assert.equal(read('400'), 400);
    for (const wrong of ['2', '0', '-1', '1.5', 'ever', '4000'])
      assert.throws(() => read(wrong), { reason: 'bad-config' });
  });
});
