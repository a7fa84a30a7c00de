import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { Bus } from '#shared/bus/bus.ts';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { SECOND_MS } from '#shared/kernel/time.ts';
import { type Clocks, systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { readMasterKey } from '#shared/runtime/seal.ts';
import { openStore, type Sql } from '#shared/store/connect.ts';
import { insertDeliveries } from '#shared/store/deliveries/insert-deliveries.ts';
import type { GatewayConfig } from './config.ts';
import { BusDurability } from './health/durability.ts';
import { HeardServices } from './health/heard.ts';
import { type Readiness, readinessOf } from './health/readiness.ts';
import { healthRoutes, publicHealthRoutes } from './health/routes.ts';
import { apiRoutes } from './http/api.ts';
import { answerFaults } from './http/faults.ts';
import { listen } from './http/listen.ts';
import { ownCallersOnly } from './http/own-callers.ts';
import { followBus, type LiveFeed } from './live.ts';
import { Mapper } from './mapping/mapper.ts';
import { Publisher } from './mapping/publisher.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { operatorRoutes, type PageDeps, publicRoutes } from './pages/index.ts';
import { BodiesUnderWay } from './receive/bodies-under-way.ts';
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

/** What a test puts in the place of the real thing. */
interface Injected {
  readonly bus?: Bus;
  readonly clocks?: Clocks;
}

/** What every part of the gateway is given. */
interface Parts {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly clocks: Clocks;
  readonly sql: Sql;
  readonly receiving: Sql;
  readonly bus: Bus;
  readonly live: LiveFeed;
  readonly endpoints: Endpoints;
  readonly bodies: BodiesUnderWay;
  readonly commits: GroupCommit;
  readonly metrics: Metrics;
  readonly mapper: Mapper;
  readonly newId: () => string;
  readonly durability: BusDurability;
  readonly readiness: () => Promise<Readiness>;
}

/** Puts the gateway together and starts it: the only way in. */
export async function startGateway(
  config: GatewayConfig,
  logger: Logger,
  injected: Injected = {},
): Promise<RunningGateway> {
  const parts = await openParts(config, logger, injected);
  const outer = await listen(publicApp(parts), {
    name: 'public',
    host: config.PARLEY_PUBLIC_HOST,
    port: config.PARLEY_PUBLIC_PORT,
    connections: LIMITS.publicConnections,
  });
  const inner = await listen(operatorApp(parts), {
    name: 'operator',
    host: config.PARLEY_OPERATOR_HOST,
    port: config.PARLEY_OPERATOR_PORT,
    connections: LIMITS.publicConnections,
  });
  parts.mapper.start();
  const beat = () => parts.bus.signal(aliveSubject(SERVICE), '{}');
  beat();
  const heartbeat = setInterval(beat, LIMITS.heartbeatMs);
  const stop = async () => {
    clearInterval(heartbeat);
    await Promise.all([outer.close(), inner.close()]);
    await closeParts(parts);
  };
  return { publicPort: outer.port, operatorPort: inner.port, stop };
}

async function openParts(config: GatewayConfig, logger: Logger, injected: Injected): Promise<Parts> {
  const clocks = injected.clocks ?? systemClocks;
  const master = readMasterKey(config.PARLEY_MASTER_KEY_FILE);
  const bus = injected.bus ?? (await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger }));
  const receiving = openStore({ url: config.DATABASE_URL, service: SERVICE, connections: RECEIVING_CONNECTIONS });
  const sql = openStore({
    url: config.DATABASE_URL,
    service: SERVICE,
    connections: LIMITS.databaseConnections - RECEIVING_CONNECTIONS,
  });
  const endpoints = new Endpoints(sql, master, logger);
  await endpoints.refresh();
  const commits: GroupCommit = new GroupCommit(
    (arrived) => insertDeliveries(receiving, arrived),
    (size, ms) => {
      metrics.commitSize.observe(size);
      metrics.commitSeconds.observe(ms / SECOND_MS);
    },
  );
  const bodies = new BodiesUnderWay();
  const metrics = createMetrics({ waiting: () => commits.waiting, bytesUnderWay: () => bodies.bytes });
  const newId = orderedIds(clocks.nowMs);
  const mapper = new Mapper({
    needs: { sql, master, newId, nowMs: clocks.nowMs, pause: () => new Promise((resolve) => setImmediate(resolve)) },
    endpoints: () => endpoints.all,
    publisher: new Publisher(bus, logger, (count) => metrics.publishFailures.inc(count)),
    metrics,
    logger,
    random: clocks.random,
  });
  const live = followBus(bus);
  live.listen((subject) => {
    if (ENDS_AN_ACTION.test(subject)) mapper.release();
  });
  const durability = new BusDurability(config.PARLEY_BUS_MONITOR_URL, logger);
  const heard = new HeardServices(bus, clocks.nowMs);
  const readiness = readinessOf({ sql, bus, heard, durability });
  return {
    config,
    logger,
    clocks,
    sql,
    receiving,
    bus,
    live,
    endpoints,
    bodies,
    commits,
    metrics,
    mapper,
    newId,
    durability,
    readiness,
  };
}

const ENDS_AN_ACTION = /\.action\.(?:done|failed|unknown|revoked)$/;

async function closeParts(parts: Parts): Promise<void> {
  parts.endpoints.stop();
  parts.durability.stop();
  await parts.mapper.stop();
  await parts.bus.close();
  await Promise.all([parts.receiving.end({ timeout: 2 }), parts.sql.end({ timeout: 2 })]);
}

/** Webhooks, and the links in mails. */
function publicApp(parts: Parts): Hono<{ Bindings: HttpBindings }> {
  const { endpoints, bodies, commits, metrics, logger, clocks, newId, mapper, readiness } = parts;
  const onReceived = () => mapper.ring();
  const receive = receiveRoutes({
    endpoints,
    bodies,
    commits,
    metrics,
    logger,
    nowMs: clocks.nowMs,
    newId,
    onReceived,
  });
  return new Hono<{ Bindings: HttpBindings }>()
    .onError(answerFaults(logger))
    .route('/', receive)
    .route('/', publicHealthRoutes(readiness))
    .route('/', publicRoutes(pageDeps(parts)));
}

/** Pages, figures and the operator's API; on loopback unless it is told otherwise. */
function operatorApp(parts: Parts): Hono {
  const { config, sql, endpoints, metrics, mapper, readiness } = parts;
  const stores = async () => [...new Set(endpoints.all.map((endpoint) => endpoint.store))];
  return new Hono()
    .onError(answerFaults(parts.logger))
    .use(ownCallersOnly([config.PARLEY_OPERATOR_HOST, ...config.PARLEY_OPERATOR_NAMES]))
    .route('/', healthRoutes(readiness))
    .route('/', apiRoutes({ sql, stores, onRedriven: () => mapper.ring() }))
    .get('/metrics', async (context) =>
      context.text(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType }),
    )
    .route('/', operatorRoutes(pageDeps(parts)));
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
