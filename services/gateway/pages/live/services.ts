import type { Bus } from '#shared/bus/bus.ts';
import { ALIVE } from '#shared/bus/subjects.ts';
import { SECOND_MS } from '#shared/kernel/time.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ServiceState } from '../html/summary.ts';

interface Heard {
  atMs: number;
  beat: Readonly<Record<string, unknown>>;
}

interface ServicesDeps {
  readonly bus: Bus;
  readonly clocks: Clocks;
}

/** Those that every installation has; agents are added by who is in force, others by who is heard. */
const ALWAYS = ['gateway', 'context', 'coordinator', 'executor'];
/** The launcher's heartbeat, where there is a launcher, tells of the processes that it keeps. */
const LAUNCHER = 'setup';
const HEARD_MAX = 64;
/** Silence after which a service that was heard is no longer believed to be on its way back. */
const BACK_WITHIN_MS = 20 * SECOND_MS;

/** Which services are up, by their heartbeats. */
export class Services {
  readonly #heard = new Map<string, Heard>();
  readonly #deps: ServicesDeps;

  constructor(deps: ServicesDeps) {
    this.#deps = deps;
    deps.bus.watch(`${ALIVE}.*`, (subject, payload) => this.#hear(subject.slice(ALIVE.length + 1), payload));
  }

  #hear(name: string, payload: string): void {
    if (!this.#heard.has(name) && this.#heard.size >= HEARD_MAX) return;
    this.#heard.set(name, { atMs: this.#deps.clocks.nowMs(), beat: parseBeat(payload) });
  }

  states(agents: readonly string[]): ServiceState[] {
    const kept = this.#keptByLauncher();
    return [...new Set([...ALWAYS, ...agents, ...this.#heard.keys()])]
      .filter((name) => name !== LAUNCHER)
      .map((name) => ({
        name,
        state: this.#stateOf(name, kept[name]?.state),
        restarts: Number(kept[name]?.restarts) || 0,
      }));
  }

  #keptByLauncher(): Readonly<Record<string, { state?: unknown; restarts?: unknown } | undefined>> {
    const heard = this.#heard.get(LAUNCHER);
    const isFresh = heard && this.#deps.clocks.nowMs() - heard.atMs < LIMITS.silentAfterMs;
    const services = isFresh ? heard.beat.services : undefined;
    return typeof services === 'object' && services !== null ? (services as Record<string, object>) : {};
  }

  #stateOf(name: string, kept: unknown): ServiceState['state'] {
    if (kept === 'restarting') return 'restarting';
    if (kept === 'failed') return 'down';
    // The one that answers is up, whether or not its own heartbeat came round by the bus.
    if (name === 'gateway') return 'up';
    const heard = this.#heard.get(name);
    if (!heard) return 'awaited';
    const silentMs = this.#deps.clocks.nowMs() - heard.atMs;
    if (silentMs < LIMITS.silentAfterMs) return 'up';
    return silentMs < BACK_WITHIN_MS ? 'restarting' : 'down';
  }
}

function parseBeat(payload: string): Readonly<Record<string, unknown>> {
  try {
    const beat: unknown = JSON.parse(payload);
    return typeof beat === 'object' && beat !== null ? (beat as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
