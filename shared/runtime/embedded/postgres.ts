import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TransientError } from '#shared/kernel/errors.ts';
import { sleep } from '../clocks.ts';
import { freePort, isAlive, type ServerProcess, spawnServer } from './child.ts';
import { findPostgresBinaries, type PostgresBinaries, reachableFolder } from './postgres-binaries.ts';

export const SUPERUSER = 'parley';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

export interface EmbeddedPostgres {
  readonly port: number;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

interface PostgresOptions {
  /** The cluster's folder; created when it is missing. */
  folder: string;
  password: string;
  logFile: string;
  /** Kept over restarts, because the services know it; drawn when missing. */
  port?: number;
  /** Only tests give durability up for speed. */
  durable: boolean;
}

/** Starts the cluster in `folder`, making it first if need be, and returns when it takes connections. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findPostgresBinaries();
  const folder = reachableFolder(options.folder, binaries.uid);
  if (!existsSync(join(folder, 'PG_VERSION'))) await createCluster(binaries, folder, options);
  await clearStalePid(folder);
  const port = options.port ?? (await freePort());
  const server = spawnServer({
    command: binaries.postgres,
    args: ['-D', folder, ...settings(port, options.durable)],
    logFile: options.logFile,
    uid: binaries.uid,
  });
  await waitUntilReady(server, folder, options.logFile);
  // SIGINT is Postgres's "fast" stop: open transactions are rolled back, the cluster is left clean.
  return { port, pid: server.pid, ended: server.ended, stop: () => server.stop('SIGINT', STOP_LIMIT_MS) };
}

/** Removes the cluster, wherever it lies. */
export function removeCluster(wanted: string): void {
  const uid = process.getuid?.() === 0 ? findPostgresBinaries().uid : undefined;
  rmSync(reachableFolder(wanted, uid), { recursive: true, force: true });
}

function settings(port: number, durable: boolean): string[] {
  const values: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 120,
    shared_buffers: '128MB',
    // Plans here take microseconds; compiling them takes milliseconds.
    jit: 'off',
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',
    log_min_messages: 'warning',
    timezone: 'UTC',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}

async function createCluster(binaries: PostgresBinaries, folder: string, options: PostgresOptions): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Beside the cluster, not in it: initdb wants its folder empty.
  const passwordFile = `${folder}.password`;
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  if (binaries.uid !== undefined)
    for (const path of [folder, passwordFile]) chownSync(path, binaries.uid, binaries.uid);
  const args = ['-D', folder, '-U', SUPERUSER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  args.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  if (!options.durable) args.push('--no-sync');
  try {
    await runToEnd(binaries, args);
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    throw thrown;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function runToEnd(binaries: PostgresBinaries, args: readonly string[]): Promise<void> {
  const identity = binaries.uid === undefined ? {} : { uid: binaries.uid, gid: binaries.uid };
  return new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, [...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      ...identity,
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new TransientError('database-unavailable', `initdb failed (exit code ${code}): ${output.trim().slice(-600)}`),
        );
    });
  });
}

/**
 * After a SIGKILL the pid file stays. A server of this cluster that still runs (its launcher died) is stopped; a pid that
 * by now belongs to somebody else would make Postgres refuse to start, so the file goes.
 */
async function clearStalePid(folder: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (pid > 0 && (await isAlive(pid, folder))) {
    for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
      process.kill(pid, signal);
      for (let waited = 0; waited < 5_000 && (await isAlive(pid, folder)); waited += 50) await sleep(50);
      if (!(await isAlive(pid, folder))) break;
    }
  }
  rmSync(file, { force: true });
}

async function waitUntilReady(server: ServerProcess, folder: string, logFile: string): Promise<void> {
  const file = join(folder, 'postmaster.pid');
  const until = performance.now() + START_LIMIT_MS;
  let ended: string | undefined;
  void server.ended.then((how) => {
    ended = how;
  });
  while (performance.now() < until && ended === undefined) {
    // The eighth line is the server's status; it is padded with blanks.
    if (existsSync(file) && readFileSync(file, 'utf8').split('\n')[7]?.trim() === 'ready') return;
    await sleep(10);
  }
  await server.stop('SIGINT', STOP_LIMIT_MS);
  const why = ended === undefined ? `not ready after ${START_LIMIT_MS / 1_000} s` : ended;
  throw new TransientError('database-unavailable', `Postgres did not start (${why}): ${lastLines(logFile)}`);
}

export function lastLines(file: string): string {
  if (!existsSync(file)) return 'no log';
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}
