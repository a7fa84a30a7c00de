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
  /** Wall times, in milliseconds, between which the webhooks of the file itself were sent. */
  readonly sending: { readonly fromMs: number; readonly toMs: number };
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
  const [one] = await sql<{ effects: number; unfinished: number; fromMs: number; toMs: number }[]>`
    select (select (extract(epoch from min(sent_at)) * 1000)::float8 from sandbox.sent where store = ${store} and not echo) as "fromMs",
      (select (extract(epoch from max(acked_at)) * 1000)::float8 from sandbox.sent where store = ${store} and not echo) as "toMs",
      (select count(*) from sandbox.effects where store = ${store})::int as effects,
      (select count(*) from actions where store = ${store} and state in ('pending', 'calling'))::int as unfinished`;
  const fileFacts = Object.fromEntries(facts.map(({ name, value }) => [name, value]));
  for (const { name, by } of await ofOurOwnActions(sql, store)) fileFacts[name] = (fileFacts[name] ?? 0) - by;
  return {
    fileFacts,
    doubled: doubled.map(({ action, operation, resource, n }) => `${action} ${operation} ${resource} ${n} times`),
    effects: one?.effects ?? 0,
    sending: { fromMs: one?.fromMs ?? 0, toMs: one?.toMs ?? 0 },
    unfinished: one?.unfinished ?? 0,
  };
}

/**
 * Refunds and cancellations that our own actions caused, by the sender's own mark: which actions there are depends on who
 * was quick, so they are taken out of what is compared.
 */
async function ofOurOwnActions(sql: postgres.Sql, store: string): Promise<{ name: string; by: number }[]> {
  const rows = await sql<{ type: string; lines: { sku: string; units: number }[] }[]>`
    select e.type, e.data -> 'lines' as lines from events e
    join deliveries d on d.store = e.store and d.id = e.delivery
    join sandbox.sent s on s.store = d.store and s.id = coalesce(d.headers ->> 'x-shopify-webhook-id', d.headers ->> 'webhook-id')
    where e.store = ${store} and s.echo and e.type in ('order.refunded', 'order.cancelled')`;
  return rows.flatMap(({ type, lines }) => {
    const [count, total] =
      type === 'order.refunded' ? ['refunds', 'returned-total'] : ['cancellations', 'cancelled-total'];
    return [
      { name: `store:${store} ${count}`, by: 1 },
      ...lines.map(({ sku, units }) => ({ name: `sku:${sku} ${total}`, by: units })),
    ];
  });
}
