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
    from stores s left join positions p on p.store = s.store and p.service = 'context' order by s.store`;
}
