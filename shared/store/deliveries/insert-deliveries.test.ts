import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import type { Sql } from '../connect.ts';
import { insertDeliveries } from './insert-deliveries.ts';

const RUNS = 100;

describe('insertDeliveries', () => {
  let database: TestDatabase;
  let gateway: Sql;
  before(async () => {
    database = await createDatabase();
    gateway = database.open('gateway');
    for (const store of ['shop', 'other']) await putTestStore(database.sql, store);
  });
  after(() => database.close());

  const arrived = (body: Uint8Array, store = 'shop', key: string = randomUUID()) => ({
    id: randomUUID(),
    store,
    endpoint: store,
    key,
    topic: 'orders/create',
    headers: { 'x-shopify-topic': 'orders/create', odd: 'a "quote", a \\ and é' },
    body,
    digest: randomBytes(32),
    copies: 0,
  });

  /** Text of every kind, and what is none: a NUL, half a character, any bytes, a mark at the beginning, nothing at all. */
  const body = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.uint8Array(),
    fc.constantFrom('', '\u0000', '\ufeff{}', '{"a":"\\u0000"}', '€'.repeat(2_000)).map((text) => Buffer.from(text)),
    fc.constant(Buffer.from([0xe2, 0x82])),
  );

  test('keeps every byte of every body of a batch, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(body, { minLength: 1, maxLength: 8 }), async (bodies) => {
        const batch = bodies.map((one) => arrived(one));
        await insertDeliveries(gateway, batch);
        const rows = await database.sql<{ id: string; body: Uint8Array; digest: Uint8Array; headers: object }[]>`
          select id, body, digest, headers from deliveries where id = any(${batch.map((one) => one.id)}::uuid[])`;
        assert.equal(rows.length, batch.length);
        for (const row of rows) {
          const sent = batch.find((one) => one.id === row.id)!;
          assert.deepEqual(Buffer.from(row.body), Buffer.from(sent.body));
          assert.deepEqual(Buffer.from(row.digest), sent.digest);
          assert.deepEqual(row.headers, sent.headers);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('names the stores of its batch and no others, and leaves no name behind on the connection', async () => {
    const one = database.open('gateway');
    const seen = async () => (await one`select count(*)::int as n from deliveries`)[0]!.n;
    await insertDeliveries(one, [arrived(Buffer.from('a'), 'shop'), arrived(Buffer.from('b'), 'other')]);
    assert.equal(await seen(), 0);
  });

  test('of a key that is there it counts the copies, in whatever connection', async () => {
    const first = arrived(Buffer.from('a'), 'shop', 'same');
    assert.deepEqual(
      (await insertDeliveries(gateway, [first])).map((row) => row.fresh),
      [true],
    );
    const again = { ...arrived(Buffer.from('a'), 'shop', 'same'), copies: 2 };
    const fresh = (await insertDeliveries(database.open('gateway'), [again, arrived(Buffer.from('c'))])).map((row) => [
      row.key === 'same',
      row.fresh,
    ]);
    assert.deepEqual(
      new Map(fresh as [boolean, boolean][]),
      new Map([
        [true, false],
        [false, true],
      ]),
    );
    const [row] = await database.sql`select id, copies from deliveries where endpoint = 'shop' and key = 'same'`;
    assert.deepEqual([row!.id, row!.copies], [first.id, 3]);
  });
});
