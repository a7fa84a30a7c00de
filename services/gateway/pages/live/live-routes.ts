import { type Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { readDecision } from '#shared/store/pages/decision.ts';
import { readStoreViews } from '#shared/store/pages/stores.ts';
import type { PageDeps } from '../deps.ts';
import { decisionBody, decisionPage } from '../html/decision.ts';
import { notice } from '../html/layout.ts';
import { livePage } from '../html/live-page.ts';
import { inAllStores } from '../in-all-stores.ts';
import { filterQuery, readFilter } from './filter.ts';
import { readFrame, readFronts, renderFrame } from './frame.ts';
import { LiveStream, type Message, ofStore } from './live-stream.ts';
import { parsePosition, writePosition } from './position.ts';
import { Services } from './services.ts';
import { readStatus } from './status.ts';

/** Rows of each kind that a page begins with. */
const FIRST_ROWS = 60;

export function liveRoutes(deps: PageDeps): Hono {
  const services = new Services(deps);
  const stream = new LiveStream(deps, services);
  const routes = new Hono();

  routes.get('/', async (context) => {
    const filter = readFilter((name) => context.req.query(name));
    const { status, frame, rows } = await inAllStores(deps.sql, async (tx, names) => {
      const stores = await readStoreViews(tx);
      const fronts = await readFronts(tx, stores);
      const frame = await readFrame(tx, fronts, new Map(), filter, FIRST_ROWS);
      return { frame, status: await readStatus(tx, services, names), rows: await renderFrame(frame, stores, filter) };
    });
    const query = new URLSearchParams(filterQuery(filter));
    query.set('from', writePosition(frame.position));
    const page = livePage({
      status: ofStore(status, filter.store),
      allStores: status.stores.map((row) => row.store),
      agents: status.agents,
      filter,
      rows,
      streamPath: `/live?${query}`,
    });
    return context.html(page);
  });

  routes.get('/live', (context) => follow(context, stream, 'html'));
  routes.get('/api/live', (context) => follow(context, stream, 'json'));

  routes.get('/api/status', async (context) => {
    const status = await inAllStores(deps.sql, (tx, names) => readStatus(tx, services, names));
    return context.json({ ...status, viewers: stream.viewers });
  });

  routes.get('/decisions/:intent', async (context) => {
    const found = await inAllStores(deps.sql, async (tx) => {
      const file = await readDecision(tx, context.req.param('intent'));
      const store = (await readStoreViews(tx)).find((row) => row.store === file?.decision.store);
      return file && store ? { file, store } : undefined;
    });
    if (!found) return context.html(notice('Not found', 'No decision has this id.', 'live'), 404);
    const { file, store } = found;
    return context.html(context.req.query('part') === 'body' ? decisionBody(file, store) : decisionPage(file, store));
  });
  return routes;
}

function follow(context: Context, stream: LiveStream, as: 'html' | 'json'): Response | Promise<Response> {
  const from = context.req.header('last-event-id') ?? context.req.query('from');
  const position = from === undefined ? undefined : parsePosition(from);
  if (from !== undefined && !position) return context.json({ error: 'bad-input', message: 'Not a position.' }, 400);
  const filter = readFilter((name) => context.req.query(name));
  // The stream may have something before the response is under way; its first message then waits.
  const started = Promise.withResolvers<(message: Message) => Promise<void>>();
  const send = async (message: Message) => (await started.promise)(message);
  const leave = stream.join({ filter, as, position: position ?? 'now', send });
  if (!leave) {
    context.header('retry-after', '10');
    return context.json({ error: 'overloaded', message: 'As many viewers as may be are following already.' }, 503);
  }
  context.header('x-accel-buffering', 'no');
  context.header('cache-control', 'no-store');
  return streamSSE(context, async (sse) => {
    const gone = new Promise<void>((resolve) => sse.onAbort(resolve));
    started.resolve(async ({ event, data, id }) => {
      if (sse.aborted || sse.closed) throw new Error('gone');
      await sse.writeSSE({ event, data: JSON.stringify(data), ...(id === undefined ? {} : { id }) });
    });
    await gone;
    leave();
  });
}
