import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { startPostgres } from '#shared/runtime/embedded/postgres.ts';
import { openStore, type Sql } from '#shared/store/connect.ts';
import { migrate } from '#shared/store/migrate.ts';

/** Set by test/run.ts for all test processes of one run; a test file run by itself starts a cluster of its own. */
export const TEST_POSTGRES = 'TEST_POSTGRES_URL';

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));
const TEMPLATE = 'parley_template';
const PASSWORD = 'test';
const ROLES = [
  'gateway',
  'context',
  'coordinator',
  'executor',
  'sandbox',
  'pricing',
  'inventory',
  'marketing',
  'support',
  'orders',
  'operator',
];

export interface TestCluster {
  /** As the superuser, on the database `postgres`. */
  readonly url: string;
  /** Ends it as a power cut would end its process; returns when nobody answers any more. */
  crash(): Promise<void>;
  /** Starts it again, on its old port, and returns when it has recovered. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A throw-away cluster, without durability where nobody measures it, with a migrated template database and one login a service (`test_<service>`). */
export async function startTestCluster(durable = false): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-pg-'));
  chmodSync(folder, 0o711);
  const options = {
    folder: join(folder, 'data'),
    password: PASSWORD,
    logFile: join(folder, 'postgres.log'),
    durable,
  };
  let server = await startPostgres(options);
  const url = `postgres://parley:${PASSWORD}@127.0.0.1:${server.port}/postgres`;
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${TEMPLATE}`);
  await migrate(withDatabase(url, TEMPLATE), MIGRATIONS);
  for (const role of ROLES) {
    await sql.unsafe(`create role test_${role} login password '${PASSWORD}'`);
    await sql.unsafe(`grant parley_${role} to test_${role}`);
  }
  await sql.end();
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const crash = async () => {
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
  };
  const restart = async () => {
    server = await startPostgres({ ...options, port: Number(new URL(url).port) });
  };
  return { url, crash, restart, stop };
}

export interface TestDatabase {
  /** As the superuser: sees every row, whatever the policies say. */
  readonly url: string;
  readonly sql: Sql;
  /** The same database as one service sees it: its own login, its own rights. */
  urlOf(service: string): string;
  open(service: string): Sql;
  /** Ends the connections that `open` made, drops the database and stops a cluster that was started for it alone. */
  close(): Promise<void>;
}

/** A migrated, empty database for one test file; about 50 ms. Call `close` in an `after` hook. */
export async function createDatabase(): Promise<TestDatabase> {
  const shared = process.env[TEST_POSTGRES];
  const cluster = shared ? undefined : await startTestCluster();
  const clusterUrl = shared ?? cluster!.url;
  const name = `test_${process.pid}_${randomBytes(4).toString('hex')}`;
  const admin = postgres(clusterUrl, { max: 1, onnotice: () => {} });
  await createFromTemplate(admin, name);
  const url = withDatabase(clusterUrl, name);
  const opened: Sql[] = [openStore({ url, service: 'test' })];
  const urlOf = (service: string) => {
    const own = new URL(url);
    own.username = `test_${service}`;
    own.password = PASSWORD;
    return own.href;
  };
  return {
    url,
    sql: opened[0]!,
    urlOf,
    open: (service) => {
      const sql = openStore({ url: urlOf(service), service });
      opened.push(sql);
      return sql;
    },
    close: async () => {
      await Promise.all(opened.map((sql) => sql.end({ timeout: 2 })));
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
      await cluster?.stop();
    },
  };
}

/** Two copies of one template cannot be made at the same moment; a lock queues them. */
async function createFromTemplate(admin: postgres.Sql, name: string): Promise<void> {
  await admin`select pg_advisory_lock(7205760)`;
  await admin.unsafe(`create database ${name} template ${TEMPLATE}`);
  await admin`select pg_advisory_unlock(7205760)`;
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
