import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from '#shared/runtime/clocks.ts';
import { wholeEnvironment } from '#shared/runtime/config.ts';
import { freePort } from '#shared/runtime/embedded/child.ts';
import type { Sql } from '#shared/store/connect.ts';
import { whatIsOpen } from '#shared/store/setup/drained.ts';
import { createDatabase } from '#shared/testing/database.ts';
import { TEST_NATS_BINARY } from '#shared/testing/nats.ts';
import { DataFolder } from '../services/local/data-folder.ts';
import { replayStore } from '../services/local/replay.ts';
import { type System, startSystem } from '../services/local/system.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const READY_LIMIT_MS = 60_000;
const QUIET_LIMIT_MS = 60_000;

interface WorldOptions {
  /** `silent`: the store is registered and nobody trades in it, so that a test sends what it wants. */
  sandbox?: 'live' | 'silent' | { replayFile: string; speed?: string };
  leaveOut?: readonly string[];
  /** A cluster of its own, so that Postgres can be killed; without it a database in the run's shared cluster. */
  ownPostgres?: boolean;
  environment?: Readonly<Record<string, string>>;
}

interface WebhookOptions {
  /** The platform's delivery id; the same one again is a duplicate. */
  id?: string;
  triggeredAt?: string;
  /** Signs with something else than the store's secret. */
  secret?: string;
}

export interface World {
  readonly store: string;
  readonly publicUrl: string;
  readonly operatorUrl: string;
  readonly system: System;
  /** As the owner of the database: sees every row of every store. */
  readonly sql: Sql;
  readonly dataPath: string;
  /** A Shopify-shaped webhook, signed with the store's secret. */
  postShopify(topic: string, body: object | string, options?: WebhookOptions): Promise<Response>;
  /** A Standard Webhooks one, to the store's world endpoint. */
  postWorld(type: string, data: object, options?: WebhookOptions): Promise<Response>;
  untilQuiet(limitMs?: number): Promise<void>;
  mails(): Promise<{ id: string; to: string; subject: string; text: string; html: string }[]>;
  kill(name: string): void;
  stop(): Promise<void>;
}

/** The whole system as real processes over real servers, on ports and in a folder of its own. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-world-'));
  const data = await DataFolder.open(join(folder, 'data'), { fresh: false, lockAs: 'node' });
  const database = options.ownPostgres ? undefined : await createDatabase();
  const sandbox = await sandboxOf(options.sandbox ?? 'silent');
  const port = await freePort();
  const operatorPort = await freePort();
  const host = wholeEnvironment();
  const binary = host[TEST_NATS_BINARY];
  const said: string[] = [];
  const system = await startSystem({
    root: ROOT,
    data,
    environment: {
      ...host,
      DATABASE_URL: database?.url,
      NATS_URL: undefined,
      ...(binary ? { NATS_SERVER_BIN: binary } : {}),
      PARLEY_PUBLIC_HOST: '127.0.0.1',
      ...options.environment,
    },
    port,
    operatorPort,
    publicUrl: undefined,
    sandbox,
    durable: false,
    leaveOut: [
      ...(options.leaveOut ?? []),
      ...(options.sandbox === undefined || options.sandbox === 'silent' ? ['sandbox'] : []),
    ],
    say: (text) => said.push(text),
  });
  const stop = async () => {
    await system.stop();
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(`http://127.0.0.1:${port}/readyz`, said);
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { ...connections(system, data, sandbox.store, port, operatorPort), dataPath: data.path, stop };
}

async function sandboxOf(
  wanted: NonNullable<WorldOptions['sandbox']>,
): Promise<{ store: string; replayFile: string | undefined; speed: string }> {
  if (typeof wanted === 'string') return { store: 'sandbox', replayFile: undefined, speed: 'max' };
  return { store: await replayStore(wanted.replayFile), replayFile: wanted.replayFile, speed: wanted.speed ?? 'max' };
}

function connections(
  system: System,
  data: DataFolder,
  store: string,
  port: number,
  operatorPort: number,
): Omit<World, 'dataPath' | 'stop'> {
  const secrets = data.sandboxSecrets(store);
  const publicUrl = `http://127.0.0.1:${port}`;
  return {
    store,
    publicUrl,
    operatorUrl: `http://127.0.0.1:${operatorPort}`,
    system,
    sql: system.sql,
    postShopify: (topic, body, options = {}) => {
      const id = options.id ?? randomUUID();
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const headers = {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-hmac-sha256': createHmac('sha256', options.secret ?? secrets.shopifySecret)
          .update(text)
          .digest('base64'),
        'x-shopify-shop-domain': `${store}.example.invalid`,
        'x-shopify-api-version': '2026-07',
        'x-shopify-webhook-id': id,
        'x-shopify-event-id': id,
        'x-shopify-triggered-at': options.triggeredAt ?? new Date().toISOString(),
      };
      return fetch(`${publicUrl}/webhooks/${store}`, { method: 'POST', headers, body: text });
    },
    postWorld: (type, content, options = {}) => {
      const id = options.id ?? `msg_${randomUUID()}`;
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const text = JSON.stringify({ type, timestamp: options.triggeredAt ?? new Date().toISOString(), data: content });
      const key = Buffer.from((options.secret ?? secrets.worldSecret).replace(/^whsec_/, ''), 'base64');
      const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      };
      return fetch(`${publicUrl}/webhooks/${store}-world`, { method: 'POST', headers, body: text });
    },
    untilQuiet: (limitMs = QUIET_LIMIT_MS) => untilQuiet(system.sql, store, limitMs),
    mails: async () => {
      const list = (await (await fetch(`${system.mailbox.url}/messages`)).json()) as { id: string }[];
      return await Promise.all(
        list.map(async ({ id }) => (await fetch(`${system.mailbox.url}/messages/${id}`)).json() as never),
      );
    },
    kill: (name) => {
      const pid = system.pids()[name];
      if (pid === undefined) throw new Error(`${name} does not run here`);
      process.kill(pid, 'SIGKILL');
    },
  };
}

async function untilReady(url: string, said: readonly string[]): Promise<void> {
  const until = performance.now() + READY_LIMIT_MS;
  let last = 'no answer';
  while (performance.now() < until) {
    const response = await fetch(url).catch(() => undefined);
    if (response?.status === 200) return;
    if (response) last = await response.text();
    await sleep(50);
  }
  throw new Error(`The world was not ready after ${READY_LIMIT_MS / 1_000} s: ${last}\n${said.join('\n')}`);
}

/** Quiet: nothing is waiting but questions to people and timers. */
async function untilQuiet(sql: Sql, store: string, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  let open: Record<string, number> = {};
  while (performance.now() < until) {
    open = await whatIsOpen(sql, store);
    const { escalations: _waiting, timers: _timers, ...rest } = open;
    if (Object.keys(rest).length === 0) return;
    await sleep(50);
  }
  throw new Error(`${store} was not quiet after ${limitMs / 1_000} s; open: ${JSON.stringify(open)}`);
}
