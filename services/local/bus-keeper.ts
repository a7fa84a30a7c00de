import { connect } from 'nats';
import { inboxPrefix } from '#shared/bus/identities.ts';
import { aliveSubject } from '#shared/bus/subjects.ts';
import { connectionTarget } from '#shared/bus/target.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql } from '#shared/store/connect.ts';
import { setUpBus } from './setup.ts';

interface KeeperOptions {
  sql: Sql;
  setupUrl: string;
  say(text: string): void;
  /** What the heartbeat carries: how each service is. */
  status(): Readonly<Record<string, { state: string; restarts: number }>>;
}

/**
 * Stays up beside the services: puts back what the bus has lost (after a wipe, after `store add`), because no service may,
 * and tells the page how the processes are.
 */
export async function keepBus(options: KeeperOptions): Promise<{ stop(): Promise<void> }> {
  const connection = await connect({
    ...connectionTarget(options.setupUrl),
    name: 'parley-setup',
    inboxPrefix: inboxPrefix('setup'),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    waitOnFirstConnect: true,
    ignoreAuthErrorAbort: true,
  });
  let told = false;
  let busy = false;
  const look = async () => {
    if (busy) return;
    busy = true;
    try {
      const made = await setUpBus(options.sql, options.setupUrl);
      if (made.length > 0)
        options.say(
          `bus: ${made.length} missing or changed, made as declared: ${made.slice(0, 4).join(', ')}${made.length > 4 ? ' ...' : ''}`,
        );
      told = false;
    } catch (thrown) {
      // The bus or the database is away; services say so themselves, and this looks again.
      if (!told) options.say(`bus: cannot be compared with its data now (${(thrown as Error).message})`);
      told = true;
    } finally {
      busy = false;
    }
  };
  const looking = setInterval(() => void look(), LIMITS.reconcileBusMs);
  const beating = setInterval(() => {
    if (!connection.isClosed())
      connection.publish(aliveSubject('setup'), JSON.stringify({ services: options.status() }));
  }, LIMITS.heartbeatMs);
  return {
    stop: async () => {
      clearInterval(looking);
      clearInterval(beating);
      await connection.close();
    },
  };
}
