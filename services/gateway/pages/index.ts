import { Hono } from 'hono';
import { roundRoutes } from '../rounds/routes.ts';
import { rulesRoutes } from '../rules/routes.ts';
import { watchReportRoutes } from '../watch-report/routes.ts';
import { apiRoutes } from './api.ts';
import { assetRoutes } from './assets.ts';
import type { PageDeps } from './deps.ts';
import { operatorEscalationRoutes, publicEscalationRoutes } from './escalations/routes.ts';
import { hardened } from './headers.ts';
import { liveRoutes } from './live/live-routes.ts';
import { mailboxRoutes } from './mailbox/routes.ts';

export type { PageDeps } from './deps.ts';

/** The operator's pages: what happens, what is asked, what was mailed, and the API of the command line. */
export function operatorRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  for (const path of ['/', '/live', '/decisions/*', '/escalations/*', '/mailbox/*', '/assets/*', '/api/*'])
    routes.use(path, hardened('page', deps.publicUrl));
  routes.route('/', assetRoutes());
  routes.route('/', liveRoutes(deps));
  routes.route('/', operatorEscalationRoutes(deps));
  routes.route('/', mailboxRoutes(deps));
  routes.route('/', apiRoutes(deps));
  routes.route('/', rulesRoutes(deps));
  routes.route('/', roundRoutes(deps));
  routes.route('/', watchReportRoutes(deps));
  return routes;
}

/** What anybody who was sent a link may open. */
export function publicRoutes(deps: PageDeps): Hono {
  const routes = new Hono();
  for (const path of ['/escalations/*', '/assets/*']) routes.use(path, hardened('form', deps.publicUrl));
  routes.route('/', assetRoutes());
  routes.route('/', publicEscalationRoutes(deps));
  return routes;
}
