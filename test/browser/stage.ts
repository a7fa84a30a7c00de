import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Bus } from '#shared/bus/bus.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { followBus } from '../../services/gateway/live.ts';
import { operatorRoutes, type PageDeps, publicRoutes } from '../../services/gateway/pages/index.ts';

/** A bus within the process: what is published is heard by those who watch. */
export class Bell implements Pick<Bus, 'publish' | 'signal' | 'watch'> {
  readonly published: { subject: string; payload: string }[] = [];
  readonly #watchers: { pattern: RegExp; hear: (subject: string, payload: string) => void }[] = [];

  async publish(subject: string, payload: string): Promise<void> {
    this.published.push({ subject, payload });
    this.signal(subject, payload);
  }

  signal(subject: string, payload: string): void {
    for (const { pattern, hear } of this.#watchers) if (pattern.test(subject)) hear(subject, payload);
  }

  watch(pattern: string, hear: (subject: string, payload: string) => void): void {
    const text = pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]+').replace(/>$/, '.+');
    this.#watchers.push({ pattern: new RegExp(`^${text}$`), hear });
  }
}

export interface Stage {
  readonly database: TestDatabase;
  readonly bell: Bell;
  readonly operatorUrl: string;
  readonly publicUrl: string;
  close(): Promise<void>;
}

async function open(app: (port: number) => Hono): Promise<{ url: string; close(): void }> {
  let routes: Hono | undefined;
  const server = serve({
    fetch: (request, env) => routes!.fetch(request, env),
    createServer,
    hostname: '127.0.0.1',
    port: 0,
  }) as ReturnType<typeof createServer>;
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', () => resolve())));
  const { port } = server.address() as AddressInfo;
  routes = app(port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The pages on two listeners over a database of their own, as the gateway's own login sees it. */
export async function openStage(mailboxUrl?: string): Promise<Stage> {
  const database = await createDatabase();
  const bell = new Bell();
  const bus = bell as unknown as Bus;
  const deps = (publicUrl: string): PageDeps => ({
    sql: database.open('gateway'),
    bus,
    clocks: systemClocks,
    logger: createLogger('test', 'silent'),
    live: followBus(bus),
    publicUrl,
    mailboxUrl,
  });
  const outer = await open((port) => publicRoutes(deps(`http://127.0.0.1:${port}`)));
  const inner = await open(() => operatorRoutes(deps(outer.url)));
  return {
    database,
    bell,
    operatorUrl: inner.url,
    publicUrl: outer.url,
    close: async () => {
      outer.close();
      inner.close();
      await database.close();
    },
  };
}
