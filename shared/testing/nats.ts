import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderAccounts } from '#shared/bus/accounts.ts';
import { ensureBus } from '#shared/bus/ensure.ts';
import { identities } from '#shared/bus/identities.ts';
import { findNatsServer } from '#shared/runtime/embedded/nats-binary.ts';
import { startNats } from '#shared/runtime/embedded/nats-server.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

/** Set by test/run.ts, which has found the program once for all test processes. */
export const TEST_NATS_BINARY = 'TEST_NATS_SERVER_BIN';

export interface TestNats {
  /** With the credentials of one user: a service's name, or `setup`. */
  urlOf(user: string): string;
  readonly monitorUrl: string;
  /** Creates the streams and consumers for these stores. */
  ensure(stores: readonly string[]): Promise<string[]>;
  /** SIGKILLs the server and starts it again on the same port, with its store or without. */
  restart(options?: { wipe?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

const AGENTS = ['pricing', 'inventory', 'marketing', 'support', 'orders'];

/** A nats-server of its own for one test file, with the real users and permissions; about 50 ms. */
export async function startTestNats(agents: readonly string[] = AGENTS): Promise<TestNats> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-nats-'));
  const given = process.env[TEST_NATS_BINARY] ?? process.env.NATS_SERVER_BIN;
  const binary = await findNatsServer({
    given,
    path: process.env.PATH,
    cache: join(tmpdir(), 'parley-nats-server'),
    say: () => {},
  });
  const passwords = Object.fromEntries(identities(agents).map(({ user }) => [user, randomBytes(12).toString('hex')]));
  const options = {
    binary,
    folder,
    logFile: join(folder, 'nats.log'),
    accounts: renderAccounts(agents, passwords),
    maxPayload: LIMITS.messageBytes * 2,
  };
  let server = await startNats(options);
  const ports = { client: server.port, monitor: server.monitorPort };
  const urlOf = (user: string) => `nats://${user}:${passwords[user]}@127.0.0.1:${ports.client}`;
  return {
    urlOf,
    monitorUrl: `http://127.0.0.1:${ports.monitor}`,
    ensure: (stores) => ensureBus(urlOf('setup'), stores, agents),
    restart: async ({ wipe = false } = {}) => {
      process.kill(server.pid, 'SIGKILL');
      await server.ended;
      if (wipe) rmSync(join(folder, 'store'), { recursive: true, force: true });
      server = await startNats({ ...options, ports });
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
