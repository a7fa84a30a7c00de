import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { createDatabase } from '#shared/testing/database.ts';
import { isUnavailable, openStore, type Sql } from './connect.ts';
import { inOne, inStores } from './transaction.ts';

describe('a transaction that loses its connection', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let sql: Sql;
  before(async () => {
    database = await createDatabase();
    await database.sql`create table marks (name text)`;
    sql = openStore({ url: database.url, service: 'test', connections: 1 });
  });
  after(async () => {
    await sql.end({ timeout: 1 });
    await database.close();
  });

  const kinds = [
    ['in stores', (work: Parameters<typeof inOne>[1]) => inStores(sql, ['shop'], work)],
    ['in one', (work: Parameters<typeof inOne>[1]) => inOne(sql, work)],
  ] as const;
  const padding = { small: '', large: 'x'.repeat(4_000) };

  for (const [kind, run] of kinds) {
    for (const [size, rest] of Object.entries(padding)) {
      test(`${kind}, then writes a ${size} statement: nothing of it is written, by a new connection neither`, async () => {
        const tried = Promise.withResolvers<unknown>();
        const lost = run(async (tx) => {
          await tx`insert into marks values ('before')`;
          const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
          await database.sql`select pg_terminate_backend(${row!.pid})`;
          await sleep(50);
          // The only connection opens again for somebody else, while this work believes in its transaction.
          await sql`select 1`.catch(() => {});
          await sql`select 1`;
          const insert = async () => await tx`insert into marks values (${`after${rest}`})`;
          tried.resolve(await insert().catch((thrown) => thrown));
        });
        await assert.rejects(lost, isUnavailable);
        const end = await tried.promise;
        assert.ok(isUnavailable(end), String(end));
        await sleep(50);
        assert.deepEqual([...(await database.sql`select name from marks`)], []);
      });
    }
  }

  test('and then writes at once, while no connection is open: an ordinary refusal', async () => {
    const lost = inOne(sql, async (tx) => {
      const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await database.sql`select pg_terminate_backend(${row!.pid})`;
      await sleep(50);
      await tx`insert into marks values ('after')`;
    });
    await assert.rejects(lost, isUnavailable);
    await sleep(50);
  });
});
