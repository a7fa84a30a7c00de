import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Sql } from '#shared/store/connect.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { openReader } from './reader.ts';

const AT = '2011-10-01T00:00:00.000Z';
let database: TestDatabase;
let orders: Sql;

before(async () => {
  database = await createDatabase();
  orders = database.open('orders');
  await inStores(database.open('context'), ['shop', 'other'], async (tx) => {
    const put = (store: string, resource: string, attribute: string, value: unknown, version = 1) => tx`
      insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values (${store}, ${resource}, ${attribute}, ${tx.json(value as never)}, ${version}, ${AT}, 'test', ${AT})`;
    await put('shop', 'sku:A', 'stock', 5);
    await put('shop', 'sku:A', 'title', 'Mug');
    await put('shop', 'sku:B', 'stock', 7, 2);
    await put('other', 'sku:A', 'stock', 99);
    for (const n of [1, 2, 3]) await put('shop', `order:${n}`, 'placed', { at: AT });
    await put('shop', 'order:2', 'fulfilled', {});
  });
  await inStores(database.open('coordinator'), ['shop'], async (tx) => {
    const put = (claim: string, resource: string, from: string, to: string | null, endedAs: string | null) => tx`
      insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer, ended_as)
      values ('shop', ${claim}, ${resource}, 'stock', tstzrange(${from}, ${to}), false, 'inventory', ${tx.json({ action: 'stock.reserve' })}, ${endedAs})`;
    await put('open', 'sku:A', AT, null, null);
    await put('over', 'sku:A', AT, '2011-10-02T00:00:00Z', null);
    await put('ended', 'sku:A', AT, null, 'window');
    await put('of-b', 'sku:B', AT, '2011-12-01T00:00:00Z', null);
  });
});
after(() => database.close());

test('each asker gets its share and no more, whatever the others of the batch asked for', async () => {
  const read = openReader(orders, 'shop', '2011-11-01T00:00:00.000Z');
  const [a, b, both, claims, none] = await Promise.all([
    read.facts(['sku:A'], ['stock']),
    read.facts(['sku:B', 'sku:A'], ['stock']),
    read.facts(['sku:A'], ['stock', 'title']),
    read.claims(['sku:A']),
    read.facts([], ['stock']),
  ]);
  assert.equal(a.get('sku:A', 'stock')?.value, 5);
  assert.equal(a.get('sku:B', 'stock'), undefined);
  assert.equal(a.get('sku:A', 'title'), undefined);
  assert.equal(b.get('sku:B', 'stock')?.version, 2);
  assert.equal(both.get('sku:A', 'title')?.value, 'Mug');
  assert.deepEqual(claims, [{ resource: 'sku:A', aspect: 'stock', owner: 'inventory', action: 'stock.reserve' }]);
  assert.equal(none.get('sku:A', 'stock'), undefined);
});

test('a second step of gathering is a second question', async () => {
  const read = openReader(orders, 'shop', AT);
  await read.facts(['sku:A'], ['stock']);
  assert.equal((await read.facts(['sku:B'], ['stock'])).get('sku:B', 'stock')?.value, 7);
});

test('what fails fails every asker', async () => {
  const closed = database.open('orders');
  await closed.end();
  const read = openReader(closed, 'shop', AT);
  const ends = await Promise.allSettled([read.facts(['sku:A'], ['stock']), read.claims(['sku:A'])]);
  assert.deepEqual(
    ends.map((end) => end.status),
    ['rejected', 'rejected'],
  );
});

test('orders that have not left, within bounds', async () => {
  const read = openReader(orders, 'shop', AT);
  const wanted = { placedFrom: '2011-09-01T00:00:00.000Z', placedTo: AT, limit: 10 };
  assert.deepEqual(await read.unshipped(wanted), ['order:1', 'order:3']);
  assert.deepEqual(await read.unshipped({ ...wanted, limit: 1 }), ['order:1']);
  assert.deepEqual(await read.unshipped({ ...wanted, placedTo: '2011-09-30T00:00:00.000Z' }), []);
});
