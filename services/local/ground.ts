import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findNatsServer } from '#shared/runtime/embedded/nats-binary.ts';
import { startNats } from '#shared/runtime/embedded/nats-server.ts';
import { SUPERUSER, startPostgres } from '#shared/runtime/embedded/postgres.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { linkOrCopy } from './bundle.ts';
import type { DataFolder } from './data-folder.ts';
import { givenBus } from './given.ts';
import { keepServer } from './keep-server.ts';
import { busAccounts } from './setup.ts';
import type { SystemOptions } from './system.ts';

/** The bus as the system stands on it, embedded or given. */
export interface Ground {
  urlOf(user: string): string;
  readonly monitorUrl: string | undefined;
  pid?(): number;
  stop(): Promise<void>;
}

interface Database {
  readonly url: string;
  pid?(): number;
  stop(): Promise<void>;
}

const NICENESS = 3;

/** DATABASE_URL where it is given; else a cluster in the data folder. */
export async function embeddedDatabase(options: SystemOptions): Promise<Database> {
  const given = options.environment.DATABASE_URL;
  if (given) return { url: given, stop: async () => {} };
  const { data } = options;
  const settings = {
    folder: data.in('postgres'),
    password: data.passwords.postgres,
    logFile: data.log('postgres'),
    durable: options.durable ?? true,
  };
  const first = await startPostgres(settings);
  const server = keepServer('postgres', first, () => startPostgres({ ...settings, port: first.port }), options.say, 0);
  const url = `postgres://${SUPERUSER}:${data.passwords.postgres}@127.0.0.1:${first.port}/postgres`;
  return { url, pid: server.pid, stop: server.stop };
}

/** NATS_URL where it is given; else a nats-server with a user for each service. */
export async function embeddedOrGivenBus(options: SystemOptions): Promise<Ground> {
  const given = options.environment.NATS_URL;
  const accounts = busAccounts(options.data);
  if (given) return await givenBus(options, given, accounts);
  const { data, environment } = options;
  const cache = join(options.root, 'node_modules', '.cache', 'parley-nats-server');
  const found = await findNatsServer({
    given: environment.NATS_SERVER_BIN,
    path: environment.PATH,
    cache,
    say: options.say,
  });
  // A fetched one goes with an `npm ci`, and the server may have to be started again after that.
  const binary = found.path.startsWith(cache) ? { ...found, path: ownName(found.path, data) } : found;
  const settings = {
    binary,
    folder: data.in('nats'),
    logFile: data.log('nats'),
    accounts,
    maxPayload: LIMITS.messageBytes * 2,
  };
  const first = await startNats(settings);
  const ports = { client: first.port, monitor: first.monitorPort };
  const server = keepServer('nats', first, () => startNats({ ...settings, ports }), options.say, NICENESS);
  return {
    urlOf: (user) => `nats://${user}:${data.busPassword(user)}@127.0.0.1:${ports.client}`,
    monitorUrl: `http://127.0.0.1:${ports.monitor}`,
    pid: server.pid,
    stop: server.stop,
  };
}

function ownName(path: string, data: DataFolder): string {
  const own = data.in('nats', basename(path));
  rmSync(own, { force: true });
  linkOrCopy(path, own);
  return own;
}
