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
    select resource from (
      select resource, bool_or(value ->> 'email' = 'true') filter (where attribute = 'consent') as agreed,
        max(value ->> 'at') filter (where attribute = 'last-order') as bought
      from facts
      where store = ${store} and attribute in ('consent', 'last-order') and resource >= 'customer:' and resource < 'customer;'
      group by resource) buyer
    where agreed and bought between ${wanted.boughtFrom} and ${wanted.boughtTo}
    order by bought desc, resource limit ${wanted.limit}`;
  return rows.map((row) => row.resource);
}
