import type { Sql, Transaction } from '../connect.ts';
import { inOne } from '../transaction.ts';

/** A webhook whose end is known. */
export interface SentRow {
  readonly id: string;
  readonly topic: string;
  readonly status: number;
  readonly attempts: number;
  readonly echo: boolean;
  readonly orderLines: number;
  readonly position: number | null;
  readonly sentAtMs: number;
  readonly ackedAtMs: number;
  readonly ackMs: number;
  /** Number of its row in `outgoing`, which goes with the acknowledgement. */
  readonly outgoing: number | null;
}

export interface Progress {
  readonly position: number;
  readonly state: unknown;
  readonly ended: boolean;
}

export async function openJournal(sql: Sql, store: string): Promise<Progress> {
  await sql`insert into sandbox.stores (store) values (${store}) on conflict do nothing`;
  const [row] = await sql<Progress[]>`select position, state, ended from sandbox.stores where store = ${store}`;
  return row!;
}

/** Acknowledgements and progress in one transaction, so that after a crash both are known or neither. */
export function writeProgress(sql: Sql, store: string, rows: readonly SentRow[], progress: Progress): Promise<void> {
  return inOne(sql, async (tx) => {
    if (rows.length > 0) await insertSent(tx, store, rows);
    const gone = rows.flatMap((row) => (row.outgoing === null ? [] : [row.outgoing]));
    if (gone.length > 0) await tx`delete from sandbox.outgoing where store = ${store} and n = any(${gone}::bigint[])`;
    await tx`
      update sandbox.stores set position = greatest(position, ${progress.position}), ended = ended or ${progress.ended},
        state = ${progress.state === null ? null : tx.json(progress.state as never)}
      where store = ${store}`;
  });
}

async function insertSent(tx: Transaction, store: string, rows: readonly SentRow[]): Promise<void> {
  const column = <Key extends keyof SentRow>(key: Key) => rows.map((row) => row[key]);
  const times = (key: 'sentAtMs' | 'ackedAtMs') => rows.map((row) => new Date(row[key]).toISOString());
  // postgres.js takes an array of booleans for one boolean, hence the way over text.
  await tx`
    insert into sandbox.sent (store, id, topic, status, attempts, echo, order_lines, position, sent_at, acked_at, ack_ms)
    select ${store}, * from unnest(${column('id')}::text[], ${column('topic')}::text[], ${column('status')}::int[],
      ${column('attempts')}::int[], ${rows.map((row) => String(row.echo))}::text[]::boolean[], ${column('orderLines')}::int[],
      ${column('position') as number[]}::bigint[], ${times('sentAtMs')}::timestamptz[], ${times('ackedAtMs')}::timestamptz[],
      ${column('ackMs')}::float8[])
    on conflict do nothing`;
}

/** Ids whose end is known, from a position on (what lies before it is complete), with those that belong to none. */
export async function knownIds(sql: Sql, store: string, position: number): Promise<Set<string>> {
  const rows = await sql<
    { id: string }[]
  >`select id from sandbox.sent where store = ${store} and (position >= ${position} or position < 0 or position is null)`;
  return new Set(rows.map((row) => row.id));
}

export interface OutgoingRow {
  readonly n: number;
  readonly id: string;
  readonly delivery: unknown;
}

export function waitingOutgoing(sql: Sql, store: string): Promise<OutgoingRow[]> {
  return sql<OutgoingRow[]>`select n, id, delivery from sandbox.outgoing where store = ${store} order by n`;
}

export interface RootRow {
  readonly n: number;
  readonly root: unknown;
}

export function rootsSince(sql: Sql, store: string, since: string): Promise<RootRow[]> {
  return sql<RootRow[]>`select n, root from sandbox.roots where store = ${store} and at >= ${since} order by n`;
}

export async function addRoots(
  sql: Sql,
  store: string,
  roots: readonly { n: number; at: string; root: unknown }[],
): Promise<void> {
  if (roots.length === 0) return;
  await sql`
    insert into sandbox.roots (store, n, at, root)
    select ${store}, * from unnest(${roots.map((root) => root.n)}::bigint[], ${roots.map((root) => root.at)}::timestamptz[],
      ${roots.map((root) => JSON.stringify(root.root))}::text[]::jsonb[])
    on conflict do nothing`;
}

/** Live trading forgets what nobody can ask for any more. */
export async function forgetBefore(sql: Sql, store: string, before: string): Promise<void> {
  await sql`delete from sandbox.roots where store = ${store} and at < ${before}`;
}
