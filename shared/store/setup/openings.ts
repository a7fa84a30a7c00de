import type { Sql, Transaction } from '../connect.ts';
import { revokeHopeless } from '../executor/due-actions.ts';
import { isOpen } from '../executor/watch.ts';
import { inStores } from '../transaction.ts';

/** What may be carried out: agent and action type, `*` for every one. */
export interface Area {
  readonly agent: string;
  readonly action: string;
}

export interface Opened {
  readonly mode: 'watch' | 'live' | 'removed';
  readonly openings: readonly Area[];
}

/** How far a store is opened; undefined where there is no such store. */
export async function readOpened(sql: Sql, store: string): Promise<Opened | undefined> {
  return await inStores(sql, [store], (tx) => openedIn(tx, store));
}

async function openedIn(tx: Transaction, store: string): Promise<Opened | undefined> {
  const [row] = await tx<{ mode: Opened['mode'] }[]>`select mode from stores where store = ${store} for update`;
  if (!row) return undefined;
  const openings = await tx<Area[]>`
    select agent, action from openings where store = ${store} order by agent, action`;
  return { mode: row.mode, openings: openings.map(({ agent, action }) => ({ agent, action })) };
}

/** What is opened of stores that only watch otherwise, by store. */
export async function readOpenAreas(sql: Sql, stores: readonly string[]): Promise<Map<string, Area[]>> {
  const rows = await inStores(
    sql,
    stores,
    (tx) => tx<(Area & { store: string })[]>`
      select store, agent, action from openings where store = any(${stores as string[]}) order by store, agent, action`,
  );
  const areas = new Map<string, Area[]>(stores.map((store) => [store, []]));
  for (const { store, agent, action } of rows) areas.get(store)?.push({ agent, action });
  return areas;
}

/**
 * Lets a store go from `before` to `wanted`, or does nothing where somebody else has changed it meanwhile (undefined). What
 * only a watching store held for what it did not do is over in the areas that are open from now on: from now on facts
 * tell what was done. What is due at this moment was decided for a store that watched, and is not carried out.
 */
export async function setOpened(
  sql: Sql,
  store: string,
  before: Opened,
  wanted: Omit<Opened, 'mode'> & { readonly mode: 'watch' | 'live' },
): Promise<{ readonly waiting: number; readonly released: number } | undefined> {
  return await inStores(sql, [store], async (tx) => {
    const now = await openedIn(tx, store);
    if (!now || JSON.stringify(now) !== JSON.stringify({ mode: before.mode, openings: before.openings }))
      return undefined;
    await revokeHopeless(tx);
    await tx`update stores set mode = ${wanted.mode} where store = ${store}`;
    await tx`delete from openings where store = ${store}`;
    for (const { agent, action } of wanted.openings)
      await tx`insert into openings (store, agent, action) values (${store}, ${agent}, ${action}) on conflict do nothing`;
    const released = await releaseWatched(tx, store);
    const [waiting] = await tx<{ n: number }[]>`
      select count(*)::int as n from actions a join stores s on s.store = a.store
      where a.store = ${store} and a.state = 'pending' and ${isOpen(tx)}`;
    await tx`notify parley_actions`;
    return { waiting: waiting!.n, released };
  });
}

async function releaseWatched(tx: Transaction, store: string): Promise<number> {
  const released = await tx`
    with past as (
      select a.action from actions a join stores s on s.store = a.store
      where a.store = ${store} and a.state = 'revoked' and a.reason = 'watch' and ${isOpen(tx)}),
    struck as (
      update limit_entries l set struck = true from past where l.store = ${store} and l.intent = past.action and not l.struck)
    update claims c set ended_as = 'revoked' from past
    where c.store = ${store} and c.action = past.action and c.ended_as is null returning 1`;
  return released.length;
}

/** What each agent in force may propose. */
export async function readProposals(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql<{ agent: string; actions: string[] }[]>`
    select agent, array(select jsonb_array_elements(manifest->'actions')->>'type') as actions from agents order by agent`;
  return new Map(rows.map(({ agent, actions }) => [agent, actions]));
}
