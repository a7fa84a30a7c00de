import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '../connect.ts';

export interface StandingClaimRow {
  readonly resource: ResourceKey;
  readonly aspect: string;
  readonly owner: string;
  readonly action: string;
}

/** Holds in force on these resources at the store clock. */
export async function readStandingClaims(
  tx: Transaction,
  store: string,
  resources: readonly string[],
  now: string,
): Promise<StandingClaimRow[]> {
  if (resources.length === 0) return [];
  return await tx<StandingClaimRow[]>`
    select resource, aspect, owner, layer->>'action' as action from claims
    where store = ${store} and ended_as is null and resource = any(${resources as string[]}) and (upper_inf(during) or upper(during) > ${now})`;
}

/** Resources of which an attribute is known, the latest change first. */
export async function readKnown(
  tx: Transaction,
  store: string,
  attribute: string,
  limit: number,
): Promise<ResourceKey[]> {
  const rows = await tx<{ resource: ResourceKey }[]>`
    select resource from facts where store = ${store} and attribute = ${attribute} order by version desc limit ${limit}`;
  return rows.map((row) => row.resource);
}

/**
 * SKUs by the money that lies on their shelf: units that are there, times what one cost. One pass over both attributes and
 * no join: of a table that was never analysed the planner expects one row, and then joins every SKU with every other.
 */
export async function readDearestShelves(tx: Transaction, store: string, limit: number): Promise<ResourceKey[]> {
  const rows = await tx<{ resource: ResourceKey }[]>`
    select resource from (
      select resource, max(case attribute when 'available' then (value->>'units')::bigint end) as units,
        max(case attribute when 'cost' then (value->>'minor')::bigint end) as cost
      from facts where store = ${store} and attribute in ('available', 'cost') group by resource) shelf
    where units > 0 and cost is not null
    order by units * cost desc, resource limit ${limit}`;
  return rows.map((row) => row.resource);
}

/**
 * Orders placed between two times of which nothing has left and which are not cancelled, the oldest first. Asked for each
 * order by its key: as an anti-join it may be planned as every order against every other (see the shelves above).
 */
export async function readUnshipped(
  tx: Transaction,
  store: string,
  wanted: { readonly placedFrom: string; readonly placedTo: string; readonly limit: number },
): Promise<ResourceKey[]> {
  const rows = await tx<{ resource: ResourceKey }[]>`
    select p.resource from facts p
    where p.store = ${store} and p.attribute = 'placed' and p.time >= ${wanted.placedFrom} and p.time <= ${wanted.placedTo}
      and (select f.attribute from facts f
        where f.store = p.store and f.resource = p.resource and f.attribute in ('fulfilled', 'cancelled') limit 1) is null
    order by p.time, p.resource limit ${wanted.limit}`;
  return rows.map((row) => row.resource);
}
