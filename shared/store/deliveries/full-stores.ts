import type { Sql } from '../connect.ts';
import { inStores } from '../transaction.ts';

/** Stores of which the coordinator has more than `ahead` events still to take up. */
export async function readFullStores(sql: Sql, ahead: number): Promise<Set<string>> {
  const stores = await sql<{ store: string; head: number }[]>`select store, head from stores where head > ${ahead}`;
  if (stores.length === 0) return new Set();
  const names = stores.map((row) => row.store);
  const taken = await inStores(
    sql,
    names,
    (tx) =>
      tx<
        { store: string; seq: number }[]
      >`select store, seq from positions where service = 'coordinator' and store = any(${names})`,
  );
  const seqs = new Map(taken.map((row) => [row.store, row.seq]));
  return new Set(stores.filter((row) => row.head - (seqs.get(row.store) ?? 0) > ahead).map((row) => row.store));
}
