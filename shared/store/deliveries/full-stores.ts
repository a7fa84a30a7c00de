import type { Sql } from '../connect.ts';
import { inStores } from '../transaction.ts';

interface Bounds {
  /** Events that the coordinator may still have to take up. */
  readonly eventsAhead: number;
  /** Actions of a replayed store that may still have to be carried out. */
  readonly replayActions: number;
}

/**
 * Stores whose deliveries should wait: the coordinator is too far behind, or (in a replay, whose clock runs thousands of
 * times faster than the executor) so much is still to be carried out that it would be days late on the store clock.
 */
export async function readFullStores(sql: Sql, bounds: Bounds): Promise<Set<string>> {
  const stores = await sql<
    { store: string }[]
  >`select store from stores where head > ${bounds.eventsAhead} or clock_kind = 'replay'`;
  if (stores.length === 0) return new Set();
  const names = stores.map((row) => row.store);
  const full = await inStores(
    sql,
    names,
    (tx) => tx<{ store: string }[]>`
      select s.store from stores s left join positions p on p.store = s.store and p.service = 'coordinator'
      where s.store = any(${names}) and (
        s.head - coalesce(p.seq, 0) > ${bounds.eventsAhead}
        or (s.clock_kind = 'replay' and ${bounds.replayActions} <= (
          select count(*) from (select from actions a where a.store = s.store and a.state = 'pending' limit ${bounds.replayActions}) due)))`,
  );
  return new Set(full.map((row) => row.store));
}
