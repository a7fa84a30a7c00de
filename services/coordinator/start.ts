import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { ALIVE, aliveSubject, nameOfAlive, parseWatermarkSubject, WATERMARKS } from '#shared/bus/subjects.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { openStore } from '#shared/store/connect.ts';
import { type AgentRow, readAgents } from '#shared/store/coordinator/rounds.ts';
import { LeaseKeeper } from '#shared/store/lease-keeper.ts';
import { inStores } from '#shared/store/transaction.ts';
import { CompiledSets } from './compiled-sets.ts';
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
  const compiled = new CompiledSets();
  let agents: readonly AgentRow[] = [];
  const [bus] = await Promise.all([
    openNatsBus({ url: config.NATS_URL, service: SERVICE, logger }),
    inStores(sql, [], readAgents).then((rows) => {
      agents = rows;
    }),
  ]);
  let keeper: LeaseKeeper<Partition> | undefined;
  const rules = watchRules(config.PARLEY_RULES_DIR, compiled, logger, () => {
    for (const partition of keeper?.partitions.values() ?? []) partition.ring();
  });
  const base = { sql, bus, clocks: systemClocks, logger, liveness: new Liveness(), compiled };
  const deps: Deps = { ...base, agents: () => agents, folder: rules.of };
  const held = new LeaseKeeper<Partition>({
    service: SERVICE,
    sql,
    logger,
    open: (partition, epoch) => new Partition(partition, epoch, deps),
    // Two heartbeats, so that it knows which agents are alive before it expects anybody.
    listenMs: 2 * LIMITS.heartbeatMs + LIMITS.heartbeatSlackMs,
    onRenewed: async () => {
      agents = await inStores(sql, [], readAgents);
      bus.signal(aliveSubject(SERVICE), '{"state":"busy"}');
    },
  });
  keeper = held;
  listen(deps, held);
  // The process is there; it takes leases, and beats, when the rules are compiled.
  const begun = rules.read.then(() => held.start());
  return {
    async stop() {
      await begun;
      await held.stop();
      await rules.stop();
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}

/** Heartbeats of agents and watermarks of context: signals that nobody stores. */
function listen(deps: Deps, keeper: LeaseKeeper<Partition>): void {
  deps.bus.watch(`${ALIVE}.>`, (subject, payload) => {
    const agent = nameOfAlive(subject);
    const idle = deps.liveness.hear(agent, payload, deps.clocks.nowMs());
    if (idle) for (const partition of keeper.partitions.values()) partition.idle(agent);
  });
  deps.bus.watch(WATERMARKS, (subject, payload) => {
    const store = parseWatermarkSubject(subject);
    if (store) for (const partition of keeper.partitions.values()) partition.watermark(store, Number(payload));
  });
}
