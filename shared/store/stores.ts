import type { Transaction } from './connect.ts';

export interface StoreRow {
  readonly store: string;
  readonly partition: number;
  readonly clock_kind: 'live' | 'replay';
  readonly clock: string;
  readonly head: number;
}

/** All stores that are worked; their list is no secret to a service. `now` is the store clock as it stands: wall time for a live store. */
export async function readStores(tx: Transaction): Promise<StoreRow[]> {
  return await tx<StoreRow[]>`
    select store, partition, clock_kind, head, case when clock_kind = 'live' then greatest(clock, clock_timestamp()) else clock end as clock from stores
    where mode <> 'removed' order by store`;
}
