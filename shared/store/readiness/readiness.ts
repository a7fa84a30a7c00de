import type { Sql, Transaction } from '../connect.ts';

/** Answers while the database does; throws otherwise. */
export async function askDatabase(sql: Sql): Promise<void> {
  await sql`select 1`;
}

/** The agents in force that are not paused: each must be heard from. */
export async function readAgentsInForce(sql: Sql): Promise<string[]> {
  const rows = await sql<{ agent: string }[]>`select agent from agents where not paused order by agent`;
  return rows.map((row) => row.agent);
}

/** Stores that no rule set has ever been in force for: nothing of theirs is decided. */
export async function readStoresWithoutRules(tx: Transaction): Promise<string[]> {
  const rows = await tx<{ store: string }[]>`
    select s.store from stores s
    where s.store = any (app_stores()) and s.mode <> 'removed'
      and not exists (select 1 from events e where e.store = s.store and e.type = 'rules.activated') order by s.store`;
  return rows.map((row) => row.store);
}

export interface StoreStanding {
  readonly store: string;
  readonly clock: string;
  readonly events: number;
  /** How far context has folded the store's events in. */
  readonly folded: number;
}

export async function readStanding(tx: Transaction): Promise<StoreStanding[]> {
  return await tx<StoreStanding[]>`
    select s.store, s.clock, s.head as events, coalesce(p.seq, 0) as folded
    from stores s left join positions p on p.store = s.store and p.service = 'context'
    where s.mode <> 'removed' order by s.store`;
}
