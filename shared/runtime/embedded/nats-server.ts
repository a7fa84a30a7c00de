import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TransientError } from '#shared/kernel/errors.ts';
import { freePort, spawnServer, waitForPort } from './child.ts';
import type { NatsBinary } from './nats-binary.ts';
import { lastLines } from './postgres.ts';

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

export interface EmbeddedNats {
  readonly port: number;
  readonly monitorPort: number;
  readonly pid: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

interface NatsOptions {
  binary: NatsBinary;
  /** Holds the configuration, the version that wrote the store, and the store. */
  folder: string;
  logFile: string;
  /** The `accounts` block, rendered by shared/bus/accounts.ts. */
  accounts: string;
  maxPayload: number;
  ports?: { client: number; monitor: number };
}

/** Starts the server on loopback. `sync_interval` is left alone: Postgres is the truth, and it is on the same disk. */
export async function startNats(options: NatsOptions): Promise<EmbeddedNats> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  keepStoreReadable(options.folder, options.binary.version);
  const ports = options.ports ?? { client: await freePort(), monitor: await freePort() };
  const configuration = join(options.folder, 'nats-server.conf');
  writeFileSync(configuration, render(options, ports), { mode: 0o600 });
  const server = spawnServer({ command: options.binary.path, args: ['-c', configuration], logFile: options.logFile });
  let ended: string | undefined;
  void server.ended.then((how) => {
    ended = how;
  });
  if (!(await waitForPort(ports.client, START_LIMIT_MS, () => ended !== undefined))) {
    await server.stop('SIGTERM', STOP_LIMIT_MS);
    throw new TransientError(
      'bus-unavailable',
      `nats-server did not start (${ended ?? 'no answer'}): ${lastLines(options.logFile)}`,
    );
  }
  return {
    port: ports.client,
    monitorPort: ports.monitor,
    pid: server.pid,
    ended: server.ended,
    stop: () => server.stop('SIGTERM', STOP_LIMIT_MS),
  };
}

function render(options: NatsOptions, ports: { client: number; monitor: number }): string {
  return `# Written at each start; changes here are lost.
listen: "127.0.0.1:${ports.client}"
http: "127.0.0.1:${ports.monitor}"
max_payload: ${options.maxPayload}
max_connections: 256
write_deadline: "5s"
jetstream { store_dir: ${JSON.stringify(join(options.folder, 'store'))} }
${options.accounts}`;
}

/** An older server must never open what a newer one wrote: it gets a fresh store, and the services fill it again from Postgres. */
function keepStoreReadable(folder: string, version: string): void {
  const record = join(folder, 'version');
  if (existsSync(record) && isOlder(version, readFileSync(record, 'utf8').trim())) {
    rmSync(join(folder, 'store'), { recursive: true, force: true });
  }
  writeFileSync(record, version);
}

export function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
