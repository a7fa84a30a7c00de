import { Hono } from 'hono';
import type { Readiness } from './readiness.ts';

/** `/healthz`: this process is up. `/readyz`: the whole is; otherwise it says what is missing. */
export function healthRoutes(readiness: () => Promise<Readiness>): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'up' }));
  app.get('/readyz', async (context) => {
    const answer = await readiness();
    return context.json(answer, answer.ready ? 200 : 503, { 'Cache-Control': 'no-store' });
  });
  return app;
}

/** The same on the public listener, cut down to what a load balancer and a person need: no versions, no counts. */
export function publicHealthRoutes(readiness: () => Promise<Readiness>): Hono {
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'up' }));
  app.get('/readyz', async (context) => {
    const { ready, missing, bus } = await readiness();
    return context.json({ ready, missing, bus: bus.durability }, ready ? 200 : 503, { 'Cache-Control': 'no-store' });
  });
  return app;
}
