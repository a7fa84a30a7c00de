import type { Reason } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';

export interface ReceivedDelivery {
  readonly id: string;
  readonly store: string;
  readonly endpoint: string;
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly digest: Uint8Array | null;
  readonly receivedAt: string;
  /** `webhook`: the platform sent it. Otherwise the executor read it from the platform. */
  readonly via: 'webhook' | 'fetch' | 'poll';
}

/** A header that the executor gives to what it reads; a sender's own has no meaning, because what it sends came by webhook. */
export const READ_HEADER = 'x-parley-read';
export const IMPORTED = 'import';

const MAPPING_LOCK = 7_205_763;

/**
 * Until the commit this transaction is the only one that maps: what a delivery says anew is told from the events before it,
 * and another's that are not committed yet cannot be seen. Not the stores' rows, which whoever writes events waits for:
 * they are locked at the end, when all that is left is to number what was found.
 */
export async function lockMapping(tx: Transaction): Promise<void> {
  await tx`select pg_advisory_xact_lock(${MAPPING_LOCK})`;
}

/**
 * The oldest deliveries that wait to be mapped, locked; `held` are left alone for now. As many as fit into the byte limit,
 * at least one. What another is redriving is passed over.
 */
export async function readReceived(
  tx: Transaction,
  held: readonly string[],
  limit: number,
): Promise<ReceivedDelivery[]> {
  return await tx<ReceivedDelivery[]>`
    with picked as (
      select id, octet_length(body) as bytes from deliveries
      where state = 'received' and id <> all(${held as string[]}::uuid[])
      order by id limit ${limit} for update skip locked
    ), sized as (select id, sum(bytes) over (order by id) - bytes as before from picked)
    select d.id, d.store, d.endpoint, d.topic, d.headers, d.body, d.digest, d.received_at as "receivedAt", d.via
    from sized s join deliveries d on d.id = s.id
    where s.before < ${LIMITS.bytesPerMapping} order by d.id`;
}

export interface SettledDelivery {
  readonly id: string;
  readonly state: 'mapped' | 'ignored' | 'failed' | 'duplicate';
  /** What it turned out to be about; a Standard Webhook says it in the body only. */
  readonly topic: string;
  readonly reason?: Reason | undefined;
  /** The action whose effect it shows. */
  readonly echo?: string | undefined;
}

export async function settleDeliveries(tx: Transaction, settled: readonly SettledDelivery[]): Promise<void> {
  if (settled.length === 0) return;
  await tx`
    update deliveries d set state = r.state, topic = r.topic, reason = r.reason, echo = r.echo
    from jsonb_to_recordset(${tx.json(settled as never)}) as r(id uuid, state text, topic text, reason text, echo text)
    where d.id = r.id`;
}

/** Fails one that waits to be mapped; false where it waits no longer. */
export async function failReceived(tx: Transaction, id: string, reason: Reason): Promise<boolean> {
  const rows = await tx`
    update deliveries set state = 'failed', reason = ${reason} where id = ${id} and state = 'received' returning 1`;
  return rows.length > 0;
}

/** Of these, the ids of those whose body was already taken under another id of the same topic while the replay guard holds. */
export async function findRepeats(tx: Transaction, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx<{ id: string }[]>`
    select r.id from deliveries r
    where r.id = any(${ids as string[]}::uuid[]) and exists (
      select from deliveries d
      where d.endpoint = r.endpoint and d.digest = r.digest and d.digest is not null and d.topic = r.topic and d.id < r.id
        and d.state in ('mapped', 'ignored')
        and d.received_at > r.received_at - ${LIMITS.replayGuardMs} * interval '1 millisecond')`;
  return new Set(rows.map((row) => row.id));
}

/** How many deliveries stand where, per store. */
export async function countDeliveries(
  tx: Transaction,
): Promise<{ store: string; state: string; deliveries: number; copies: number; echoes: number }[]> {
  return await tx`
    select store, state, count(*) as deliveries, sum(copies)::bigint as copies, count(echo) as echoes
    from deliveries group by store, state order by store, state`;
}
