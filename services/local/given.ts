import { chmodSync, writeFileSync } from 'node:fs';
import { connect, type NatsConnection } from 'nats';
import { inboxPrefix } from '#shared/bus/identities.ts';
import { ALIVE } from '#shared/bus/subjects.ts';
import { connectionTarget } from '#shared/bus/target.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { logIn } from '#shared/store/setup/installation.ts';
import type { Ground } from './ground.ts';
import type { SystemOptions } from './system.ts';

const CONNECT_MS = 2_000;

/** Fails with the key's name where nobody can work with the database that it names. */
export async function checkDatabase(url: string): Promise<void> {
  await logIn(url).catch((cause) => {
    throw unusable('DATABASE_URL', 'database', new URL(url).host, cause);
  });
}

/**
 * A nats-server of somebody else's: if it has our users (its operator has included the file that is written here), each
 * service uses its own; otherwise all use what NATS_URL says, and that is said.
 */
export async function givenBus(options: SystemOptions, given: string, accounts: string): Promise<Ground> {
  const { data, say } = options;
  const file = data.in('nats', 'accounts.conf');
  writeFileSync(file, accounts, { mode: 0o600 });
  chmodSync(file, 0o600);
  const own = (user: string) => {
    const url = new URL(given);
    url.username = user;
    url.password = data.busPassword(user);
    return url.href;
  };
  // A server that asks nobody who he is takes our users too, and anybody else.
  const asOurs = await open(own('coordinator'), 'coordinator').catch(() => undefined);
  const hasOurUsers = asOurs?.info?.auth_required === true;
  const connection =
    asOurs ??
    (await open(given, 'coordinator').catch((cause) => {
      throw unusable('NATS_URL', 'nats-server', new URL(given).host, cause);
    }));
  if (!hasOurUsers) {
    const how = asOurs ? 'asks nobody for a password' : 'has no users of ours, so all services share its one';
    say(`bus: the server of NATS_URL ${how}; include ${file} in its configuration to keep the services apart`);
  }
  await refuseShared(connection);
  return { urlOf: hasOurUsers ? own : () => given, monitorUrl: undefined, stop: async () => {} };
}

function open(url: string, user: string): Promise<NatsConnection> {
  const target = { ...connectionTarget(url), inboxPrefix: inboxPrefix(user) };
  return connect({ ...target, reconnect: false, timeout: CONNECT_MS });
}

/** Two systems on one bus would answer each other's events: streams, consumers and the stores' names are the same in both. */
async function refuseShared(connection: NatsConnection): Promise<void> {
  const heard = new AbortController();
  connection.subscribe(`${ALIVE}.>`, { callback: () => heard.abort() });
  await sleep(LIMITS.heartbeatMs + LIMITS.heartbeatSlackMs, heard.signal);
  await connection.close();
  if (heard.signal.aborted)
    throw new PermanentError(
      'bad-config',
      'NATS_URL: another Parley runs on this bus. Stop it, or give this one a nats-server, or an account of it, of its own.',
      { position: 'NATS_URL' },
    );
}

function unusable(key: string, what: string, host: string, cause: unknown): PermanentError {
  const { code, message } = cause as { code?: string; message: string };
  const why = [code, message].filter((part) => part !== undefined && part !== '').join(': ');
  return new PermanentError('bad-config', `${key}: no ${what} that can be used answers at ${host} (${why}).`, {
    cause,
    position: key,
  });
}
