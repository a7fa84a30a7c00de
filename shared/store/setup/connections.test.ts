import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { readStores } from '../stores.ts';
import { inStores } from '../transaction.ts';
import {
  type Connection,
  forgetConnection,
  readConnectedStore,
  readCredentials,
  readEndpoint,
  readLastDelivery,
  readStoreEndpoints,
  removeConnection,
  setSecrets,
  writeConnection,
} from './connections.ts';
import { putEndpoint } from './installation.ts';

const AT = '2026-05-05T10:00:00.000Z';
const connection = (changes: Partial<Connection['store']> = {}): Connection => ({
  store: {
    store: 'candles',
    platform: 'shopify',
    currency: 'EUR',
    zone: 'Europe/Berlin',
    shop: 'gid://shopify/Shop/7',
    webhooks: true,
    clock: AT,
    partition: 7,
    ...changes,
  },
  endpoint: { endpoint: 'candles', platform: 'shopify', secrets: ['sealed-1'] },
  credential: { url: 'https://candles.myshopify.com', sealed: Buffer.from('token') },
});

describe('a connection to a store', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
  });
  after(() => database.close());
  const worked = async () => (await inStores(database.sql, [], readStores)).map(({ store }) => store);

  test('is there whole, and begins in watch', async () => {
    await writeConnection(database.sql, connection());
    assert.deepEqual(await readConnectedStore(database.sql, 'candles'), {
      store: 'candles',
      platform: 'shopify',
      mode: 'watch',
      clockKind: 'live',
      currency: 'EUR',
      zone: 'Europe/Berlin',
      shop: 'gid://shopify/Shop/7',
      webhooks: true,
    });
    assert.deepEqual((await readEndpoint(database.sql, 'candles'))?.secrets, ['sealed-1']);
    const [credential] = await readCredentials(database.sql, ['candles']);
    assert.equal(Buffer.from(credential!.sealed).toString(), 'token');
    assert.equal((await readCredentials(database.sql, ['another'])).length, 0);
    assert.deepEqual(await worked(), ['candles']);
  });

  test('written again, keeps what was decided since and takes the new secret', async () => {
    await database.sql`update stores set mode = 'live', head = 12 where store = 'candles'`;
    const again = connection({ zone: 'Europe/Vienna', clock: '2030-01-01T00:00:00.000Z' });
    await writeConnection(database.sql, { ...again, endpoint: { ...again.endpoint, secrets: ['sealed-2'] } });
    const [row] = await database.sql`select mode, head, zone, clock from stores where store = 'candles'`;
    assert.deepEqual({ ...row }, { mode: 'live', head: 12, zone: 'Europe/Vienna', clock: AT });
    assert.deepEqual((await readEndpoint(database.sql, 'candles'))?.secrets, ['sealed-2']);
  });

  test('an endpoint of another sender stands beside it, with secrets and a mapping of its own', async () => {
    const row = { endpoint: 'candles-erp', store: 'candles', platform: 'standard', secrets: ['a'], mapping: 'x: 1' };
    await putEndpoint(database.sql, { ...row, platform: 'standard' });
    assert.equal(await setSecrets(database.sql, 'candles-erp', ['b', 'a']), true);
    assert.equal(await setSecrets(database.sql, 'nowhere', ['b']), false);
    assert.deepEqual(
      (await readStoreEndpoints(database.sql, 'candles')).map(({ endpoint, secrets, mapping }) => [
        endpoint,
        secrets,
        mapping,
      ]),
      [
        ['candles', ['sealed-2'], null],
        ['candles-erp', ['b', 'a'], 'x: 1'],
      ],
    );
  });

  test('the last delivery is the last that a sender sent, not what a poll found', async () => {
    const insert = (id: string, key: string, via: string, topic: string) => database.sql`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, via, received_at)
      values (${id}, 'candles', 'candles', ${key}, ${topic}, '{}', ${Buffer.from('{}')}, ${via}, ${AT})`;
    await insert('019a0000-0000-7000-8000-000000000001', '1', 'webhook', 'orders/create');
    await insert('019a0000-0000-7000-8000-000000000002', '2', 'webhook', 'orders/paid');
    await insert('019a0000-0000-7000-8000-000000000003', '3', 'poll', 'fetched/order');
    assert.equal((await readLastDelivery(database.sql, 'candles', 'candles'))?.topic, 'orders/paid');
    assert.equal(await readLastDelivery(database.sql, 'candles', 'candles-erp'), undefined);
  });

  test('removed, it keeps its history, takes nothing in and is worked by nobody', async () => {
    await removeConnection(database.sql, 'candles');
    assert.equal((await readStoreEndpoints(database.sql, 'candles')).length, 0);
    assert.equal((await readCredentials(database.sql, ['candles'])).length, 0);
    assert.equal((await readConnectedStore(database.sql, 'candles'))?.mode, 'removed');
    const [row] = await database.sql`select count(*)::int as n from deliveries where store = 'candles'`;
    assert.equal(row?.n, 3);
    assert.deepEqual(await worked(), []);
  });

  test('added again, it goes on with its history, in watch', async () => {
    await writeConnection(database.sql, connection());
    const [row] = await database.sql`select mode, head from stores where store = 'candles'`;
    assert.deepEqual({ ...row }, { mode: 'watch', head: 12 });
  });

  test('added again, the shop keeps the keys of what it sent; where nobody knows which shop it was, they are free', async () => {
    const keys = async () => {
      await removeConnection(database.sql, 'candles');
      await writeConnection(database.sql, connection());
      const rows = await database.sql`select key from deliveries where endpoint = 'candles' order by id`;
      return rows.map(({ key }) => String(key).replace(/[0-9a-f-]{36}$/, 'ID'));
    };
    assert.deepEqual(await keys(), ['1', '2', '3']);
    await writeConnection(database.sql, connection());
    assert.deepEqual(await keys(), ['1', '2', '3']);
    await database.sql`update stores set shop = null where store = 'candles'`;
    assert.deepEqual(await keys(), ['1|removed|ID', '2|removed|ID', '3|removed|ID']);
  });

  test('added again, it is asked from where it stopped; from the beginning where nobody knows which shop it was', async () => {
    const polled = async () => {
      await removeConnection(database.sql, 'candles');
      await writeConnection(database.sql, connection());
      return (await database.sql`select kind from polls where store = 'candles'`).length;
    };
    await database.sql`insert into polls (store, kind, until, polled_at) values ('candles', 'product', ${AT}, ${AT})`;
    assert.equal(await polled(), 1);
    await database.sql`update stores set shop = null where store = 'candles'`;
    assert.equal(await polled(), 0);
    assert.equal((await readConnectedStore(database.sql, 'candles'))?.shop, 'gid://shopify/Shop/7');
  });

  test('one that did not come to be leaves nothing; one with a history is only removed', async () => {
    const fresh = connection({ store: 'soap' });
    await writeConnection(database.sql, { ...fresh, endpoint: { ...fresh.endpoint, endpoint: 'soap' } });
    await forgetConnection(database.sql, 'soap');
    assert.equal(await readConnectedStore(database.sql, 'soap'), undefined);
    await forgetConnection(database.sql, 'candles');
    assert.equal((await readConnectedStore(database.sql, 'candles'))?.mode, 'removed');
  });
});
