import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Bus } from '#shared/bus/bus.ts';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { type Clocks, systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { readMasterKey } from '#shared/runtime/seal.ts';
import { openStore } from '#shared/store/connect.ts';
import { insertDeliveries } from '#shared/store/deliveries/insert-deliveries.ts';
import type { GatewayConfig } from './config.ts';
import type { GatewayDeps } from './deps.ts';
import { BusDurability } from './health/durability.ts';
import { HeardServices } from './health/heard.ts';
import { readinessOf } from './health/readiness.ts';
import { healthRoutes, publicHealthRoutes } from './health/routes.ts';
import { apiRoutes } from './http/api.ts';
import { listen } from './http/listen.ts';
import { followBus } from './live.ts';
import { Mapper } from './mapping/mapper.ts';
import { Publisher } from './mapping/publisher.ts';
import { createMetrics } from './metrics.ts';
import { Endpoints } from './receive/endpoints.ts';
import { GroupCommit } from './receive/group-commit.ts';
import { orderedIds } from './receive/ordered-ids.ts';
import { receiveRoutes } from './receive/receive.ts';

export interface RunningGateway extends RunningService {
  readonly publicPort: number;
  readonly operatorPort: number;
}

const SERVICE = 'gateway';
/** Receiving has a connection to itself, so that no page and no mapping delays a 200. */
const RECEIVING_CONNECTIONS = 1;

interface Injected {
  readonly bus?: Bus;
  readonly clocks?: Clocks;
}

/** Puts the gateway together and starts it: the only way in. */
export async function startGateway(
  config: GatewayConfig,
  logger: Logger,
  injected: Injected = {},
): Promise<RunningGateway> {
  const clocks = injected.clocks ?? systemClocks;
  const master = readMasterKey(config.PARLEY_MASTER_KEY_FILE);
  const bus = injected.bus ?? (await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger }));
  const receiving = openStore({ url: config.DATABASE_URL, service: SERVICE, connections: RECEIVING_CONNECTIONS });
  const sql = openStore({ url: config.DATABASE_URL, service: SERVICE, connections: LIMITS.databaseConnections - 1 });
  const live = followBus(bus);
  const deps: GatewayDeps = { sql, bus, clocks, logger, config, live };
  const endpoints = new Endpoints(sql, master, logger);
  await endpoints.refresh();

  const commits = new GroupCommit(
    (arrived) => insertDeliveries(receiving, arrived),
    (size, ms) => {
      metrics.commitSize.observe(size);
      metrics.commitSeconds.observe(ms / 1_000);
    },
  );
  const metrics = createMetrics(() => commits.waiting);
  const newId = orderedIds(clocks.nowMs);
  const mapper = new Mapper({
    needs: { sql, master, newId, nowMs: clocks.nowMs, pause: () => new Promise((resolve) => setImmediate(resolve)) },
    endpoints: () => endpoints.all,
    publisher: new Publisher(bus, logger, (count) => metrics.publishFailures.inc(count)),
    metrics,
    logger,
    random: clocks.random,
  });
  live.listen((subject) => {
    if (/\.action\.(?:done|failed|unknown|revoked)$/.test(subject)) mapper.release();
  });
  const durability = new BusDurability(config.PARLEY_BUS_MONITOR_URL, logger);
  const heard = new HeardServices(bus, clocks.nowMs);
  const readiness = readinessOf({ sql, bus, heard, durability, restarts: followRestarts() });
  const onReceived = () => mapper.ring();
  const receive = receiveRoutes({ endpoints, commits, metrics, logger, nowMs: clocks.nowMs, newId, onReceived });

  const operator = new Hono()
    .route('/', healthRoutes(readiness))
    .route(
      '/',
      apiRoutes({
        sql,
        stores: async () => [...new Set(endpoints.all.map((one) => one.store))],
        onRedriven: onReceived,
      }),
    )
    .get('/metrics', async (context) =>
      context.text(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType }),
    );
  const publicApp = new Hono<{ Bindings: HttpBindings }>()
    .route('/', receive)
    .route('/', publicHealthRoutes(readiness));
  const outer = await listen(publicApp, {
    name: 'public',
    host: config.PARLEY_PUBLIC_HOST,
    port: config.PARLEY_PUBLIC_PORT,
    connections: LIMITS.publicConnections,
  });
  const inner = await listen(operator, {
    name: 'operator',
    host: config.PARLEY_OPERATOR_HOST,
    port: config.PARLEY_OPERATOR_PORT,
    connections: LIMITS.publicConnections,
  });
  mapper.start();
  const heartbeat = setInterval(() => bus.signal(aliveSubject(SERVICE), '{}'), LIMITS.heartbeatMs);
  void deps;
  return {
    publicPort: outer.port,
    operatorPort: inner.port,
    stop: async () => {
      clearInterval(heartbeat);
      await Promise.all([outer.close(), inner.close()]);
      endpoints.stop();
      durability.stop();
      await mapper.stop();
      await bus.close();
      await Promise.all([receiving.end({ timeout: 2 }), sql.end({ timeout: 2 })]);
    },
  };
}

/** A launcher, where there is one, tells how often it started each service again: `{restarts: {context: 1}}`. */
function followRestarts(): () => Readonly<Record<string, number>> {
  let restarts: Readonly<Record<string, number>> = {};
  process.on('message', (message: { restarts?: Record<string, number> }) => {
    if (message?.restarts) restarts = message.restarts;
  });
  return () => restarts;
}
