import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { newMasterKeyText, parseMasterKey } from '#shared/runtime/seal.ts';
import type { Sql } from '#shared/store/connect.ts';
import { insertDeliveries } from '#shared/store/deliveries/insert-deliveries.ts';
import { putEndpoint } from '#shared/store/setup/installation.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import { orderBody } from '../fixtures/bodies.ts';
import { openEndpoint } from '../fixtures/mapping.ts';
import { orderedIds } from '../receive/ordered-ids.ts';
import { mapBatch } from './map-batch.ts';

const STORE = 'shop';
const ENDPOINT = openEndpoint();
/** Without the lock each of them was doubled. */
const ORDERS = 20;

describe('two gateways on one database', { timeout: 60_000 }, () => {
  const master = parseMasterKey(newMasterKeyText(), 'test');
  const newId = orderedIds(() => Date.now());
  let database: TestDatabase;
  let gateways: Sql[];
  before(async () => {
    database = await createDatabase();
    gateways = [database.open('gateway'), database.open('gateway')];
    await putTestStore(database.sql, STORE);
    await putEndpoint(database.sql, { endpoint: STORE, store: STORE, platform: 'shopify', secrets: [] });
  });
  after(() => database.close());

  const map = (sql: Sql, limit: number) =>
    mapBatch({ sql, master, newId, nowMs: () => Date.now(), pause: async () => {} }, [ENDPOINT], [], limit);

  const receive = async (order: number) => {
    const body = Buffer.from(
      JSON.stringify(orderBody({ id: order, admin_graphql_api_id: `gid://shopify/Order/${order}` })),
    );
    const digest = createHmac('sha256', 'x').update(body).digest();
    const key = `orders/create|event|${randomUUID()}`;
    const delivery = { id: newId(), store: STORE, endpoint: STORE, key, topic: 'orders/create', headers: {} };
    await insertDeliveries(gateways[0]!, [{ ...delivery, body, digest, copies: 0 }]);
  };

  test('map one order that came twice, side by side, to one event', async () => {
    // Both connections are there before it counts.
    for (const sql of gateways) await map(sql, 1);
    for (let order = 9_000; order < 9_000 + ORDERS; order++) {
      for (let n = 0; n < 2; n++) await receive(order);
      await Promise.all(gateways.map((sql) => map(sql, 1)));
    }
    const doubled =
      await database.sql`select subject from events where type = 'order.placed' group by subject having count(*) > 1`;
    assert.equal(doubled.length, 0);
    const states = await database.sql`select state, count(*)::int as n from deliveries group by state order by state`;
    assert.deepEqual(
      states.map((row) => [row.state, row.n]),
      [
        ['duplicate', ORDERS],
        ['mapped', ORDERS],
      ],
    );
  });

  test('give a store its events in the order in which they came', async () => {
    const first = 9_500;
    for (let order = first; order < first + ORDERS; order++) await receive(order);
    for (let n = 0; n < ORDERS; n += 4) await Promise.all(gateways.map((sql) => map(sql, 2)));
    const rows = await database.sql`select e.delivery from events e join deliveries d on d.id = e.delivery
      where e.subject >= ${`order:${first}`} order by e.seq`;
    const order = rows.map((row) => row.delivery as string);
    assert.equal(order.length, ORDERS);
    assert.deepEqual(order, order.toSorted());
  });
});
