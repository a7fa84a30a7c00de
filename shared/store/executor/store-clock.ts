import type { Transaction } from '../connect.ts';

/** The store clock of the row `s` of `stores`: wall time for a live store, the last mapped event time for a replayed one. */
export const storeNow = (tx: Transaction) =>
  tx`(case when s.clock_kind = 'live' then greatest(s.clock, clock_timestamp()) else s.clock end)`;
