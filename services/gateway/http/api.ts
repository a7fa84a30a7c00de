import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { storeSlug } from '#shared/contracts/fields.ts';
import type { Reason } from '#shared/kernel/errors.ts';
import type { Sql } from '#shared/store/connect.ts';
import {
  countDeadLetters,
  listDeadLetters,
  type Redriven,
  readDeadLetter,
  readDeliveryBody,
  redrive,
} from '#shared/store/deliveries/dead-letters.ts';
import { readEveryStore } from '#shared/store/deliveries/listing.ts';
import { countDeliveries } from '#shared/store/deliveries/received.ts';
import { readStanding } from '#shared/store/readiness/readiness.ts';
import { inStores } from '#shared/store/transaction.ts';

export interface ApiDeps {
  readonly sql: Sql;
  /** The stores that there are. */
  readonly stores: () => Promise<readonly string[]>;
  /** Called after a redrive. */
  readonly onRedriven: () => void;
}

const letterPath = z.object({ store: storeSlug, id: z.uuid() });
const listQuery = z.object({
  store: storeSlug.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  redriven: z.enum(['true', 'false']).default('false'),
});

interface Fault {
  readonly status: 400 | 403 | 404 | 409;
  readonly error: Reason;
  readonly message: string;
  /** What there is instead. */
  readonly like?: readonly string[];
}

const REDRIVE_FAULTS: Record<Exclude<Redriven, 'done'>, Fault> = {
  'not-found': { status: 404, error: 'not-found', message: 'There is no such dead letter.' },
  'not-failed': {
    status: 409,
    error: 'nothing-new',
    message: 'Its delivery is not failed: it has been redriven already.',
  },
  gone: { status: 409, error: 'expired', message: 'Its delivery is no longer kept.' },
  foreign: { status: 409, error: 'not-permitted', message: 'Only deliveries can be redriven.' },
};

export const refuse = (context: Context, { status, ...fault }: Fault) => context.json(fault, status);

/** A mistyped name would otherwise look like a store where all is well. */
export const noStore = (name: string, like: readonly string[]): Fault => ({
  status: 404,
  error: 'not-found',
  message: `There is no store "${name}".`,
  like,
});

/** The operator's API, for the command line and the pages. Everything is JSON; faults are `{error, message}`. */
export function apiRoutes(deps: ApiDeps): Hono {
  const app = new Hono().basePath('/api');
  app.get('/summary', async (context) => {
    const chosen = await chosenStores(deps, context.req.query('store'));
    return context.json(await summary(deps.sql, chosen));
  });
  deadLetterRoutes(app, deps);
  return app;
}

function deadLetterRoutes(app: Hono, deps: ApiDeps): void {
  app.get('/dead-letters', async (context) => {
    const query = listQuery.safeParse(context.req.query());
    if (!query.success)
      return refuse(context, { status: 400, error: 'bad-input', message: z.prettifyError(query.error) });
    const { store, limit, redriven } = query.data;
    const every = await readEveryStore(deps.sql);
    if (store !== undefined && !every.includes(store)) return refuse(context, noStore(store, every));
    const stores = await chosenStores(deps, store);
    const letters = await inStores(deps.sql, stores, (tx) =>
      listDeadLetters(tx, { limit, redriven: redriven === 'true' }),
    );
    return context.json({ deadLetters: letters });
  });
  app.get('/dead-letters/:store/:id', async (context) => {
    const path = letterPath.safeParse(context.req.param());
    if (!path.success) return refuse(context, REDRIVE_FAULTS['not-found']);
    const { store, id } = path.data;
    const found = await inStores(deps.sql, [store], async (tx) => {
      const letter = await readDeadLetter(tx, store, id);
      const body = letter?.kind === 'delivery' ? await readDeliveryBody(tx, letter.ref) : undefined;
      return letter && { ...letter, body: body && Buffer.from(body).toString() };
    });
    return found ? context.json(found) : refuse(context, REDRIVE_FAULTS['not-found']);
  });
  app.post('/dead-letters/:store/:id/redrive', async (context) => {
    const path = letterPath.safeParse(context.req.param());
    const end = path.success ? await redrive(deps.sql, path.data.store, path.data.id) : 'not-found';
    if (end !== 'done') return refuse(context, REDRIVE_FAULTS[end]);
    deps.onRedriven();
    return context.json({ redriven: true });
  });
}

async function chosenStores(deps: ApiDeps, store: string | undefined): Promise<readonly string[]> {
  return store === undefined ? await deps.stores() : [store];
}

async function summary(sql: Sql, stores: readonly string[]) {
  return await inStores(sql, stores, async (tx) => {
    const [standing, deliveries, letters] = await Promise.all([
      readStanding(tx),
      countDeliveries(tx),
      countDeadLetters(tx),
    ]);
    return standing
      .filter((row) => stores.includes(row.store))
      .map((row) => ({
        ...row,
        deliveries: Object.fromEntries(
          deliveries.filter((one) => one.store === row.store).map((one) => [one.state, one.deliveries]),
        ),
        copies: sum(deliveries.filter((one) => one.store === row.store).map((one) => one.copies)),
        echoes: sum(deliveries.filter((one) => one.store === row.store).map((one) => one.echoes)),
        deadLetters: letters.find((one) => one.store === row.store)?.deadLetters ?? 0,
      }));
  });
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
