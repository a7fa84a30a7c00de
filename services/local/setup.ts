import { join } from 'node:path';
import { renderAccounts } from '#shared/bus/accounts.ts';
import { ensureBus } from '#shared/bus/ensure.ts';
import { identities } from '#shared/bus/identities.ts';
import { partitionOf } from '#shared/bus/subjects.ts';
import { toInstant } from '#shared/kernel/time.ts';
import { digestOf } from '#shared/runtime/digest.ts';
import { seal, sealText } from '#shared/runtime/seal.ts';
import { openStore, type Sql } from '#shared/store/connect.ts';
import { migrate } from '#shared/store/migrate.ts';
import {
  currentDatabase,
  listAgents,
  listStores,
  putAgents,
  putCredential,
  putEndpoint,
  putStore,
} from '#shared/store/setup/installation.ts';
import { ensureLogin } from '#shared/store/setup/logins.ts';
import { MANIFESTS } from './agents.ts';
import type { DataFolder } from './data-folder.ts';
import { AGENTS, SERVICES } from './services.ts';

export interface SandboxStore {
  readonly store: string;
  readonly clockKind: 'live' | 'replay';
  /** Where its Admin API answers, without the store's path. */
  readonly adminUrl: string;
}

interface DatabaseSetup {
  /** As a user who may create roles and tables. */
  url: string;
  root: string;
  data: DataFolder;
  sandbox: SandboxStore | undefined;
  say(text: string): void;
}

/** Everything in Postgres that must be there before a service starts. Safe to repeat, and to run against a database in use. */
export async function setUpDatabase(setup: DatabaseSetup): Promise<{ sql: Sql; urls: Record<string, string> }> {
  const ran = await migrate(setup.url, join(setup.root, 'migrations'));
  if (ran.length > 0) setup.say(`database: ran ${ran.length} migration${ran.length === 1 ? '' : 's'}`);
  const sql = openStore({ url: setup.url, service: 'setup', connections: 2 });
  const urls = await ensureLogins(sql, setup);
  await putAgents(
    sql,
    MANIFESTS.map((manifest) => ({ agent: manifest.agent, manifest, digest: digestOf(manifest) })),
  );
  if (setup.sandbox) await registerSandbox(sql, setup.data, setup.sandbox);
  return { sql, urls };
}

async function ensureLogins(sql: Sql, setup: DatabaseSetup): Promise<Record<string, string>> {
  const database = await currentDatabase(sql);
  const urls: Record<string, string> = {};
  for (const service of [...SERVICES.map(({ name }) => name), 'operator']) {
    const password = setup.data.loginPassword(service);
    const url = new URL(setup.url);
    url.username = await ensureLogin(sql, database, service, password);
    url.password = password;
    urls[service] = url.href;
  }
  setup.data.save();
  return urls;
}

/** The same rows that `store add` writes for a real store: the store, its two endpoints, and the executor's credential. */
async function registerSandbox(
  sql: Sql,
  data: DataFolder,
  { store, clockKind, adminUrl }: SandboxStore,
): Promise<void> {
  const key = data.masterKey();
  const secrets = data.sandboxSecrets(store);
  await putStore(sql, {
    store,
    platform: 'sandbox',
    clockKind,
    clock: toInstant(clockKind === 'live' ? Date.now() : 0),
    partition: partitionOf(store),
    mode: 'live',
    currency: 'GBP',
    zone: 'Europe/London',
  });
  const world = `${store}-world`;
  await putEndpoint(sql, {
    endpoint: store,
    store,
    platform: 'shopify',
    secrets: [sealText(key, `endpoint:${store}`, secrets.shopifySecret)],
  });
  await putEndpoint(sql, {
    endpoint: world,
    store,
    platform: 'standard',
    secrets: [sealText(key, `endpoint:${world}`, secrets.worldSecret)],
  });
  const token = seal(key, `credential:${store}:sandbox`, Buffer.from(secrets.accessToken));
  await putCredential(sql, store, 'sandbox', token, `${adminUrl}/stores/${store}`);
}

/** The `accounts` block of nats-server, with the passwords that the data folder keeps. */
export function busAccounts(data: DataFolder): string {
  const passwords = Object.fromEntries(identities(AGENTS).map(({ user }) => [user, data.busPassword(user)]));
  data.save();
  return renderAccounts(AGENTS, passwords);
}

/** Makes the streams and consumers what the data ask for; answers the names of those that were missing or had other settings. */
export async function setUpBus(sql: Sql, setupUrl: string): Promise<string[]> {
  const [stores, agents] = await Promise.all([listStores(sql), listAgents(sql)]);
  return await ensureBus(setupUrl, stores, agents);
}
