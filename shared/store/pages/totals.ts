import type { Transaction } from '../connect.ts';

/** Figures of one store. `events` and `rounds` are places in its history, which are their counts. */
export interface Totals {
  readonly store: string;
  readonly events: number;
  readonly rounds: number;
  readonly conflicts: number;
  readonly escalationsOpen: number;
  readonly deadLetters: number;
  readonly verdicts: Readonly<Record<string, number>>;
  /** By state; those that were not carried out because the store only watches are `watched`. */
  readonly actions: Readonly<Record<string, number>>;
}

/** Counts as they are, of one store. It reads whole indexes, so callers space it by what it costs. */
export async function readTotals(tx: Transaction, store: string): Promise<Totals> {
  const [row] = await tx<Totals[]>`
    select s.store, s.head as events,
      coalesce((select r.seq from rounds r where r.store = s.store and r.closed_as is not null order by r.seq desc limit 1), 0) as rounds,
      (select count(*)::int from conflicts where store = s.store) as conflicts,
      (select count(*)::int from escalations where store = s.store and state = 'open') as "escalationsOpen",
      (select count(*)::int from dead_letters where store = s.store and redriven_at is null) as "deadLetters",
      (select coalesce(jsonb_object_agg(verdict, n), '{}') from (select verdict, count(*) as n from decisions where store = s.store group by verdict) v) as verdicts,
      (select coalesce(jsonb_object_agg(state, n), '{}') from (select case when state = 'revoked' and reason = 'watch' then 'watched' else state end as state, count(*) as n
        from actions where store = s.store group by 1) a) as actions
    from stores s where s.store = ${store}`;
  return (
    row ?? { store, events: 0, rounds: 0, conflicts: 0, escalationsOpen: 0, deadLetters: 0, verdicts: {}, actions: {} }
  );
}

export async function readAgentNames(tx: Transaction): Promise<string[]> {
  const rows = await tx<{ agent: string }[]>`select agent from agents order by agent`;
  return rows.map((row) => row.agent);
}
