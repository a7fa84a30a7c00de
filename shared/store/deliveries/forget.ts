import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from '../connect.ts';
import { inStores } from '../transaction.ts';
import { firstIdAt } from './listing.ts';

/**
 * Deletes the oldest deliveries that came before a time, at most so many, and answers how many. What waits to be mapped
 * stays, however old it is, unless its store was removed: there nobody will map it, and its body names people as well. What
 * another is working on is passed over.
 */
export async function forgetDeliveries(sql: Sql, beforeMs: number, limit: number): Promise<number> {
  return await inAllStores(sql, async (tx, removed) => {
    const gone = await tx`
      delete from deliveries where id in (
        select id from deliveries
        where id < ${firstIdAt(beforeMs)}::uuid and (state <> 'received' or store = any(${removed}))
          and received_at < ${new Date(beforeMs).toISOString()}
        order by id limit ${limit} for update skip locked)
      returning 1`;
    return gone.length;
  });
}

/** Deletes what others called an order once nobody will call it so any more, the oldest first, at most so many. */
export async function forgetReferences(sql: Sql, nowMs: number, limit: number): Promise<number> {
  const before = (keptMs: number) => new Date(nowMs - keptMs).toISOString();
  return await inAllStores(sql, async (tx) => {
    const gone = await tx`
      delete from order_references where (store, kind, ref) in (
        select store, kind, ref from order_references
        where (kind = 'parcel' and named_at < ${before(LIMITS.parcelNamesKeptMs)})
          or (kind = 'payment' and named_at < ${before(LIMITS.paymentNamesKeptMs)})
        order by named_at limit ${limit} for update skip locked)
      returning 1`;
    return gone.length;
  });
}

/** Of removed stores too, whose names it is told. */
async function inAllStores(sql: Sql, work: (tx: Transaction, removed: string[]) => Promise<number>): Promise<number> {
  const stores = await sql<{ store: string; mode: string }[]>`select store, mode from stores order by store`;
  const removed = stores.filter((row) => row.mode === 'removed').map((row) => row.store);
  return await inStores(
    sql,
    stores.map((row) => row.store),
    (tx) => work(tx, removed),
  );
}
