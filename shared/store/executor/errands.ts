import type { StorePlatform } from '#shared/contracts/sources.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from '../connect.ts';

export interface StoreAccess {
  readonly platform: StorePlatform;
  readonly url: string;
  readonly sealed: Uint8Array;
}

/** How to write to the store: sealed, and readable by the executor alone. */
export async function readAccess(tx: Transaction, store: string): Promise<StoreAccess | undefined> {
  const [row] = await tx<StoreAccess[]>`
    select platform, url, sealed from credentials where store = ${store} order by platform limit 1`;
  return row;
}

export interface StoreSettings {
  readonly currency: string;
  readonly zone: string;
}

export async function readSettings(tx: Transaction, store: string): Promise<StoreSettings> {
  const [row] = await tx<StoreSettings[]>`select currency, zone from stores where store = ${store}`;
  if (!row) throw new Error(`Unknown store ${store}`);
  return row;
}

/** Discounts that our own actions put on these leaves: a fact shows them only when the store's webhook has come back. */
export async function ownDiscounts(tx: Transaction, store: string, leaves: readonly string[]): Promise<string[]> {
  const rows = await tx<{ discount: string | null }[]>`
    select outcome ->> 'discount' as discount from actions
    where store = ${store} and type = 'promotion.launch' and state = 'done' and leaves && ${leaves as string[]}::text[]
    order by ended_at desc limit 50`;
  return rows.flatMap((row) => row.discount ?? []);
}

/**
 * Whether another action gave, or may have given, this customer the same credit since this one may have been called. Twice as
 * far back as the shop's list is gone through: what ended then by our clock may bear a later time there.
 */
export async function hasDoubleCredit(tx: Transaction, store: string, action: string): Promise<boolean> {
  const rows = await tx`
    select 1 from actions a join actions b on b.store = a.store and b.type = a.type and b.action <> a.action
    where a.store = ${store} and a.action = ${action} and a.type = 'credit.give' and b.leaves && a.leaves
      and b.params ->> 'amountMinor' = a.params ->> 'amountMinor' and b.params ->> 'currency' = a.params ->> 'currency'
      and b.state in ('calling', 'done', 'unknown') and (b.ended_at is null or b.ended_at >= a.not_before - ${2 * LIMITS.clocksApartMs} * interval '1 millisecond') limit 1`;
  return rows.length > 0;
}

/** The newest order at this supplier that no action has cancelled yet. */
export async function openPurchaseOrder(
  tx: Transaction,
  store: string,
  leaf: string,
  supplier: string,
): Promise<string | undefined> {
  const [row] = await tx<{ action: string }[]>`
    select p.action from actions p
    where p.store = ${store} and p.type = 'reorder.place' and p.state in ('done', 'unknown') and p.leaves @> array[${leaf}]
      and p.params ->> 'supplier' = ${supplier}
      and not exists (select 1 from actions c where c.store = p.store and c.type = 'reorder.cancel' and c.state = 'done'
        and c.outcome ->> 'purchaseOrder' = p.action)
    order by p.ended_at desc limit 1`;
  return row?.action;
}

export async function readPersonal(
  tx: Transaction,
  store: string,
  subject: string,
): Promise<{ key: Uint8Array; sealed: Uint8Array } | undefined> {
  const [row] = await tx<{ key: Uint8Array; sealed: Uint8Array }[]>`
    select key, sealed from personal where store = ${store} and subject = ${subject}`;
  return row;
}

/** Rings when the coordinator has written actions or mails. The channel is only a doorbell; whoever misses it looks within a second. */
export async function listenForWork(sql: Sql, ring: () => void): Promise<void> {
  await sql.listen('parley_actions', ring);
}
