import type { Fact } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from './connect.ts';

export interface WantedFacts {
  readonly resources: readonly ResourceKey[];
  readonly attributes: readonly string[];
}

/** The named attributes of the named resources, as they are now. */
export async function readFacts(tx: Transaction, store: string, wanted: WantedFacts): Promise<Fact[]> {
  if (wanted.resources.length === 0 || wanted.attributes.length === 0) return [];
  return await tx<Fact[]>`
    select resource, attribute, value, version, time from facts
    where store = ${store} and resource = any(${wanted.resources as string[]}) and attribute = any(${wanted.attributes as string[]})`;
}

/** The leaves of a category: SKUs whose `category` fact names it, at most `limit`, in order of key. */
export async function readCategory(
  tx: Transaction,
  store: string,
  category: string,
  limit: number,
): Promise<ResourceKey[]> {
  const rows = await tx<{ resource: ResourceKey }[]>`
    select resource from facts
    where store = ${store} and attribute = 'category' and (value #>> '{}') = ${category} order by resource limit ${limit}`;
  return rows.map((row) => row.resource);
}
