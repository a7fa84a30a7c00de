import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Sql } from '#shared/store/connect.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { readConsentingBuyers } from './consenting-buyers.ts';

const AT = '2011-10-01T00:00:00.000Z';
let database: TestDatabase;
let context: Sql;
let marketing: Sql;

before(async () => {
  database = await createDatabase();
  context = database.open('context');
  marketing = database.open('marketing');
});
after(() => database.close());

test('only customers who agreed, whose last order lies within bounds, the most recent first', async () => {
  const people = [
    ['1', true, '2011-10-10'],
    ['2', false, '2011-10-11'],
    ['3', true, '2011-10-12'],
    ['4', true, '2011-10-19'],
    ['5', true, undefined],
    ['6', true, '2011-01-01'],
  ] as const;
  await inStores(context, ['shop', 'other'], async (tx) => {
    for (const [n, email, day] of people) {
      const put = (store: string, attribute: string, value: object) => tx`
        insert into facts (store, resource, attribute, value, version, time, source, observed_at)
        values (${store}, ${`customer:${n}`}, ${attribute}, ${tx.json(value as never)}, 1, ${AT}, 'test', ${AT})`;
      await put('shop', 'consent', { email });
      await put('other', 'consent', { email: true });
      if (day) await put('shop', 'last-order', { at: `${day}T12:00:00.000Z`, order: 'order:1' });
      if (day) await put('other', 'last-order', { at: `${day}T12:00:00.000Z`, order: 'order:1' });
    }
  });
  const read = (limit: number) =>
    inStores(marketing, ['shop'], (tx) =>
      readConsentingBuyers(tx, 'shop', {
        boughtFrom: '2011-09-01T00:00:00.000Z',
        boughtTo: '2011-10-15T00:00:00.000Z',
        limit,
      }),
    );
  assert.deepEqual(await read(10), ['customer:3', 'customer:1']);
  assert.deepEqual(await read(1), ['customer:3']);
});
