import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Environment } from '#shared/runtime/config.ts';
import { freePort } from '#shared/runtime/embedded/child.ts';
import type { Sql } from '#shared/store/connect.ts';
import { bundleServices } from './bundle.ts';
import { keepBus } from './bus-keeper.ts';
import type { DataFolder } from './data-folder.ts';
import { embeddedDatabase, embeddedOrGivenBus, type Ground } from './ground.ts';
import { type Mailbox, startMailbox } from './mailbox.ts';
import { HOST_KEYS, SERVICES } from './services.ts';
import { type SandboxStore, setUpBus, setUpDatabase } from './setup.ts';
import { type ServiceStatus, Supervised } from './supervise.ts';

const NICENESS = 5;
const STARTS_AT_ONCE = Math.max(1, availableParallelism() - 1);
const SANDBOX_MS = 30_000;
/**
 * glibc keeps a heap of its own for each of Node's threads otherwise, and what was freed for later use: 5 MB in every
 * process, 20 MB in the gateway, for no measurable time.
 */
export const ALLOCATION = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536', MALLOC_MMAP_THRESHOLD_: '65536' };

export interface SystemOptions {
  root: string;
  data: DataFolder;
  environment: Environment;
  port: number;
  operatorPort: number;
  publicUrl: string | undefined;
  /** Undefined: no stand-in shop. */
  sandbox: { store: string; replayFile: string | undefined; speed: string } | undefined;
  say(text: string): void;
  /** Tests use throw-away clusters. */
  durable?: boolean;
  /** Services that are not started; tests speak in their place. */
  leaveOut?: readonly string[];
}

export interface System {
  readonly sql: Sql;
  readonly mailbox: Mailbox;
  /** Asks the sandbox over its own HTTP interface, with its store's token. */
  askSandbox(path: string): Promise<unknown>;
  /** Ids of the processes by name, `postgres` and `nats` among them where they are embedded. */
  pids(): Record<string, number>;
  status(): Record<string, ServiceStatus>;
  stop(): Promise<void>;
}

/** Brings everything up in the order in which one thing needs another; what does not need another goes at once. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { data } = options;
  const stops: (() => Promise<void>)[] = [];
  try {
    return await compose(options, stops);
  } catch (thrown) {
    for (const stop of stops.reverse()) await stop().catch(() => {});
    data.release();
    throw thrown;
  }
}

async function compose(options: SystemOptions, stops: (() => Promise<void>)[]): Promise<System> {
  const { data, root, say } = options;
  const sandboxPort = await freePort();
  const sandbox = options.sandbox && sandboxStore(options.sandbox, sandboxPort);
  const kept = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    stops.push(() => thing.stop());
    return thing;
  };
  const names = SERVICES.map(({ name }) => name).filter(
    (name) => (name !== 'sandbox' || sandbox) && !options.leaveOut?.includes(name),
  );
  const [bundles, database, bus, mailbox] = await settleAll([
    bundleServices(
      root,
      SERVICES.map(({ name }) => name),
      data.in('bundles'),
    ),
    embeddedDatabase(options).then(async (server) => {
      kept(server);
      return { server, ...(await setUpDatabase({ url: server.url, root, data, sandbox, say })) };
    }),
    embeddedOrGivenBus(options).then(kept),
    startMailbox(data.in('mailbox')).then(kept),
  ]);
  stops.push(() => database.sql.end({ timeout: 2 }));
  await setUpBus(database.sql, bus.urlOf('setup'));
  tellRunning(options, database.server.url);
  const values = environmentOf(options, { bus, mailbox, sandboxPort });
  const services = names.map((name) => {
    const environment = pick(options.environment, values, name, {
      DATABASE_URL: database.urls[name]!,
      NATS_URL: bus.urlOf(name),
    });
    return new Supervised(
      {
        name,
        bundle: join(bundles, `${name}.mjs`),
        environment: { ...environment, ...ALLOCATION },
        logFile: data.log(name),
        niceness: name === 'gateway' ? 0 : NICENESS,
        cwd: root,
      },
      say,
    );
  });
  const status = () => Object.fromEntries(services.map((service) => [service.spec.name, service.status]));
  stops.push(() => Promise.all(services.map((service) => service.stop())).then(() => {}));
  kept(await keepBus({ sql: database.sql, setupUrl: bus.urlOf('setup'), say, status: () => statusOnBus(status()) }));
  await startInWaves(services);
  return {
    sql: database.sql,
    mailbox,
    askSandbox: (path) => askSandbox(data, sandbox, path),
    pids: () => ({
      ...Object.fromEntries(
        services.flatMap(({ spec, status: { pid } }) => (pid === undefined ? [] : [[spec.name, pid]])),
      ),
      ...(database.server.pid ? { postgres: database.server.pid() } : {}),
      ...(bus.pid ? { nats: bus.pid() } : {}),
    }),
    status,
    stop: async () => {
      for (const stop of stops.reverse())
        await stop().catch((thrown: Error) => say(`while stopping: ${thrown.message}`));
      writeFileSync(data.in('state.json'), JSON.stringify(status(), null, 2));
      data.release();
    },
  };
}

function tellRunning({ data, environment, publicUrl, port }: SystemOptions, databaseUrl: string): void {
  const own = environment.DATABASE_URL ? {} : { databasePort: Number(new URL(databaseUrl).port) };
  const operatorUrl = `http://127.0.0.1:${port + 1}`;
  data.tellRunning({ publicUrl: publicUrl ?? `http://127.0.0.1:${port}`, operatorUrl, ...own });
}

/** Like Promise.all, but waits for all before it fails, so that what did start can be stopped. */
async function settleAll<T extends readonly Promise<unknown>[]>(
  work: readonly [...T],
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<unknown>).value) as never;
}

