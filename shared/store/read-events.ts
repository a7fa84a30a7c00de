import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from './connect.ts';

interface EventRow {
  store: string;
  seq: number;
  id: string;
  type: string;
  subject: string;
  time: string;
  now: string;
  source: string;
  cause: string | null;
  correlation: string;
  depth: number;
  addressee: string | null;
  data: Record<string, unknown>;
  traceparent: string | null;
}

/** Events of a store after a position, in `seq` order, at most `limit`. */
export async function readEventsAfter(tx: Transaction, store: string, seq: number, limit: number): Promise<Envelope[]> {
  const rows = await tx<EventRow[]>`
    select store, seq, id, type, subject, time, now, source, cause, correlation, depth, addressee, data, traceparent
    from events where store = ${store} and seq > ${seq} order by seq limit ${limit}`;
  return rows.map(toEnvelope);
}

/** The events at these places, in `seq` order. */
export async function readEventsAt(tx: Transaction, store: string, seqs: readonly number[]): Promise<Envelope[]> {
  if (seqs.length === 0) return [];
  const rows = await tx<EventRow[]>`
    select store, seq, id, type, subject, time, now, source, cause, correlation, depth, addressee, data, traceparent
    from events where store = ${store} and seq = any(${seqs as number[]}::bigint[]) order by seq`;
  return rows.map(toEnvelope);
}

/** The events with these ids, in `seq` order. */
export async function readEventsById(tx: Transaction, store: string, ids: readonly string[]): Promise<Envelope[]> {
  if (ids.length === 0) return [];
  const rows = await tx<EventRow[]>`
    select store, seq, id, type, subject, time, now, source, cause, correlation, depth, addressee, data, traceparent
    from events where store = ${store} and id = any(${ids as string[]}::uuid[]) order by seq`;
  return rows.map(toEnvelope);
}

function toEnvelope(row: EventRow): Envelope {
  return {
    specversion: '1.0',
    id: row.id,
    source: row.source,
    type: row.type,
    subject: row.subject as ResourceKey,
    time: row.time,
    store: row.store,
    seq: row.seq,
    now: row.now,
    correlationid: row.correlation,
    causationid: row.cause ?? undefined,
    traceparent: row.traceparent ?? undefined,
    depth: row.depth,
    dataversion: 1,
    addressee: row.addressee ?? undefined,
    data: row.data,
  };
}
