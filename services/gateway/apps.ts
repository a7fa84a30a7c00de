import type { RequestListener } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Parts } from './gateway.ts';
import { healthRoutes, publicHealthRoutes } from './health/routes.ts';
import { apiRoutes } from './http/api.ts';
import { deliveryRoutes } from './http/deliveries.ts';
import { answerFaults } from './http/faults.ts';
import { ownCallersOnly } from './http/own-callers.ts';
import { operatorRoutes, type PageDeps, publicRoutes } from './pages/index.ts';

/** The links in mails, and whether this process is well. */
export function publicApp(parts: Parts): RequestListener {
  const app = new Hono<{ Bindings: HttpBindings }>()
    .onError(answerFaults(parts.logger))
    .route('/', publicHealthRoutes(parts.readiness))
    // Whoever has just set an address up opens it to see whether it is right; the answer is the same for every name.
    .all('/webhooks/:endpoint', (context) => context.text('Webhooks are sent here, by POST.\n', 405, { Allow: 'POST' }))
    .route('/', publicRoutes(pageDeps(parts)));
  return listenerOf(app.fetch as Hono['fetch']);
}

/** Pages, figures and the operator's API; on loopback unless it is told otherwise. */
export function operatorApp(parts: Parts): RequestListener {
  const { config, sql, endpoints, metrics, mapper, readiness } = parts;
  const stores = async () => [...new Set(endpoints.all.map((endpoint) => endpoint.store))];
  const api = { sql, stores, onRedriven: () => mapper.ring() };
  const app = new Hono()
    .onError(answerFaults(parts.logger))
    .use(ownCallersOnly([config.PARLEY_OPERATOR_HOST, ...config.PARLEY_OPERATOR_NAMES]))
    .route('/', healthRoutes(readiness))
    .route('/', apiRoutes(api))
    .route('/', deliveryRoutes(api, metrics))
    .get('/metrics', async (context) =>
      context.text(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType }),
    )
    .route('/', operatorRoutes(pageDeps(parts)));
  return listenerOf(app.fetch);
}

/** Its own clean-up would cut a sender off after half a second; ours is `discardRests`. */
function listenerOf(fetch: Hono['fetch']): RequestListener {
  const answer = getRequestListener(fetch, { autoCleanupIncoming: false });
  return (incoming, outgoing) => void answer(incoming, outgoing);
}

function pageDeps({ sql, bus, clocks, logger, live, config }: Parts): PageDeps {
  const publicUrl = config.PARLEY_PUBLIC_URL ?? `http://127.0.0.1:${config.PARLEY_PUBLIC_PORT}`;
  return {
    sql,
    bus,
    clocks,
    logger,
    live,
    publicUrl: publicUrl.replace(/\/$/, ''),
    mailboxUrl: config.PARLEY_MAILBOX_URL,
  };
}
