import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openStore, type Sql } from '#shared/store/connect.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { inStores } from '../transaction.ts';
import { ensureLogin } from './logins.ts';

const AT = '2026-05-05T10:00:00.000Z';
let database: TestDatabase;
const opened: Sql[] = [];

before(async () => {
  database = await createDatabase();
  await database.sql`
    insert into facts (store, resource, attribute, value, version, time, source, observed_at)
    values ('shop', 'sku:A', 'title', '"A heart"', 1, ${AT}, 'test', ${AT}), ('other', 'sku:A', 'title', '"Hidden"', 1, ${AT}, 'test', ${AT})`;
});
after(async () => {
  await Promise.all(opened.map((sql) => sql.end({ timeout: 2 })));
  await database.close();
});

async function openAs(service: string, password: string): Promise<Sql> {
  const own = new URL(database.url);
  own.username = await ensureLogin(database.sql, own.pathname.slice(1), service, password);
  own.password = password;
  const sql = openStore({ url: own.href, service });
  opened.push(sql);
  return sql;
}

test('an agent that no migration names reads facts and promises of its store, and writes nothing', async () => {
  const sql = await openAs('archivist', 'first');
  const titles = await inStores(sql, ['shop'], (tx) => tx`select value from facts`);
  assert.deepEqual([...titles], [{ value: 'A heart' }]);
  await inStores(sql, ['shop'], (tx) => tx`select 1 from claims`);
  for (const table of ['decisions', 'personal', 'credentials', 'answers']) {
    await assert.rejects(
      inStores(sql, ['shop'], (tx) => tx.unsafe(`select 1 from ${table}`)),
      /permission denied/,
    );
  }
  await assert.rejects(
    inStores(sql, ['shop'], (tx) => tx`update facts set version = 2`),
    /permission denied/,
  );
});

test('asked again, the login keeps its rights and takes the new password', async () => {
  const sql = await openAs('archivist', 'second');
  assert.equal((await inStores(sql, ['shop'], (tx) => tx`select 1 from facts`)).length, 1);
});