function sandboxStore(sandbox: NonNullable<SystemOptions['sandbox']>, port: number): SandboxStore {
  return {
    store: sandbox.store,
    clockKind: sandbox.replayFile === undefined ? 'live' : 'replay',
    adminUrl: `http://127.0.0.1:${port}`,
  };
}

/**
 * A few at a time, in the order of the list, the gateway first; one processor is left to Postgres and the bus. More make
 * each slow and none sooner ready: on two processors, two at a time took up to 380 ms each and one up to 270 ms, and the
 * system was ready after 1.9 to 2.2 s with either.
 */
async function startInWaves(services: readonly Supervised[]): Promise<void> {
  const waiting = [...services];
  const next = async (): Promise<void> => {
    for (let service = waiting.shift(); service; service = waiting.shift()) await service.start();
  };
  await Promise.all(Array.from({ length: STARTS_AT_ONCE }, next));
}

async function askSandbox(data: DataFolder, sandbox: SandboxStore | undefined, path: string): Promise<unknown> {
  if (!sandbox) throw new PermanentError('not-found', 'There is no sandbox in this system');
  const headers = { 'X-Shopify-Access-Token': data.sandboxSecrets(sandbox.store).accessToken };
  const response = await fetch(`${sandbox.adminUrl}${path}`, { headers, signal: AbortSignal.timeout(SANDBOX_MS) });
  if (!response.ok) throw new PermanentError('not-found', `The sandbox answered ${response.status} to ${path}`);
  return await response.json();
}

/** What the launcher decides for all services; each gets of it only the keys that are its own. */
function environmentOf(
  options: SystemOptions,
  parts: { bus: Ground; mailbox: Mailbox; sandboxPort: number },
): Record<string, string> {
  const { data, sandbox } = options;
  return {
    NODE_COMPILE_CACHE: data.in('compiled'),
    PARLEY_PUBLIC_PORT: String(options.port),
    PARLEY_OPERATOR_PORT: String(options.operatorPort),
    PARLEY_MASTER_KEY_FILE: data.masterKeyFile,
    PARLEY_RULES_DIR: options.environment.PARLEY_RULES_DIR || join(options.root, 'rules'),
    PARLEY_SMTP_URL: options.environment.PARLEY_SMTP_URL || parts.mailbox.smtpUrl,
    PARLEY_MAIL_FROM: options.environment.PARLEY_MAIL_FROM || 'Parley <parley@localhost>',
    PARLEY_MAILBOX_URL: parts.mailbox.url,
    ...(parts.bus.monitorUrl ? { PARLEY_BUS_MONITOR_URL: parts.bus.monitorUrl } : {}),
    ...(options.publicUrl ? { PARLEY_PUBLIC_URL: options.publicUrl } : {}),
    PARLEY_SANDBOX_PORT: String(parts.sandboxPort),
    PARLEY_SANDBOX_GATEWAY_URL: `http://127.0.0.1:${options.port}`,
    ...(sandbox
      ? {
          PARLEY_SANDBOX_STORE: sandbox.store,
          PARLEY_SANDBOX_SPEED: sandbox.speed,
          PARLEY_SANDBOX_SECRET_FILE: data.sandboxSecretFile(sandbox.store),
        }
      : {}),
    ...(sandbox?.replayFile ? { PARLEY_SANDBOX_REPLAY_FILE: sandbox.replayFile } : {}),
  };
}

function pick(
  host: Environment,
  values: Readonly<Record<string, string>>,
  name: string,
  own: Record<string, string>,
): Record<string, string> {
  const service = SERVICES.find((entry) => entry.name === name);
  if (!service) throw new PermanentError('bad-config', `There is no service ${name}`);
  const picked: Record<string, string> = { ...own, NODE_COMPILE_CACHE: values.NODE_COMPILE_CACHE! };
  const level = host.PARLEY_LOG_LEVEL;
  if (level) picked.PARLEY_LOG_LEVEL = level;
  for (const key of HOST_KEYS) if (host[key] !== undefined) picked[key] = host[key];
  for (const key of service.keys) {
    const value = values[key] ?? host[key];
    if (value !== undefined && value !== '') picked[key] = value;
  }
  return picked;
}

function statusOnBus(status: Record<string, ServiceStatus>): Record<string, { state: string; restarts: number }> {
  const words = {
    starting: 'restarting',
    stopped: 'restarting',
    up: 'up',
    restarting: 'restarting',
    failed: 'failed',
  } as const;
  return Object.fromEntries(
    Object.entries(status).map(([name, { state, restarts }]) => [name, { state: words[state], restarts }]),
  );
}
