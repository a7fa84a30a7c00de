import type { SourceName, StorePlatform } from '#shared/contracts/sources.ts';
import type { Sql, Transaction } from '../connect.ts';
import { inStores } from '../transaction.ts';
import { type Credential, type EndpointRow, listStores, putEndpoint, writeCredential } from './installation.ts';

export type { Credential } from './installation.ts';

/** A store as the commands that connect stores see it. */
export interface ConnectedStore {
  readonly store: string;
  readonly platform: StorePlatform;
  readonly mode: 'watch' | 'live' | 'removed';
  readonly clockKind: 'live' | 'replay';
  readonly currency: string;
  readonly zone: string;
  /** The platform's own id of the shop; null where none was kept. */
  readonly shop: string | null;
  /** False where it was connected without webhooks. */
  readonly webhooks: boolean;
}

export interface ConnectedEndpoint {
  readonly endpoint: string;
  readonly store: string;
  readonly platform: SourceName;
  /** Sealed; the present one first, and during a rotation the one before it. */
  readonly secrets: readonly string[];
  readonly mapping: string | null;
}

/** Everything that a connection to a store rests on; it is written whole or not at all. */
export interface Connection {
  readonly store: Omit<ConnectedStore, 'mode' | 'clockKind'> & { readonly clock: string; readonly partition: number };
  readonly endpoint: Omit<ConnectedEndpoint, 'store' | 'mapping'>;
  readonly credential: Omit<Credential, 'store' | 'platform'>;
}

export async function readConnectedStores(sql: Sql): Promise<ConnectedStore[]> {
  return await sql<ConnectedStore[]>`
    select store, platform, mode, clock_kind as "clockKind", currency, zone, shop, webhooks from stores order by store`;
}

export async function readConnectedStore(sql: Sql, store: string): Promise<ConnectedStore | undefined> {
  return (await readConnectedStores(sql)).find((row) => row.store === store);
}

export async function readStoreEndpoints(sql: Sql, store: string): Promise<ConnectedEndpoint[]> {
  return await sql<ConnectedEndpoint[]>`
    select endpoint, store, platform, secrets, mapping from endpoints where store = ${store} order by endpoint`;
}

export async function readEndpoint(sql: Sql, endpoint: string): Promise<ConnectedEndpoint | undefined> {
  const [row] = await sql<ConnectedEndpoint[]>`
    select endpoint, store, platform, secrets, mapping from endpoints where endpoint = ${endpoint}`;
  return row;
}

/** Names its stores itself: whoever connects stores may be a superuser, whom row-level policies do not bind. */
export async function readCredentials(sql: Sql, stores: readonly string[]): Promise<Credential[]> {
  return await inStores(
    sql,
    stores,
    (tx) => tx<Credential[]>`
      select store, platform, url, sealed from credentials where store = any(${stores as string[]}) order by store`,
  );
}

/**
 * A new store starts in watch; one that was removed starts anew in watch, with its history; one that is there keeps its
 * mode. An endpoint that is there keeps its mapping. Where nobody knows which shop had the name before, this one is gone
 * through from its beginning, as it may be another.
 */
export async function writeConnection(sql: Sql, { store, endpoint, credential }: Connection): Promise<void> {
  await inStores(sql, [store.store, ...(await listStores(sql))], async (tx) => {
    await freeKeys(tx, endpoint.endpoint);
    await tx`
      delete from polls where store = ${store.store}
        and exists (select 1 from stores s where s.store = ${store.store} and s.mode = 'removed' and s.shop is null)`;
    await tx`
      insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone, shop, webhooks)
      values (${store.store}, ${store.platform}, 'live', ${store.clock}, ${store.partition}, 'watch', ${store.currency}, ${store.zone},
        ${store.shop}, ${store.webhooks})
      on conflict (store) do update set zone = excluded.zone, shop = excluded.shop, webhooks = excluded.webhooks,
        mode = case stores.mode when 'removed' then 'watch' else stores.mode end`;
    await putEndpoint(tx, { ...endpoint, store: store.store });
    await writeCredential(tx, { ...credential, store: store.store, platform: store.platform });
  });
}

/** Another sender's. */
export async function addEndpoint(sql: Sql, row: EndpointRow): Promise<void> {
  await inStores(sql, await listStores(sql), async (tx) => {
    await freeKeys(tx, row.endpoint);
    await putEndpoint(tx, row);
  });
}

/**
 * Whoever sends to an endpoint that is added again may number its webhooks from one, as the sender before it did: what
 * that one sent gives its keys up, or the new one's would be answered as repetitions and lost. Only now, because
 * the gateway takes in for a moment what comes after a removal. A shop that is known to be the same goes on with its keys. The
 * name may have been a sender's of another store, so that all stores have to be named.
 */
