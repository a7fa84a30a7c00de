import type { Sql } from '../connect.ts';
import { inStores } from '../transaction.ts';

/**
 * What still keeps a replayed store from being at rest, by name; empty when nothing does. An unknown end that two or three
 * looks have not cleared up is one: the looks after them are minutes and hours apart, and seldom tell more.
 */
export async function whatIsOpen(sql: Sql, store: string): Promise<Record<string, number>> {
  const [row] = await inStores(
    sql,
    [store],
    (tx) => tx<Record<string, number>[]>`
      select
        (select count(*) from deliveries where store = ${store} and state = 'received')::int as deliveries,
        (select count(*) from (values ('context'), ('coordinator')) as needed (service)
          where coalesce((select seq from positions p where p.store = ${store} and p.service = needed.service), 0)
            < (select head from stores where store = ${store}))::int as positions,
        (select count(*) from rounds where store = ${store} and closed_as is null)::int as rounds,
        (select head from stores where store = ${store})::int
          - (select count(*) from rounds where store = ${store})::int as "eventsWithoutRound",
        (select count(*) from actions where store = ${store} and state in ('pending', 'calling'))::int as actions,
        (select count(*) from actions where store = ${store} and state = 'unknown'
          and next_look_at < clock_timestamp() + interval '1 minute')::int as "unknownActions",
        (select count(*) from escalations where store = ${store} and state in ('open', 'answered'))::int as escalations,
        (select count(*) from timers where store = ${store} and recurs is null)::int as timers,
        (select count(*) from mails where store = ${store} and state in ('pending', 'sending'))::int as mails`,
  );
  return Object.fromEntries(Object.entries(row ?? {}).filter(([, count]) => count !== 0));
}

/** The store clock and the head: if neither moves, nothing does. */
export async function progressOf(sql: Sql, store: string): Promise<{ head: number; clock: string }> {
  const [row] = await sql<{ head: number; clock: string }[]>`select head, clock from stores where store = ${store}`;
  return row ?? { head: 0, clock: '' };
}
