import type { Sql } from '../connect.ts';

export interface ReceivingEndpoint {
  readonly endpoint: string;
  readonly store: string;
  readonly platform: 'shopify' | 'standard';
  /** Sealed. */
  readonly secrets: readonly string[];
  /** The store's own currency, for webhooks that name amounts without one. */
  readonly currency: string;
}

export async function readEndpoints(sql: Sql): Promise<ReceivingEndpoint[]> {
  return await sql<ReceivingEndpoint[]>`
    select e.endpoint, e.store, e.platform, e.secrets, s.currency from endpoints e join stores s using (store)`;
}
