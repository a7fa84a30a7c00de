import type { Sql } from '../connect.ts';
import { inStores } from '../transaction.ts';
import { firstIdAt } from './listing.ts';

/**
 * Deletes the oldest deliveries that came before a time, at most so many, and answers how many. What waits to be mapped
 * stays, however old it is; what another is working on is passed over. Of removed stores too: their bodies name people as well.
 */
export async function forgetDeliveries(sql: Sql, beforeMs: number, limit: number): Promise<number> {
  const stores = await sql<{ store: string }[]>`select store from stores order by store`;
  return await inStores(
    sql,
    stores.map((row) => row.store),
    async (tx) => {
      const gone = await tx`
        delete from deliveries where id in (
          select id from deliveries
          where id < ${firstIdAt(beforeMs)}::uuid and state <> 'received' and received_at < ${new Date(beforeMs).toISOString()}
          order by id limit ${limit} for update skip locked)
        returning 1`;
      return gone.length;
    },
  );
}
