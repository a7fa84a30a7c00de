import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';

/** A resource whose present state the executor is to read. */
export interface AskedFetch {
  readonly id: string;
  readonly kind: string;
  readonly ref: string;
  readonly cause: 'thin' | 'older';
}

/**
 * Asks for what is not asked for already. The question rests a moment, so that a burst of webhooks about one resource is
 * answered by one reading after the last of them.
 */
export async function askFetches(tx: Transaction, store: string, asked: readonly AskedFetch[]): Promise<void> {
  if (asked.length === 0) return;
  await tx`
    insert into fetches (id, store, kind, ref, cause, due_at)
    select distinct on (r.kind, r.ref) r.id, ${store}, r.kind, r.ref, r.cause, clock_timestamp() + ${LIMITS.fetchRestMs} * interval '1 millisecond'
    from jsonb_to_recordset(${tx.json(asked as never)}) as r(id uuid, kind text, ref text, cause text)
    order by r.kind, r.ref, r.id
    on conflict (store, kind, ref) where state = 'waiting' do nothing`;
}

/** Resources of which a poll has told and nobody before. */
export async function countFound(tx: Transaction, store: string, kind: string, found: number): Promise<void> {
  await tx`update polls set found = found + ${found} where store = ${store} and kind = ${kind}`;
}
