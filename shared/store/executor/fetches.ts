import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';
import { IMPORTED, READ_HEADER } from '../deliveries/received.ts';

/** A question of the gateway's that is being answered. */
export interface TakenFetch {
  readonly id: string;
  readonly store: string;
  readonly kind: string;
  readonly ref: string;
  readonly attempts: number;
}

/**
 * Takes what is due, a few of each of at most so many stores, beginning with the store that has waited longest. What was
 * taken and not ended is due again when its time is over: its taker has died.
 */
export async function takeFetches(
  tx: Transaction,
  stores: readonly string[],
  storesMax: number,
): Promise<TakenFetch[]> {
  return await tx<TakenFetch[]>`
    with turn as (
      select s.store from unnest(${stores as string[]}::text[]) as s(store) cross join lateral (
        select d.due_at from fetches d
        where d.store = s.store and d.state in ('waiting', 'fetching') and d.due_at <= clock_timestamp()
        order by d.due_at limit 1) oldest
      order by oldest.due_at limit ${storesMax})
    update fetches f set state = 'fetching', attempts = f.attempts + 1,
      due_at = clock_timestamp() + ${LIMITS.fetchMs} * interval '1 millisecond'
    from turn cross join lateral (
      select d.id from fetches d
      where d.store = turn.store and d.state in ('waiting', 'fetching') and d.due_at <= clock_timestamp()
      order by d.due_at limit ${LIMITS.fetchesAtOnce} for update skip locked) due
    where f.id = due.id
    returning f.id, f.store, f.kind, f.ref, f.attempts`;
}

interface FetchEnd {
  readonly state: 'done' | 'failed';
  readonly reason?: string | undefined;
  readonly delivery?: string | undefined;
}

/** False when another has taken it meanwhile: then its answer counts, and this one is dropped with the transaction. */
export async function endFetch(tx: Transaction, { id, attempts }: TakenFetch, end: FetchEnd): Promise<boolean> {
  const rows = await tx`
    update fetches set state = ${end.state}, reason = ${end.reason ?? null}, delivery = ${end.delivery ?? null}, ended_at = clock_timestamp()
    where id = ${id} and state = 'fetching' and attempts = ${attempts} returning 1`;
  return rows.length > 0;
}

/** Questions that were answered long ago go, a bounded number at a time. */
export async function forgetFetches(tx: Transaction): Promise<number> {
  const rows = await tx`
    delete from fetches where id in (
      select id from fetches
      where state in ('done', 'failed') and ended_at < clock_timestamp() - ${LIMITS.fetchKeptMs} * interval '1 millisecond'
      limit ${LIMITS.fetchesForgotten}) returning 1`;
  return rows.length;
}

/** Back to the queue, unless the same was asked again meanwhile: one answer does for both. */
export async function retryFetch(
  tx: Transaction,
  { id, attempts }: TakenFetch,
  reason: string,
  inMs: number,
): Promise<void> {
  await tx`
    update fetches f set
      state = case when asked.again then 'failed' else 'waiting' end,
      reason = case when asked.again then 'duplicate' else ${reason} end,
      ended_at = case when asked.again then clock_timestamp() end,
      due_at = clock_timestamp() + ${inMs} * interval '1 millisecond'
    from (select exists (
      select from fetches w join fetches o on o.id = ${id}
      where w.store = o.store and w.kind = o.kind and w.ref = o.ref and w.state = 'waiting') as again) asked
    where f.id = ${id} and f.state = 'fetching' and f.attempts = ${attempts}`;
}

/** What was read, on its way in where webhooks come in. */
export interface ReadDelivery {
  readonly id: string;
  readonly store: string;
  readonly endpoint: string;
  readonly key: string;
  readonly topic: string;
  readonly via: 'fetch' | 'poll';
  /** It was as it is before the store was connected: nobody could have told of it. */
  readonly imported?: boolean;
  readonly body: Uint8Array;
}

/** One that is there already is not touched: it said the same. Returns how many are new. */
export async function insertRead(tx: Transaction, rows: readonly ReadDelivery[]): Promise<number> {
  let inserted = 0;
  for (const { id, store, endpoint, key, topic, via, body, imported } of rows) {
    const headers = imported ? { [READ_HEADER]: IMPORTED } : {};
    const fresh = await tx`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, via)
      values (${id}, ${store}, ${endpoint}, ${key}, ${topic}, ${tx.json(headers)}, ${body}, ${via})
      on conflict (endpoint, key) do nothing returning 1`;
    inserted += fresh.length;
  }
  return inserted;
}

/** The endpoint through which the webhooks of a store's own platform come. */
export async function storeEndpoint(tx: Transaction, store: string, source: string): Promise<string | undefined> {
  const [row] = await tx<{ endpoint: string }[]>`
    select endpoint from endpoints where store = ${store} and platform = ${source} order by endpoint limit 1`;
  return row?.endpoint;
}

/** How many deliveries of a store wait to be mapped. */
export async function countWaiting(tx: Transaction, store: string, limit: number): Promise<number> {
  const [row] = await tx<{ waiting: number }[]>`
    select count(*)::int as waiting from (
      select from deliveries where store = ${store} and state = 'received' limit ${limit}) d`;
  return row!.waiting;
}
