import { uuidv7 } from '#shared/kernel/ids.ts';
import type { Sql, Transaction } from '../connect.ts';

export const DELIVERY_STATES = ['received', 'mapped', 'ignored', 'failed', 'duplicate'] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

export interface ListedDelivery {
  readonly id: string;
  readonly store: string;
  readonly endpoint: string;
  /** Who sends to its endpoint; null when the endpoint is no longer there. */
  readonly source: string | null;
  readonly topic: string;
  readonly via: 'webhook' | 'fetch' | 'poll';
  readonly state: DeliveryState;
  readonly reason: string | null;
  /** How often it came besides the first time. */
  readonly copies: number;
  readonly bytes: number;
  readonly receivedAt: string;
}

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly source?: string | undefined;
  /** Milliseconds since 1970. */
  readonly sinceMs?: number | undefined;
  readonly limit: number;
}

const NO_RANDOM = new Uint8Array(10);

/** The least id that can be drawn at a time: ids begin with it, so that a time bounds a walk over the primary key. */
export const firstIdAt = (ms: number) => uuidv7(Math.max(0, ms), NO_RANDOM);

/** Newest first. */
export async function listDeliveries(tx: Transaction, filter: DeliveryFilter): Promise<ListedDelivery[]> {
  const { state = null, source = null, sinceMs = 0, limit } = filter;
  // Apart, so that `failed` is found by the index of its own.
  const ofState = state === 'failed' ? tx`d.state = 'failed'` : tx`(${state}::text is null or d.state = ${state})`;
  return await tx<ListedDelivery[]>`
    select d.id, d.store, d.endpoint, e.platform as source, d.topic, d.via, d.state, d.reason, d.copies,
      octet_length(d.body) as bytes, d.received_at as "receivedAt"
    from deliveries d left join endpoints e using (endpoint)
    where d.id >= ${firstIdAt(sinceMs)}::uuid and ${ofState} and (${source}::text is null or e.platform = ${source})
    order by d.id desc limit ${limit}`;
}

/** Every store that there ever was: what came for one that was removed is kept as long as all else. */
export async function readEveryStore(sql: Sql): Promise<string[]> {
  return (await sql<{ store: string }[]>`select store from stores order by store`).map((row) => row.store);
}

export interface ToldEvent {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  /** The shop tried its own checkout: nothing follows from it. */
  readonly test: boolean;
}

export interface WholeDelivery extends ListedDelivery {
  /** What was wrong with it, and the dead letter that says so, where it failed. */
  readonly detail: string | null;
  readonly deadLetter: string | null;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The action whose effect it shows. */
  readonly echo: string | null;
  /** What it has told. */
  readonly events: readonly ToldEvent[];
}

export async function readDelivery(tx: Transaction, id: string): Promise<WholeDelivery | undefined> {
  const [row] = await tx<Omit<WholeDelivery, 'events'>[]>`
    select d.id, d.store, d.endpoint, e.platform as source, d.topic, d.via, d.state, d.reason, l.detail, l.id as "deadLetter",
      d.copies, octet_length(d.body) as bytes, d.received_at as "receivedAt", d.key, d.headers, d.body, d.echo
    from deliveries d left join endpoints e using (endpoint)
      left join lateral (
        select id, detail from dead_letters
        where store = d.store and kind = 'delivery' and ref = d.id::text and d.state = 'failed' and redriven_at is null
        order by at desc limit 1
      ) l on true
    where d.id = ${id}`;
  if (!row) return undefined;
  const events = await tx<ToldEvent[]>`
    select seq, id, type, subject, time, coalesce(data->'test' = 'true', false) as test from events where delivery = ${id} and store = ${row.store} order by seq`;
  return { ...row, events };
}
