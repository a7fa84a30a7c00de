import { hostname } from 'node:os';
import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { ALIVE, aliveSubject, nameOfAlive, parseWatermarkSubject, WATERMARKS } from '#shared/bus/subjects.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { openStore } from '#shared/store/connect.ts';
import { type AgentRow, readAgents } from '#shared/store/coordinator/rounds.ts';
import { readStores } from '#shared/store/coordinator/rule-sets.ts';
import { holdLeases, type Lease, releaseLeases } from '#shared/store/leases.ts';
import { inStores } from '#shared/store/transaction.ts';
import { type Deps, SERVICE } from './deps.ts';
import { Liveness } from './liveness.ts';
import { Partition } from './partition.ts';
import { watchRules } from './watch-rules.ts';

interface CoordinatorConfig {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
  readonly PARLEY_RULES_DIR: string;
}

export async function startCoordinator(config: CoordinatorConfig, logger: Logger): Promise<RunningService> {
  const sql = openStore({ url: config.DATABASE_URL, service: SERVICE });
  const bus = await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger });
  const partitions = new Map<number, Partition>();
  const compiled = new Map<string, Policy>();
  const liveness = new Liveness();
  let agents: readonly AgentRow[] = await inStores(sql, [], readAgents);
  const rules = await watchRules(config.PARLEY_RULES_DIR, compiled, logger, () => ringAll(partitions));
  const deps: Deps = {
    sql,
    bus,
    clocks: systemClocks,
    logger,
    liveness,
    compiled,
    agents: () => agents,
    candidate: rules.candidate,
  };
  listen(deps, partitions);
  const stopping = new AbortController();
  const keep = keepLeases(deps, partitions, stopping.signal, async () => {
    agents = await inStores(sql, [], readAgents);
    bus.signal(
      aliveSubject(SERVICE),
      JSON.stringify({ state: partitions.size > 0 ? 'busy' : 'waiting', ruleFaults: rules.faults() }),
    );
  });
  return {
    async stop() {
      stopping.abort();
      await keep;
      await rules.stop();
      await Promise.all([...partitions.values()].map((partition) => partition.stop()));
      await releaseLeases(sql, SERVICE, hostname());
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}

function ringAll(partitions: ReadonlyMap<number, Partition>): void {
  for (const partition of partitions.values()) partition.ring();
}

/** Heartbeats of agents and watermarks of context: signals that nobody stores. */
function listen(deps: Deps, partitions: ReadonlyMap<number, Partition>): void {
  deps.bus.watch(`${ALIVE}.>`, (subject, payload) => {
    const agent = nameOfAlive(subject);
    const idle = deps.liveness.hear(agent, payload, deps.clocks.nowMs());
    if (idle) for (const partition of partitions.values()) partition.idle(agent);
  });
  deps.bus.watch(WATERMARKS, (subject, payload) => {
    const store = parseWatermarkSubject(subject);
    if (store) for (const partition of partitions.values()) partition.watermark(store, Number(payload));
  });
}

/** Takes and renews leases each second; a lease that cannot be renewed in time is no longer used. */
async function keepLeases(
  deps: Deps,
  partitions: Map<number, Partition>,
  signal: AbortSignal,
  refresh: () => Promise<void>,
): Promise<void> {
  let restarted = true;
  while (!signal.aborted) {
    try {
      const stores = await inStores(deps.sql, [], readStores);
      const wanted = [...new Set(stores.map((row) => row.partition))];
      const fresh = wanted.filter((partition) => !partitions.has(partition));
      const held: Lease[] = [
        ...(await holdLeases(deps.sql, SERVICE, hostname(), fresh, restarted)),
        ...(await holdLeases(deps.sql, SERVICE, hostname(), [...partitions.keys()], false)),
      ];
      await dropLost(partitions, held);
      // Who has just taken a partition over hears two heartbeats first, so that it knows who is alive.
      if (held.some((lease) => !partitions.has(lease.partition))) await sleep(2 * LIMITS.heartbeatMs + 100, signal);
      for (const lease of held) {
        const partition = partitions.get(lease.partition) ?? new Partition(lease.partition, lease.epoch, deps);
        partitions.set(lease.partition, partition);
        for (const row of stores) if (row.partition === lease.partition) await partition.seat(row);
        partition.start();
      }
      restarted = restarted && held.length === 0;
      await refresh();
    } catch (thrown) {
      deps.logger.error({ err: thrown }, 'leases could not be renewed');
    }
    await sleep(LIMITS.leaseRenewMs, signal);
  }
}

async function dropLost(
  partitions: Map<number, Partition>,
  held: readonly { partition: number; epoch: number }[],
): Promise<void> {
  for (const [number, partition] of partitions) {
    if (held.some((lease) => lease.partition === number && lease.epoch === partition.epoch)) continue;
    partitions.delete(number);
    await partition.stop();
  }
}
