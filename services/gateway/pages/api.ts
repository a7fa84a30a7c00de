import { Hono } from 'hono';
import { resourceKey } from '#shared/contracts/resource.ts';
import { findIntents, readDecision } from '#shared/store/pages/decision.ts';
import { readClaimsOn, readResource } from '#shared/store/pages/facts.ts';
import type { PageDeps } from './deps.ts';
import { inAllStores } from './in-all-stores.ts';

const OFFERED = 10;
const PREFIX_MIN = 8;

/** What the command line asks for. */
export function apiRoutes(deps: PageDeps): Hono {
  const routes = new Hono();

  routes.get('/api/facts/:resource', async (context) => {
    const resource = context.req.param('resource');
    if (!resourceKey.safeParse(resource).success)
      return context.json(
        { error: 'bad-input', message: `"${resource.slice(0, 80)}" is not a resource key such as sku:85123A.` },
        400,
      );
    const found = await inAllStores(deps.sql, async (tx) => ({
      facts: await readResource(tx, resource),
      claims: await readClaimsOn(tx, resource),
    }));
    if (found.facts.length === 0 && found.claims.length === 0)
      return context.json({ error: 'not-found', message: `Nothing is known about ${resource}.` }, 404);
    return context.json({ resource, ...found });
  });

  routes.get('/api/decisions/:intent', async (context) => {
    const intent = context.req.param('intent');
    const { file, like } = await inAllStores(deps.sql, async (tx) => {
      const file = await readDecision(tx, intent);
      const like = file || intent.length < PREFIX_MIN ? [] : await findIntents(tx, intent, OFFERED);
      const only = like.length === 1 ? await readDecision(tx, like[0]!) : undefined;
      return { file: file ?? only, like };
    });
    if (file) return context.json(file);
    const message =
      like.length > 0
        ? `"${intent}" is the beginning of several intents.`
        : `No decision has the id "${intent.slice(0, 120)}".`;
    return context.json({ error: 'not-found', message, like }, 404);
  });
  return routes;
}
