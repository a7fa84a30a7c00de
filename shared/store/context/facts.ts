import type { Transaction } from '../connect.ts';

export interface FactRow {
  readonly resource: string;
  readonly attribute: string;
  readonly value: unknown;
  readonly version: number;
  readonly time: string;
  readonly source: string;
  readonly expiresAt?: string | null | undefined;
}

/**
 * At least the facts of these keys, those that there are. Two lists instead of pairs: a join with the pairs is planned by what
 * the table held when it was nearly empty, and then reads all of it for every batch.
 */
export async function readStoredFacts(
  tx: Transaction,
  store: string,
  keys: readonly { resource: string; attribute: string }[],
): Promise<FactRow[]> {
  if (keys.length === 0) return [];
  const resources = [...new Set(keys.map((key) => key.resource))];
  const attributes = [...new Set(keys.map((key) => key.attribute))];
  return await tx<FactRow[]>`
    select resource, attribute, value, version, time, source, expires_at as "expiresAt" from facts
    where store = ${store} and resource = any(${resources}) and attribute = any(${attributes})`;
}

/** One write a fact, whatever the number of events that moved it. */
export async function writeFacts(tx: Transaction, store: string, rows: readonly FactRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into facts (store, resource, attribute, value, version, time, source, observed_at, expires_at)
    select ${store}, resource, attribute, value, version, time, source, clock_timestamp(), "expiresAt"
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(resource text, attribute text, value jsonb, version bigint, time timestamptz, source text, "expiresAt" timestamptz)
    on conflict (store, resource, attribute) do update set
      value = excluded.value, version = excluded.version, time = excluded.time, source = excluded.source,
      observed_at = excluded.observed_at, expires_at = excluded.expires_at`;
}

export async function writeHistory(
  tx: Transaction,
  store: string,
  rows: readonly (FactRow & { folded: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into fact_history (store, resource, attribute, value, version, time, source, observed_at, expires_at, folded)
    select ${store}, resource, attribute, value, version, time, source, clock_timestamp(), "expiresAt", folded
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(resource text, attribute text, value jsonb, version bigint, time timestamptz, source text,
      "expiresAt" timestamptz, folded text)
    on conflict do nothing`;
}
