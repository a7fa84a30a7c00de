import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PermanentError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { discardRests } from './discard-rest.ts';
import { makeRoom } from './make-room.ts';

export interface Listener {
  readonly port: number;
  close(): Promise<void>;
}

interface ListenOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Where strangers come: a connection too many takes the place of the stalest. Called each time; without it, it is refused. */
  readonly onPushedOut?: () => void;
  /** Asked first; answers whether it has taken the request. */
  readonly before?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
}

/**
 * An HTTP listener with the limits that keep slow and greedy clients from starving others. What answers is loaded with the
 * first request that `before` has not taken.
 */
export async function listen(load: () => Promise<RequestListener>, options: ListenOptions): Promise<Listener> {
  let loading: Promise<RequestListener> | undefined;
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    loading ??= load();
    (await loading)(incoming, outgoing);
  };
  const limits = {
    maxHeaderSize: LIMITS.headerBytes,
    headersTimeout: LIMITS.headersMs,
    requestTimeout: LIMITS.requestMs,
    connectionsCheckingInterval: LIMITS.connectionsLookMs,
    keepAliveTimeout: LIMITS.keepAliveMs,
    noDelay: true,
  };
  const server = createServer(limits, (incoming, outgoing) => {
    if (!options.before?.(incoming, outgoing)) void answer(incoming, outgoing as ServerResponse);
  });
  if (options.onPushedOut) makeRoom(server, options.connections, options.onPushedOut);
  else server.maxConnections = options.connections;
  discardRests(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new PermanentError('bad-config', `The ${options.name} listener cannot have ${options.host}:${options.port}`, {
          cause,
        }),
      ),
    );
    server.listen({ port: options.port, host: options.host, backlog: LIMITS.connectionsQueued }, resolve);
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
