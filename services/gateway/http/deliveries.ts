import { isUtf8 } from 'node:buffer';
import { Hono } from 'hono';
import { z } from 'zod';
import { storeSlug } from '#shared/contracts/fields.ts';
import { SOURCES } from '#shared/contracts/sources.ts';
import { REASONS } from '#shared/kernel/errors.ts';
import {
  DELIVERY_STATES,
  type DeliveryState,
  listDeliveries,
  readDelivery,
  readEveryStore,
} from '#shared/store/deliveries/listing.ts';
import { REDRIVABLE, readRedrivable, readStates, sendBack } from '#shared/store/deliveries/redrive.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Metrics } from '../metrics.ts';
import { type ApiDeps, noStore, refuse } from './api.ts';

const AT_ONCE = 1_000;
const TOPIC_MAX = 200;

const limit = z.coerce.number().int().min(1).max(AT_ONCE);
const listQuery = z.object({
  store: storeSlug.optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  source: z.enum(SOURCES).optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  limit: limit.default(100),
});
const redriveBody = z.union([
  z.strictObject({ ids: z.array(z.uuid()).min(1).max(AT_ONCE) }),
  z.strictObject({
    store: storeSlug,
    state: z.enum(REDRIVABLE),
    reason: z.enum(REASONS).optional(),
    topic: z.string().min(1).max(TOPIC_MAX).optional(),
    after: z.uuid().optional(),
  }),
]);

/** Why a delivery is not mapped again, by the state that it is in. */
const REFUSALS: Partial<Record<DeliveryState | 'missing', string>> = {
  received: 'It waits to be mapped already.',
  mapped: 'It has been mapped: what it told would be told twice.',
  duplicate: 'It repeats another delivery; redrive that one.',
  missing: 'There is no such delivery, or it is no longer kept.',
};

const bad = (error: z.ZodError) => ({ status: 400, error: 'bad-input', message: z.prettifyError(error) }) as const;
const NOT_FOUND = { status: 404, error: 'not-found', message: REFUSALS.missing! } as const;

/** What came in, as it came: for the command line. Bodies are other people's text, and personal data. */
export function deliveryRoutes(deps: ApiDeps, metrics: Metrics): Hono {
  const app = new Hono().basePath('/api/deliveries');

  app.get('/', async (context) => {
    const query = listQuery.safeParse(context.req.query());
    if (!query.success) return refuse(context, bad(query.error));
    const { store, since, ...filter } = query.data;
    const sinceMs = since === undefined ? undefined : Date.parse(since);
    const every = await readEveryStore(deps.sql);
    if (store !== undefined && !every.includes(store)) return refuse(context, noStore(store, every));
    const stores = store === undefined ? every : [store];
    const deliveries = await inStores(deps.sql, stores, (tx) => listDeliveries(tx, { ...filter, sinceMs }));
    return context.json({ deliveries });
  });

  // Of what was refused nothing is kept: a stranger could fill the disk with it.
  app.get('/refused', async (context) => {
    const { values } = await metrics.received.get();
    const refused = values
      .filter(({ labels }) => !TAKEN.has(String(labels.end)))
      .map(({ labels, value }) => ({ endpoint: labels.endpoint ?? '', reason: labels.end ?? '', count: value }));
    return context.json({ refused, since: new Date(performance.timeOrigin).toISOString() });
  });

  app.get('/:id', async (context) => {
    const id = z.uuid().safeParse(context.req.param('id'));
    if (!id.success) return refuse(context, NOT_FOUND);
    const found = await inStores(deps.sql, await readEveryStore(deps.sql), (tx) => readDelivery(tx, id.data));
    if (!found) return refuse(context, NOT_FOUND);
    const body = Buffer.from(found.body);
    return context.json({
      ...found,
      ...(isUtf8(body) ? { body: body.toString() } : { body: body.toString('base64'), encoding: 'base64' }),
    });
  });

  app.post('/redrive', async (context) => {
    const wanted = redriveBody.safeParse(await context.req.json().catch(() => undefined));
    if (!wanted.success) return refuse(context, bad(wanted.error));
    // Of a store that was removed nobody maps anything: what was sent back would wait for ever.
    const worked = await deps.stores();
    if ('store' in wanted.data && !worked.includes(wanted.data.store))
      return refuse(context, noStore(wanted.data.store, worked));
    const stores = 'ids' in wanted.data ? worked : [wanted.data.store];
    const end = await redrive(deps, stores, wanted.data);
    if (end.redriven.length > 0) deps.onRedriven();
    return context.json(end);
  });
  return app;
}

const TAKEN: ReadonlySet<string> = new Set(['accepted', 'duplicate', 'ping']);

/** As many as are taken at once, the oldest first; `next` says after which one the others come, where there may be any. */
function redrive(deps: ApiDeps, stores: readonly string[], wanted: z.infer<typeof redriveBody>) {
  return inStores(deps.sql, stores, async (tx) => {
    const ids = 'ids' in wanted ? wanted.ids : await readRedrivable(tx, wanted, AT_ONCE);
    const redriven = new Set(await sendBack(tx, ids));
    const left = ids.filter((id) => !redriven.has(id));
    const states = await readStates(tx, left);
    const refused = left.map((id) => ({ id, why: REFUSALS[states.get(id) ?? 'missing'] ?? 'It was being worked on.' }));
    const next = 'ids' in wanted || ids.length < AT_ONCE ? null : ids.at(-1)!;
    return { redriven: [...redriven], refused, next };
  });
}
