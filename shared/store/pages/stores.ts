import type { Transaction } from '../connect.ts';

/** A shop as pages show it. `clock` is the store clock as it stands: wall time for a live store. */
export interface StoreView {
  readonly store: string;
  readonly kind: 'live' | 'replay';
  readonly mode: 'watch' | 'live' | 'removed';
  /** What is opened of a store that watches; `*` for every one. Seen only of stores that the transaction names. */
  readonly openings: readonly { readonly agent: string; readonly action: string }[];
  readonly clock: string;
  readonly head: number;
  readonly currency: string;
  readonly zone: string;
}

export async function readStoreViews(tx: Transaction): Promise<StoreView[]> {
  return await tx<StoreView[]>`
    select store, clock_kind as kind, mode, head, currency, zone,
      case when clock_kind = 'live' then greatest(clock, clock_timestamp()) else clock end as clock,
      (select coalesce(jsonb_agg(jsonb_build_object('agent', o.agent, 'action', o.action) order by o.agent, o.action), '[]')
        from openings o where o.store = s.store) as openings
    from stores s order by store`;
}
