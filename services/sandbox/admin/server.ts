import { timingSafeEqual } from 'node:crypto';
import { type ServerType, serve } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { AdminApi } from './graphql.ts';
import type { SupplierDesk } from './suppliers.ts';

export interface AdminAccess {
  readonly store: string;
  readonly accessToken: string;
  readonly host: string;
  readonly port: number;
  /** The store itself; until its file is read, requests wait for it. */
  readonly opened: Promise<AdminServices>;
}

export interface AdminServices {
  readonly api: AdminApi;
  readonly desk: SupplierDesk;
  /** How far the sending is, from memory; the ledger counts rows, and is for the end. */
  progress(): object;
  ledger(): Promise<object>;
  acceptedIds(): Promise<readonly string[]>;
}

const graphqlRequest = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** What a real platform would answer on the network, for one store. */
export function adminServer(access: AdminAccess): Promise<{ port: number; close(): Promise<void> }> {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: LIMITS.messageBytes,
      onError: (context) => context.json({ errors: 'Request too large' }, 413),
    }),
  );
  app.get('/healthz', (context) => context.json({ ok: true }));
  app.use('/stores/:store/*', async (context, next) => {
    if (context.req.param('store') !== access.store) return context.json({ errors: 'Not Found' }, 404);
    if (!sameToken(context.req.header('x-shopify-access-token') ?? '', access.accessToken)) {
      return context.json(
        { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' },
        401,
      );
    }
    return next();
  });
  app.post('/stores/:store/admin/api/2026-07/graphql.json', async (context) => {
    const parsed = graphqlRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!parsed.success) return context.json({ errors: { query: 'Required parameter missing or invalid' } }, 400);
    const { query, variables, operationName } = parsed.data;
    const request = { query, ...(variables ? { variables } : {}), ...(operationName ? { operationName } : {}) };
    return context.json(await (await access.opened).api(request, { action: actionOf(context) }));
  });
  app.post('/stores/:store/suppliers/purchase-orders', async (context) => {
    const reply = await (await access.opened).desk.place(
      await context.req.json().catch(() => undefined),
      context.req.header('idempotency-key'),
      actionOf(context),
    );
    return context.json(reply.body, reply.status);
  });
  app.get('/stores/:store/suppliers/purchase-orders/:key', async (context) => {
    const reply = (await access.opened).desk.read(context.req.param('key'));
    return context.json(reply.body, reply.status);
  });
  app.delete('/stores/:store/suppliers/purchase-orders/:key', async (context) => {
    const reply = await (await access.opened).desk.cancel(context.req.param('key'), actionOf(context));
    return context.json(reply.body, reply.status);
  });
  app.get('/stores/:store/progress', async (context) => context.json((await access.opened).progress()));
  app.get('/stores/:store/ledger', async (context) => context.json(await (await access.opened).ledger()));
  app.get('/stores/:store/ledger/accepted', async (context) => context.json(await (await access.opened).acceptedIds()));
  return listen(app, access.host, access.port);
}

const actionOf = (context: Context) => context.req.header('x-parley-action')?.slice(0, 500) ?? null;

function sameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function listen(app: Hono, host: string, port: number): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          if ('closeAllConnections' in server) server.closeAllConnections();
        });
      resolve({ port: address.port, close });
    });
    server.on('error', reject);
  });
}
