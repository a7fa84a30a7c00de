import type { Bus } from '#shared/bus/bus.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql } from '#shared/store/connect.ts';
import { askDatabase, readAgentsInForce, readStoresWithoutRules } from '#shared/store/readiness/readiness.ts';
import { inAllStores } from '../pages/in-all-stores.ts';
import type { BusDurability } from './durability.ts';
import type { HeardServices } from './heard.ts';

/** Services that every installation has; the agents are those in force. */
const SERVICES = ['context', 'coordinator', 'executor'] as const;
const DATABASE_MS = 1_000;

export interface Readiness {
  readonly ready: boolean;
  /** What is not there, by name; empty when ready. */
  readonly missing: readonly string[];
  readonly database: 'up' | 'down';
  readonly bus: { readonly state: 'up' | 'down'; readonly version: string; readonly durability: string };
  readonly services: Readonly<Record<string, 'heard' | 'silent'>>;
  /** How often the launcher started a service again, where there is a launcher. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Stores that do not answer the executor. What is to be done there waits; Parley itself is well. */
  readonly unavailable: readonly string[];
}

interface ReadinessDeps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly heard: HeardServices;
  readonly durability: BusDurability;
}

/** Anybody may ask: however often they do, the database is asked only so often. */
const KEPT_MS = 250;

/** What `/readyz` says; askers within a moment of each other get one answer. */
export function readinessOf(deps: ReadinessDeps): () => Promise<Readiness> {
  const ask = asker(deps);
  let answer: Promise<Readiness> | undefined;
  let askedAt = 0;
  return () => {
    if (!answer || performance.now() - askedAt > KEPT_MS) {
      askedAt = performance.now();
      answer = ask();
    }
    return answer;
  };
}

/** Asks everything that the system needs; the answer names what is missing. The agents are remembered while the database is away. */
function asker(deps: ReadinessDeps): () => Promise<Readiness> {
  let agents: readonly string[] = [];
  let unruled: readonly string[] = [];
  return async () => {
    const database = await inTime(
      askDatabase(deps.sql).then(async () => {
        agents = await readAgentsInForce(deps.sql);
        unruled = await inAllStores(deps.sql, readStoresWithoutRules);
      }),
    );
    const bus = deps.bus.isConnected();
    const services = Object.fromEntries(
      [...SERVICES, ...agents].map((name) => [name, deps.heard.isHeard(name) ? 'heard' : 'silent'] as const),
    );
    const silent = Object.keys(services).filter((name) => services[name] === 'silent');
    const missing = [
      ...(database ? [] : ['database']),
      ...(bus ? [] : ['bus']),
      ...silent,
      ...unruled.map((store) => `rules of ${store}`),
    ];
    return {
      ready: missing.length === 0,
      missing,
      database: database ? 'up' : 'down',
      bus: { state: bus ? 'up' : 'down', version: deps.bus.serverVersion(), durability: deps.durability.current },
      services,
      restarts: deps.heard.restarts,
      unavailable: deps.heard.unavailable,
    };
  };
}

async function inTime(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(DATABASE_MS, LIMITS.silentAfterMs));
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
