import type { Transaction } from '../connect.ts';

export interface FactRow {
  readonly store: string;
  readonly resource: string;
  readonly attribute: string;
  readonly value: unknown;
  readonly version: number;
  readonly time: string;
  readonly source: string;
  readonly expiresAt: string | null;
}

/** Everything believed about a resource, in each of the transaction's stores. */
export async function readResource(tx: Transaction, resource: string): Promise<FactRow[]> {
  return await tx<FactRow[]>`
    select store, resource, attribute, value, version, time, source, expires_at as "expiresAt"
    from facts where store = any (app_stores()) and resource = ${resource} order by store, attribute`;
}

export interface ClaimRow {
  readonly store: string;
  readonly claim: string;
  readonly aspect: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly exclusive: boolean;
  readonly owner: string;
  readonly action: string | null;
}

/** Claims in force on a resource, or planned. */
export async function readClaimsOn(tx: Transaction, resource: string): Promise<ClaimRow[]> {
  return await tx<ClaimRow[]>`
    select c.store, c.claim, c.aspect, lower(c.during) as "from", upper(c.during) as "to", c.exclusive, c.owner, c.action
    from claims c join stores s on s.store = c.store
    where c.store = any (app_stores()) and c.resource = ${resource} and c.ended_as is null and coalesce(upper(c.during) > s.clock, true)
    order by c.store, c.aspect, c.claim`;
}
