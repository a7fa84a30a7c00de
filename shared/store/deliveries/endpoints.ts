import type { SourceName } from '#shared/contracts/sources.ts';
import type { Sql } from '../connect.ts';

export interface ReceivingEndpoint {
  readonly endpoint: string;
  readonly store: string;
  readonly platform: SourceName;
  /** Sealed. */
  readonly secrets: readonly string[];
  /** The store's own currency, for webhooks that name amounts without one. */
  readonly currency: string;
  /** The mapping file of a sender that speaks neither a platform's shape nor ours. */
  readonly mapping: string | null;
  /** The store's own time, or that of the history that it replays. */
  readonly clockKind: 'live' | 'replay';
}

export async function readEndpoints(sql: Sql): Promise<ReceivingEndpoint[]> {
  return await sql<ReceivingEndpoint[]>`
    select e.endpoint, e.store, e.platform, e.secrets, e.mapping, s.currency, s.clock_kind as "clockKind"
    from endpoints e join stores s using (store)`;
}