async function freeKeys(tx: Transaction, endpoint: string): Promise<void> {
  await tx`
    update deliveries d set key = d.key || '|removed|' || d.id
    where d.endpoint = ${endpoint} and d.key not like '%|removed|' || d.id
      and not exists (select 1 from endpoints e where e.endpoint = ${endpoint})
      and not exists (select 1 from stores s where s.store = d.store and s.store = ${endpoint} and s.shop is not null)`;
}

export async function replaceCredential(sql: Sql, row: Credential): Promise<void> {
  await inStores(sql, [row.store], (tx) => writeCredential(tx, row));
}

/** The gateway reads them anew within a second; false where there is no such endpoint. */
export async function setSecrets(sql: Sql, endpoint: string, secrets: readonly string[]): Promise<boolean> {
  const rows = await sql`
    update endpoints set secrets = ${sql.json([...secrets])} where endpoint = ${endpoint} returning 1`;
  return rows.length > 0;
}

export async function setMapping(sql: Sql, endpoint: string, mapping: string): Promise<void> {
  await sql`update endpoints set mapping = ${mapping} where endpoint = ${endpoint}`;
}

export async function removeEndpoint(sql: Sql, endpoint: string): Promise<void> {
  await sql`delete from endpoints where endpoint = ${endpoint}`;
}

/**
 * Nothing comes in any more and nothing goes out; what was recorded stays. What is pending is revoked by the executor, as
 * in a store that only watches, and the services let go of the store within a second or two.
 */
export async function removeConnection(sql: Sql, store: string): Promise<void> {
  await inStores(sql, [store], async (tx) => {
    await tx`delete from endpoints where store = ${store}`;
    await tx`delete from credentials where store = ${store}`;
    await tx`delete from openings where store = ${store}`;
    await tx`update stores set mode = 'removed' where store = ${store}`;
  });
}

/** What a connection that did not come to be has changed of a store that was there; its currency never changes. */
export async function restoreStore(sql: Sql, { store, zone, shop, webhooks }: ConnectedStore): Promise<void> {
  await sql`update stores set zone = ${zone}, shop = ${shop}, webhooks = ${webhooks} where store = ${store}`;
}

/** For a connection that did not come to be: a store that has no event yet leaves nothing behind. */
export async function forgetConnection(sql: Sql, store: string): Promise<void> {
  await removeConnection(sql, store);
  await sql`delete from stores where store = ${store} and head = 0 and not exists (select 1 from deliveries d where d.store = ${store})`;
}

/** What the webhooks of a shop were last registered with. */
export interface Registered {
  /** Base of the addresses that they go to; null where none were registered. */
  readonly publicUrl: string | null;
  /** Topics that the shop did not take though the credential allows them. */
  readonly refusedTopics: readonly string[];
}

export async function readRegistered(sql: Sql, store: string): Promise<Registered | undefined> {
  const [row] = await sql<Registered[]>`
    select public_url as "publicUrl", refused_topics as "refusedTopics" from stores where store = ${store}`;
  return row;
}

export async function setRegistered(sql: Sql, store: string, { publicUrl, refusedTopics }: Registered): Promise<void> {
  await sql`
    update stores set public_url = ${publicUrl}, refused_topics = ${sql.json([...refusedTopics])} where store = ${store}`;
}

export interface LastDelivery {
  readonly endpoint: string;
  readonly at: string;
  readonly topic: string;
  readonly state: string;
  readonly reason: string | null;
}

/** Ids are in order of time, so that the newest is found from their end. */
export async function readLastDelivery(sql: Sql, store: string, endpoint: string): Promise<LastDelivery | undefined> {
  const [row] = await inStores(
    sql,
    [store],
    (tx) => tx<LastDelivery[]>`
      select endpoint, received_at as at, topic, state, reason from deliveries
      where store = ${store} and endpoint = ${endpoint} and via = 'webhook' order by id desc limit 1`,
  );
  return row;
}

export interface Asked {
  readonly kind: string;
  readonly at: string;
  /** Resources of which no webhook had told. */
  readonly found: number;
  readonly fault: string | null;
}

/** How the store is gone through for what no webhook told, by kind. */
export async function readAsked(sql: Sql, store: string): Promise<Asked[]> {
  const rows = await inStores(
    sql,
    [store],
    (tx) => tx<Asked[]>`select kind, polled_at as at, found, fault from polls where store = ${store} order by kind`,
  );
  // Not asked yet, but entered in the list.
  return rows.filter(({ at }) => Date.parse(at) > 0);
}
