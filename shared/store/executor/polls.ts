import type { Sql, Transaction } from '../connect.ts';

/** Stores that live by the wall clock: a replay tells everything by itself. */
export async function listPolled(sql: Sql): Promise<string[]> {
  const rows = await sql<{ store: string }[]>`
    select store from stores where clock_kind = 'live' and mode <> 'removed' order by store`;
  return rows.map((row) => row.store);
}

export interface TakenPoll {
  readonly store: string;
  readonly kind: string;
  /** Everything that changed until here has been seen. */
  readonly until: string;
  /** Since when it is gone through at all. */
  readonly beganAt: string;
  readonly now: string;
}

/**
 * Takes one list of a store, when its turn has come, from where it was left. `since` is where a list begins that has never
 * been gone through. Who takes it is alone with it until the next turn, and goes on being so with every page that it keeps.
 */
export async function takePoll(
  tx: Transaction,
  { store, kind, since, everyMs }: { store: string; kind: string; since: string; everyMs: number },
): Promise<TakenPoll | undefined> {
  await tx`
    insert into polls (store, kind, until, polled_at) values (${store}, ${kind}, ${since}, 'epoch')
    on conflict (store, kind) do nothing`;
  const [taken] = await tx<TakenPoll[]>`
    update polls set polled_at = clock_timestamp()
    where store = ${store} and kind = ${kind} and polled_at <= clock_timestamp() - ${everyMs} * interval '1 millisecond'
    returning store, kind, until, began_at as "beganAt", clock_timestamp() as now`;
  return taken;
}

/** Keeps how far a list has been gone through; `until` never goes back. */
export async function keepPoll(
  tx: Transaction,
  { store, kind }: Pick<TakenPoll, 'store' | 'kind'>,
  until: string,
): Promise<void> {
  await tx`
    update polls set until = greatest(until, ${until}), polled_at = clock_timestamp(), fault = null
    where store = ${store} and kind = ${kind}`;
}

/** What stood in the way; the next try comes `inMs` from now. */
export async function failPoll(
  tx: Transaction,
  { store, kind }: Pick<TakenPoll, 'store' | 'kind'>,
  fault: string,
  { everyMs, inMs }: { everyMs: number; inMs: number },
): Promise<void> {
  await tx`
    update polls set fault = ${fault}, polled_at = clock_timestamp() - ${Math.max(0, everyMs - inMs)} * interval '1 millisecond'
    where store = ${store} and kind = ${kind}`;
}
