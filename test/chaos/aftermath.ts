import { appendFileSync } from 'node:fs';
import postgres from 'postgres';
import { SUPERUSER, startPostgres } from '#shared/runtime/embedded/postgres.ts';
import { DataFolder } from '../../services/local/data-folder.ts';

/** What a run has left behind, read from its cluster after everything had stopped, or from a running one. */
export interface Aftermath {
  /** What follows from the file alone: the shop's counts, and each SKU's totals, as `resource attribute` to number. */
  readonly fileFacts: Readonly<Record<string, number>>;
  /** Effects that one action had more than once at the store. */
  readonly doubled: readonly string[];
  readonly effects: number;
  /** Actions that are neither done, failed, unknown nor revoked. */
  readonly unfinished: number;
}

export const SHOP_COUNTS = ['orders', 'cancellations', 'refunds', 'write-offs'] as const;
export const SKU_TOTALS = ['sold-total', 'cancelled-total', 'returned-total', 'written-off-total'] as const;

/** Starts the cluster of a stopped installation for as long as it is read. */
export async function readAftermath(dataPath: string, store: string): Promise<Aftermath> {
  const data = await DataFolder.open(dataPath, { fresh: false, lockAs: 'test/chaos' });
  const server = await startPostgres({
    folder: data.in('postgres'),
    password: data.passwords.postgres,
    logFile: data.log('postgres'),
    durable: false,
  });
  appendFileSync(data.log('postgres'), 'started again to be read\n');
  const sql = postgres({
    host: '127.0.0.1',
    port: server.port,
    user: SUPERUSER,
    password: data.passwords.postgres,
    database: 'postgres',
    max: 1,
    onnotice: () => {},
  });
  try {
    return await aftermathOf(sql, store);
  } finally {
    await sql.end({ timeout: 2 });
    await server.stop();
    data.release();
  }
}

export async function aftermathOf(sql: postgres.Sql, store: string): Promise<Aftermath> {
  const facts = await sql<{ name: string; value: number }[]>`
    select resource || ' ' || attribute as name, (value #>> '{}')::float8 as value from facts
    where store = ${store} and (
      resource = ${`store:${store}`} and attribute = any(${[...SHOP_COUNTS]})
      or resource like 'sku:%' and attribute = any(${[...SKU_TOTALS]}))
    order by 1`;
  const doubled = await sql<{ action: string; operation: string; resource: string; n: number }[]>`
    select action, operation, resource, count(*)::int as n from sandbox.effects
    where store = ${store} and action is not null group by 1, 2, 3 having count(*) > 1`;
  const [one] = await sql<{ effects: number; unfinished: number }[]>`
    select (select count(*) from sandbox.effects where store = ${store})::int as effects,
      (select count(*) from actions where store = ${store} and state in ('pending', 'calling'))::int as unfinished`;
  return {
    fileFacts: Object.fromEntries(facts.map(({ name, value }) => [name, value])),
    doubled: doubled.map(({ action, operation, resource, n }) => `${action} ${operation} ${resource} ${n} times`),
    effects: one?.effects ?? 0,
    unfinished: one?.unfinished ?? 0,
  };
}
