import { existsSync, readFileSync } from 'node:fs';
import type { Sql } from '#shared/store/connect.ts';
import { startTestCluster, TEST_POSTGRES } from '#shared/testing/database.ts';
import { SECRET, startReceiving } from '../processes/receiving.ts';
import { type ServerProcess, startProcess } from '../processes/start.ts';
import { percentile, round } from './figures.ts';
import { sendAll, signedRequests } from './ingress/load.ts';

const FLOOR = new URL('./ingress/floor-main.ts', import.meta.url);
/** Requests a run, by connections: some two to four seconds each. */
const LOADS = { 1: 1_500, 16: 6_000, 64: 8_000 } as const;
const WARM_UP = 2_000;
/** More senders at once than it can serve at once: nearly all connections that there may be. */
const SATURATED = { connections: 450, requests: 10_000 } as const;
/** Floor and ours take turns, so that whatever else the machine does falls on both. */
const TURNS = 5;
const TICKS_A_SECOND = 100;

interface Server {
  readonly name: 'floor' | 'ours';
  readonly process: ServerProcess;
}

interface Run {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server's own process, and of the Postgres processes that work for it. */
  readonly cpuMs: number;
  readonly postgresMs: number;
}

/**
 * How fast webhooks come in: the whole gateway beside a bare node:http server that verifies and does one committed insert
 * of the same body, each in its own process, on one durable Postgres. The sender shares the machine's cores with them.
 */
export async function ingress(): Promise<object> {
  const cluster = await startTestCluster(true);
  process.env[TEST_POSTGRES] = cluster.url;
  const receiving = await startReceiving();
  const { sql, url } = receiving.database;
  const servers: Server[] = [{ name: 'ours', process: receiving.gateway }];
  try {
    await sql`create table floor_deliveries (like deliveries including all)`;
    servers.unshift({ name: 'floor', process: await startProcess(FLOOR, [url, SECRET], 'as node') });
    for (const { process } of servers) await sendAll(process.ports.public!, signedRequests(WARM_UP, SECRET), 16);
    const figures: Record<string, object> = {};
    const ratios: number[] = [];
    for (const connections of [1, 16, 64] as const) {
      const turns = await takeTurns(servers, connections, sql);
      figures[connections] = turns.figures;
      ratios.push(turns.ratio);
    }
    const saturated = await saturate(receiving.port);
    const at64 = figures[64] as { floor: Run; ours: Run };
    return {
      name: 'ingress',
      floor: at64.floor.perSecond,
      ours: at64.ours.perSecond,
      ratio: round(Math.min(...ratios)),
      cpuRatioAt64: round(at64.ours.cpuMs / at64.floor.cpuMs),
      cpuRatioWithPostgresAt64: round(allCpu(at64.ours) / allCpu(at64.floor)),
      byConnections: figures,
      saturated,
    };
  } finally {
    await servers[0]!.process.stop();
    await receiving.stop();
    await cluster.stop();
  }
}

/** What a sender waits for then; Shopify gives up connecting after a second, and waiting for an answer after five. */
async function saturate(port: number): Promise<object> {
  const { connections, requests } = SATURATED;
  const { perSecond, ms, connectMs } = await sendAll(port, signedRequests(requests, SECRET), connections);
  return {
    connections,
    perSecond: round(perSecond),
    p99Ms: round(percentile(ms, 99)),
    maxMs: round(Math.max(...ms)),
    connectMaxMs: round(Math.max(...connectMs)),
  };
}

async function takeTurns(servers: readonly Server[], connections: 1 | 16 | 64, sql: Sql) {
  const runs: Record<Server['name'], Run[]> = { floor: [], ours: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    const order = turn % 2 === 0 ? servers : servers.toReversed();
    for (const server of order) runs[server.name].push(await measure(server, connections, sql));
  }
  const ratio = median(runs.ours.map((run, turn) => run.perSecond / runs.floor[turn]!.perSecond));
  const figures = { floor: medians(runs.floor), ours: medians(runs.ours), ratio: round(ratio) };
  return { ratio, figures };
}

async function measure(server: Server, connections: 1 | 16 | 64, sql: Sql): Promise<Run> {
  const requests = signedRequests(LOADS[connections], SECRET);
  // What the last run has left for later is not charged to this one.
  await sql`checkpoint`;
  const before = await server.process.usage();
  const postgresBefore = await postgresCpu(sql, server.name);
  const { perSecond, ms } = await sendAll(server.process.ports.public!, requests, connections);
  const after = await server.process.usage();
  const postgres = (await postgresCpu(sql, server.name)) - postgresBefore;
  const used = after.cpuSeconds - before.cpuSeconds;
  return {
    perSecond,
    p50Ms: percentile(ms, 50),
    p99Ms: percentile(ms, 99),
    cpuMs: (used * 1_000) / requests.length,
    postgresMs: (postgres * 1_000) / requests.length,
  };
}

/** CPU seconds of the server's own backends; 0 where the system has no /proc. */
async function postgresCpu(sql: Sql, name: Server['name']): Promise<number> {
  const application = name === 'ours' ? 'parley-gateway' : 'parley-floor';
  const rows = await sql<{ pid: number }[]>`select pid from pg_stat_activity where application_name = ${application}`;
  let ticks = 0;
  for (const { pid } of rows) {
    if (!existsSync(`/proc/${pid}/stat`)) return 0;
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / TICKS_A_SECOND;
}

const allCpu = ({ cpuMs, postgresMs }: Run) => cpuMs + postgresMs;
const median = (values: readonly number[]) => percentile(values, 50);

function medians(runs: readonly Run[]): Run {
  const names = Object.keys(runs[0]!) as (keyof Run)[];
  return Object.fromEntries(names.map((name) => [name, round(median(runs.map((run) => run[name])))])) as unknown as Run;
}
