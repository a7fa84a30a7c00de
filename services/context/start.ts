import { openNatsBus } from '#shared/bus/nats-bus.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { RunningService } from '#shared/runtime/lifecycle.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { openStore } from '#shared/store/connect.ts';
import { LeaseKeeper } from '#shared/store/lease-keeper.ts';
import { SERVICE } from './desk.ts';
import { Partition } from './partition.ts';

interface ContextConfig {
  readonly DATABASE_URL: string;
  readonly NATS_URL: string;
}

export async function startContext(config: ContextConfig, logger: Logger): Promise<RunningService> {
  const sql = openStore({ url: config.DATABASE_URL, service: SERVICE });
  const bus = await openNatsBus({ url: config.NATS_URL, service: SERVICE, logger });
  const deps = { sql, bus, clocks: systemClocks, logger };
  const keeper = new LeaseKeeper({
    service: SERVICE,
    sql,
    logger,
    listenMs: 0,
    open: (partition, epoch) => new Partition(partition, epoch, deps),
    onRenewed: async () => bus.signal(aliveSubject(SERVICE), JSON.stringify({ state: 'busy' })),
  });
  keeper.start();
  return {
    async stop() {
      await keeper.stop();
      await bus.close();
      await sql.end({ timeout: 2 });
    },
  };
}
