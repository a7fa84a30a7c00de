import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { storeSlug } from '#shared/contracts/fields.ts';
import { readPrecedents } from '#shared/store/pages/precedents.ts';
import { readRoundSpan } from '#shared/store/pages/rounds.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { PageDeps } from '../pages/deps.ts';
import { readKeptPage } from './page.ts';

const DAYS_MAX = 3_650;
const PRECEDENTS_MAX = 2_000;

const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const spanQuery = z.strictObject({
  after: place.default(0),
  to: place.default(Number.MAX_SAFE_INTEGER),
  days: z.coerce.number().int().min(1).max(DAYS_MAX).optional(),
});
const pageQuery = spanQuery.omit({ days: true });

const badInput = (context: Context, error: z.ZodError) =>
  context.json({ error: 'bad-input', message: z.prettifyError(error) }, 400);
const noStore = (context: Context) =>
  context.json(
    { error: 'not-found', message: `There is no store "${context.req.param('store')?.slice(0, 40)}".` },
    404,
  );

/** What rounds were judged on and what people decided before: read only, for recomputing, backtests and proposals. */
export function roundRoutes(deps: PageDeps): Hono {
  const routes = new Hono().basePath('/api');
  routes.get('/rounds/:store', async (context) => {
    const store = storeSlug.safeParse(context.req.param('store'));
    if (!store.success) return noStore(context);
    const query = pageQuery.safeParse(context.req.query());
    if (!query.success) return badInput(context, query.error);
    return context.json(await inStores(deps.sql, [store.data], (tx) => readKeptPage(tx, store.data, query.data)));
  });
  routes.get('/rounds/:store/span', async (context) => {
    const store = storeSlug.safeParse(context.req.param('store'));
    if (!store.success) return noStore(context);
    const query = spanQuery.safeParse(context.req.query());
    if (!query.success) return badInput(context, query.error);
    const wanted = { days: undefined, ...query.data };
    const span = await inStores(deps.sql, [store.data], (tx) => readRoundSpan(tx, store.data, wanted));
    return span ? context.json(span) : noStore(context);
  });
  routes.get('/precedents/:store', async (context) => {
    const store = storeSlug.safeParse(context.req.param('store'));
    if (!store.success) return noStore(context);
    const precedents = await inStores(deps.sql, [store.data], (tx) => readPrecedents(tx, store.data, PRECEDENTS_MAX));
    return context.json({ store: store.data, precedents });
  });
  return routes;
}
