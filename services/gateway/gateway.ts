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
import { listen } from './http/listen.ts';
import { followBus, type LiveFeed } from './live.ts';
import { Mapper } from './mapping/mapper.ts';
import { Publisher } from './mapping/publisher.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { BodiesUnderWay } from './receive/bodies-under-way.ts';
import { Endpoints } from './receive/endpoints.ts';
import { GroupCommit } from './receive/group-commit.ts';
import { orderedIds } from './receive/ordered-ids.ts';
import { receiver } from './receive/receive.ts';
import { Retention } from './retention.ts';

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
export interface Parts {
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
  readonly retention: Retention;
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
  const outer = await listen(async () => (await loadApps(parts)).publicApp(parts), {
    name: 'public',
    host: config.PARLEY_PUBLIC_HOST,
    port: config.PARLEY_PUBLIC_PORT,
    connections: LIMITS.publicConnections,
    onPushedOut: () => parts.metrics.connectionsPushedOut.inc(),
    before: webhooks(parts),
  });
  const inner = await listen(async () => (await loadApps(parts)).operatorApp(parts), {
    name: 'operator',
    host: config.PARLEY_OPERATOR_HOST,
    port: config.PARLEY_OPERATOR_PORT,
    connections: LIMITS.publicConnections,
  });
  parts.mapper.start();
  parts.retention.start();
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
  const { receiving, sql } = openStores(config);
  const endpoints = new Endpoints(sql, master, logger);
  const [bus] = await Promise.all([
    injected.bus ?? openNatsBus({ url: config.NATS_URL, service: SERVICE, logger }),
    endpoints.refresh(),
  ]);
  const commits: GroupCommit = new GroupCommit(
    (arrived) => insertDeliveries(receiving, arrived),
    (size, ms) => {
      metrics.commitSize.observe(size);
      metrics.commitSeconds.observe(ms / SECOND_MS);
    },
  );
  const bodies = new BodiesUnderWay();
  const heard = new HeardServices(bus, clocks.nowMs);
  const metrics = createMetrics({
    waiting: () => commits.waiting,
    bytesUnderWay: () => bodies.bytes,
    storesUnavailable: () => heard.unavailable.length,
  });
  const newId = orderedIds(clocks.nowMs);
  const mapper = new Mapper({
    needs: { sql, master, newId, nowMs: clocks.nowMs, pause: () => new Promise((resolve) => setImmediate(resolve)) },
    endpoints: () => endpoints.all,
    publisher: new Publisher(bus, logger, (count) => metrics.publishFailures.inc(count)),
    metrics,
    logger,
    random: clocks.random,
  });
  const retention = new Retention({
    sql,
    keptDays: config.PARLEY_DELIVERIES_KEPT_DAYS,
    nowMs: clocks.nowMs,
    logger,
    onForgotten: (count) => metrics.forgotten.inc(count),
  });
  const live = followBus(bus);
  live.listen((subject) => {
    if (ENDS_AN_ACTION.test(subject)) mapper.release();
  });
  const durability = new BusDurability(config.PARLEY_BUS_MONITOR_URL, logger);
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
    retention,
    newId,
    durability,
    readiness,
  };
}

function openStores({ DATABASE_URL: url }: GatewayConfig): Pick<Parts, 'receiving' | 'sql'> {
  const others = LIMITS.databaseConnections - RECEIVING_CONNECTIONS;
  return {
    receiving: openStore({ url, service: SERVICE, connections: RECEIVING_CONNECTIONS, keepPlans: true }),
    sql: openStore({ url, service: SERVICE, connections: others }),
  };
}

const ENDS_AN_ACTION = /\.action\.(?:done|failed|unknown|revoked)$/;

async function closeParts(parts: Parts): Promise<void> {
  parts.endpoints.stop();
  parts.durability.stop();
  await Promise.all([parts.mapper.stop(), parts.retention.stop()]);
  await parts.bus.close();
  await Promise.all([parts.receiving.end({ timeout: 2 }), parts.sql.end({ timeout: 2 })]);
}

/**
 * Pages, health and the operator's API are loaded when the first request asks for one of them. With the web framework, the
 * rule compiler and the YAML reader they are half of the code, and a webhook is not to wait for them.
 */
async function loadApps({ durability }: Parts) {
  durability.start();
  return await import('./apps.ts');
}

function webhooks({ endpoints, bodies, commits, metrics, logger, clocks, newId, mapper }: Parts) {
  const onReceived = (store: string) => mapper.ring(store);
  return receiver({ endpoints, bodies, commits, metrics, logger, nowMs: clocks.nowMs, newId, onReceived });
}
