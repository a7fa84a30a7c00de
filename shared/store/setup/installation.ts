import type { SourceName, StorePlatform } from '#shared/contracts/sources.ts';
import { openStore, type Sql, type Transaction } from '../connect.ts';
import { inStores } from '../transaction.ts';

export interface StoreRow {
  readonly store: string;
  readonly platform: StorePlatform;
  readonly clockKind: 'live' | 'replay';
  /** Where the store clock begins: now for a live store, the epoch for a replayed one (its first delivery moves it). */
  readonly clock: string;
  readonly partition: number;
  readonly mode: 'watch' | 'live';
  readonly currency: string;
  readonly zone: string;
}

export interface EndpointRow {
  readonly endpoint: string;
  readonly store: string;
  readonly platform: SourceName;
  /** Sealed; the present one first, and during a rotation the one before it. */
  readonly secrets: readonly string[];
  readonly mapping?: string | null;
}

/** A store that is there keeps what it has: head and clock above all. */
export async function putStore(sql: Sql, row: StoreRow): Promise<void> {
  await sql`
    insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
    values (${row.store}, ${row.platform}, ${row.clockKind}, ${row.clock}, ${row.partition}, ${row.mode}, ${row.currency}, ${row.zone})
    on conflict (store) do nothing`;
}

/** One that is there takes the new secrets, and keeps its mapping where none is given. */
export async function putEndpoint(sql: Sql | Transaction, row: EndpointRow): Promise<void> {
  await sql`
    insert into endpoints (endpoint, store, platform, secrets, mapping)
    values (${row.endpoint}, ${row.store}, ${row.platform}, ${sql.json([...row.secrets])}, ${row.mapping ?? null})
    on conflict (endpoint) do update set secrets = excluded.secrets, mapping = coalesce(excluded.mapping, endpoints.mapping)`;
}

export interface Credential {
  readonly store: string;
  readonly platform: string;
  readonly url: string;
  readonly sealed: Uint8Array;
}

export async function writeCredential(tx: Transaction, row: Credential): Promise<void> {
  await tx`
    insert into credentials (store, platform, sealed, url) values (${row.store}, ${row.platform}, ${Buffer.from(row.sealed)}, ${row.url})
    on conflict (store, platform) do update set sealed = excluded.sealed, url = excluded.url`;
}

export async function putCredential(
  sql: Sql,
  store: string,
  platform: string,
  sealed: Uint8Array,
  url: string,
): Promise<void> {
  await inStores(sql, [store], (tx) => writeCredential(tx, { store, platform, sealed, url }));
}

/** Writes the manifests in force; an agent that is not among them stays as it is. */
export async function putAgents(
  sql: Sql,
  agents: readonly { agent: string; manifest: unknown; digest: string }[],
): Promise<void> {
  await sql.begin(async (tx) => {
    for (const { agent, manifest, digest } of agents) {
      await tx`
        insert into agents (agent, manifest, digest) values (${agent}, ${tx.json(manifest as never)}, ${digest})
        on conflict (agent) do update set manifest = excluded.manifest, digest = excluded.digest
        where agents.digest <> excluded.digest`;
    }
  });
}

export async function listStores(sql: Sql): Promise<string[]> {
  return (await sql`select store from stores order by store`).map((row) => String(row.store));
}

export async function listAgents(sql: Sql): Promise<string[]> {
  return (await sql`select agent from agents order by agent`).map((row) => String(row.agent));
}

export async function currentDatabase(sql: Sql): Promise<string> {
  const [row] = await sql`select current_database() as name`;
  return String(row?.name);
}

/** Fails as the driver does where nobody can log in there. */
export async function logIn(url: string): Promise<void> {
  const sql = openStore({ url, service: 'setup', connections: 1 });
  try {
    await sql`select 1`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Whether the tables are there. */
export async function isSetUp(sql: Sql): Promise<boolean> {
  const [row] = await sql`select to_regclass('public.endpoints') is not null as yes`;
  return row?.yes === true;
}

/** Whether Parley has ever been set up here, without setting it up. */
export async function hasStores(url: string): Promise<boolean> {
  const sql = openStore({ url, service: 'setup', connections: 1 });
  try {
    return (await isSetUp(sql)) && (await listStores(sql)).length > 0;
  } finally {
    await sql.end({ timeout: 2 });
  }
}
