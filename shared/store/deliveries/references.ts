import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '../connect.ts';

/** An order by what somebody else calls it: a carrier its parcel, a payment provider its charge. */
export interface OrderReference {
  readonly kind: 'parcel' | 'payment';
  readonly ref: string;
}

export interface NamedOrder extends OrderReference {
  readonly subject: ResourceKey;
  /** The fulfilment that the parcel is. */
  readonly part?: string | null;
}

export async function readReferences(
  tx: Transaction,
  store: string,
  wanted: readonly OrderReference[],
): Promise<NamedOrder[]> {
  if (wanted.length === 0) return [];
  return await tx<NamedOrder[]>`
    select r.kind, r.ref, r.subject, r.part
    from unnest(${wanted.map((one) => one.kind)}::text[], ${wanted.map((one) => one.ref)}::text[]) as w(kind, ref)
    join order_references r on r.store = ${store} and r.kind = w.kind and r.ref = w.ref`;
}

/** Of two that say the same name, the later one counts: carriers use their codes again after some months. */
export async function keepReferences(tx: Transaction, store: string, named: readonly NamedOrder[]): Promise<void> {
  const newest = [...new Map(named.map((one) => [`${one.kind}\n${one.ref}`, one])).values()];
  if (newest.length === 0) return;
  await tx`
    insert into order_references as o (store, kind, ref, subject, part)
    select ${store}, r.kind, r.ref, r.subject, r.part
    from jsonb_to_recordset(${tx.json(newest as never)}) as r(kind text, ref text, subject text, part text)
    on conflict (store, kind, ref) do update set subject = excluded.subject, part = excluded.part, named_at = excluded.named_at
    where (o.subject, o.part) is distinct from (excluded.subject, excluded.part)`;
}
