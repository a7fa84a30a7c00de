import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '../connect.ts';

export interface WantedBuyers {
  /** Bounds of the last order, both inclusive. */
  readonly boughtFrom: string;
  readonly boughtTo: string;
  readonly limit: number;
}

/** Customers who agreed to marketing mail and whose last order lies within bounds, the most recent first. */
export async function readConsentingBuyers(
  tx: Transaction,
  store: string,
  wanted: WantedBuyers,
): Promise<ResourceKey[]> {
  const rows = await tx<{ resource: ResourceKey }[]>`
    select c.resource from facts c
    join facts o on o.store = c.store and o.resource = c.resource and o.attribute = 'last-order'
    where c.store = ${store} and c.resource >= 'customer:' and c.resource < 'customer;' and c.attribute = 'consent'
      and c.value ->> 'email' = 'true' and o.value ->> 'at' between ${wanted.boughtFrom} and ${wanted.boughtTo}
    order by o.value ->> 'at' desc, c.resource limit ${wanted.limit}`;
  return rows.map((row) => row.resource);
}
