import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { storeSlug } from '#shared/contracts/fields.ts';
import { DAY_MS, HOUR_MS } from '#shared/kernel/time.ts';
import { readStoreViews } from '#shared/store/pages/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { PageDeps } from '../pages/deps.ts';
import { readWatchReport } from './report.ts';

const HOURS_MAX = 24 * 366;

const query = z.strictObject({
  hours: z.coerce
    .number()
    .int()
    .min(1)
    .max(HOURS_MAX)
    .default((7 * DAY_MS) / HOUR_MS),
});

/** What a store would have done: read only. */
export function watchReportRoutes(deps: PageDeps): Hono {
  const routes = new Hono().basePath('/api/stores');
  routes.get('/:store/report', async (context) => {
    const asked = query.safeParse(context.req.query());
    if (!asked.success) return context.json({ error: 'bad-input', message: z.prettifyError(asked.error) }, 400);
    const store = storeSlug.safeParse(context.req.param('store'));
    if (!store.success) return noStore(context, deps);
    const overMs = asked.data.hours * HOUR_MS;
    const report = await inStores(deps.sql, [store.data], (tx) => readWatchReport(tx, store.data, overMs));
    return report ? context.json(report) : noStore(context, deps);
  });
  return routes;
}

async function noStore(context: Context, deps: PageDeps) {
  const like = (await inStores(deps.sql, [], readStoreViews)).map((row) => row.store);
  const name = context.req.param('store')?.slice(0, 40);
  return context.json({ error: 'not-found', message: `There is no store "${name}".`, like }, 404);
}
