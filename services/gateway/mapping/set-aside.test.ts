import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PermanentError } from '#shared/kernel/errors.ts';
import { newMasterKeyText, parseMasterKey } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import { insertDeliveries } from '#shared/store/deliveries/insert-deliveries.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import { putEndpoint } from '#shared/store/setup/installation.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import { orderBody } from '../fixtures/bodies.ts';
import { openEndpoint } from '../fixtures/mapping.ts';
import { orderedIds } from '../receive/ordered-ids.ts';
import { mapBatch } from './map-batch.ts';
import { setAside } from './set-aside.ts';

const ENDPOINT = openEndpoint();
const FAULT = new PermanentError('internal-error', 'what Postgres refuses');

describe('a delivery that is set aside', { timeout: 60_000 }, () => {
  const newId = orderedIds(() => Date.now());
  let database: TestDatabase;
  let sql: Sql;
  before(async () => {
    database = await createDatabase();
    sql = database.open('gateway');
    await putTestStore(database.sql, 'shop');
    await putEndpoint(database.sql, { endpoint: 'shop', store: 'shop', platform: 'shopify', secrets: [] });
    await database.sql.unsafe(`create function refuse() returns trigger language plpgsql as $$ begin
      if new.subject = 'order:1' then raise exception 'no' using errcode = '22023'; end if; return new; end $$`);
    await database.sql.unsafe('create trigger refuse before insert on events for each row execute function refuse()');
  });
  after(() => database.close());
  beforeEach(() => database.sql`truncate deliveries, dead_letters`);

  const receive = (order: number) => {
    const body = Buffer.from(
      JSON.stringify(orderBody({ id: order, admin_graphql_api_id: `gid://shopify/Order/${order}` })),
    );
    const delivery = { id: newId(), store: 'shop', endpoint: 'shop', key: `k${order}`, topic: 'orders/create' };
    return insertDeliveries(sql, [{ ...delivery, headers: {}, body, copies: 0 }]);
  };
  const states = async () =>
    (await database.sql`select key, state, reason from deliveries order by key`).map((row) => Object.values(row));
  const letters = async () => (await database.sql`select ref, detail from dead_letters`).map((row) => ({ ...row }));

  /** Maps the oldest, which fails, and answers which one it was. */
  async function failOldest(): Promise<ReceivedDelivery> {
    let failing: ReceivedDelivery | undefined;
    const needs = { sql, master: parseMasterKey(newMasterKeyText(), 'test'), newId, nowMs: () => Date.now() };
    const mapped = mapBatch({ ...needs, pause: async () => {} }, [ENDPOINT], [], 1, ([only]) => {
      failing = only;
    });
    await assert.rejects(mapped, { code: '22023' });
    return failing!;
  }

  test('is the one that failed, though a repetition of it is being counted, and not the next in line', async () => {
    for (const order of [1, 2]) await receive(order);
    const failing = await failOldest();
    let aside: Promise<boolean> | undefined;
    await database.sql.begin(async (tx) => {
      await tx`update deliveries set copies = copies + 1 where key = 'k1'`;
      aside = setAside({ sql, newId }, failing, FAULT);
      await Promise.race([aside, sleep(100)]);
    });
    assert.equal(await aside, true);
    assert.deepEqual(await states(), [
      ['k1', 'failed', 'internal-error'],
      ['k2', 'received', null],
    ]);
    assert.deepEqual(await letters(), [{ ref: failing.id, detail: FAULT.message }]);
  });

  test('stays as it is where another gateway has ended it meanwhile', async () => {
    await receive(1);
    const failing = await failOldest();
    await database.sql`update deliveries set state = 'mapped'`;
    assert.equal(await setAside({ sql, newId }, failing, FAULT), false);
    assert.deepEqual(await states(), [['k1', 'mapped', null]]);
    assert.deepEqual(await letters(), []);
  });
});
