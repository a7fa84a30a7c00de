import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { PermanentError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { discardRests } from './discard-rest.ts';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
}

/** An HTTP listener with the limits that keep slow and greedy clients from starving others. */
export async function listen(app: Hono<{ Bindings: HttpBindings }> | Hono, options: ListenOptions): Promise<Listener> {
  const server = serve({
    fetch: app.fetch as Hono['fetch'],
    createServer,
    // Its way would cut a sender off after half a second; ours is below.
    autoCleanupIncoming: false,
    serverOptions: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersMs,
      requestTimeout: LIMITS.requestMs,
      connectionsCheckingInterval: LIMITS.connectionsLookMs,
      keepAliveTimeout: LIMITS.keepAliveMs,
      noDelay: true,
    },
    hostname: options.host,
    port: options.port,
  }) as ReturnType<typeof createServer>;
  server.maxConnections = options.connections;
  discardRests(server);
  await new Promise<void>((resolve, reject) => {
    if (server.listening) return resolve();
    server.once('listening', resolve);
    server.once('error', (cause) =>
      reject(
        new PermanentError('bad-config', `The ${options.name} listener cannot have ${options.host}:${options.port}`, {
          cause,
        }),
      ),
    );
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Streams to pages never end by themselves.
        setTimeout(() => server.closeAllConnections(), 500).unref();
      }),
  };
}
