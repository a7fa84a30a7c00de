import type { Bus } from '#shared/bus/bus.ts';
import { ALIVE } from '#shared/bus/subjects.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ServiceState } from '../html/summary.ts';

interface Heard {
  atMs: number;
  beat: Readonly<Record<string, unknown>>;
}

/** Those that every installation has; agents and others are added by who is in force and who is heard. */
const ALWAYS = ['gateway', 'context', 'coordinator', 'executor'];
const HEARD_MAX = 64;

/** Which services are up: by their heartbeats, and by what a launcher says of those that it restarts. */
export class Services {
  readonly #heard = new Map<string, Heard>();
  readonly #clocks: Clocks;

  constructor(bus: Bus, clocks: Clocks) {
    this.#clocks = clocks;
    bus.watch(`${ALIVE}.>`, (subject, payload) => this.hear(subject.slice(ALIVE.length + 1), payload));
  }

  hear(name: string, payload: string): void {
    if (!this.#heard.has(name) && this.#heard.size >= HEARD_MAX) return;
    this.#heard.set(name, { atMs: this.#clocks.nowMs(), beat: parseBeat(payload) });
  }

  states(agents: readonly string[]): ServiceState[] {
    const launcher = this.#launcherWord();
    const names = [...new Set([...ALWAYS, ...agents, ...this.#heard.keys(), ...launcher.keys()])];
    return names
      .filter((name) => name !== 'setup')
      .map((name) => ({
        name,
        state: this.#stateOf(name, launcher.get(name)?.state),
        restarts: launcher.get(name)?.restarts ?? 0,
      }));
  }

  /** Faults of the rule files as the coordinator sees them: it is the one that refuses a set. */
  ruleErrors(): string[] {
    const rules = this.#fresh('coordinator')?.rules as { errors?: unknown } | undefined;
    return Array.isArray(rules?.errors) ? rules.errors.slice(0, 5).map(String) : [];
  }

  #stateOf(name: string, launcherState: unknown): ServiceState['state'] {
    if (launcherState === 'restarting' || launcherState === 'failed') return launcherState;
    // The one that answers is up, whether or not its own heartbeat came round by the bus.
    if (name === 'gateway' || this.#fresh(name)) return 'up';
    return this.#heard.has(name) ? 'silent' : 'expected';
  }

  #fresh(name: string): Readonly<Record<string, unknown>> | undefined {
    const heard = this.#heard.get(name);
    return heard && this.#clocks.nowMs() - heard.atMs < LIMITS.silentAfterMs ? heard.beat : undefined;
  }

  #launcherWord(): Map<string, { state: unknown; restarts: number }> {
    const services = this.#fresh('setup')?.services;
    if (typeof services !== 'object' || services === null) return new Map();
    return new Map(
      Object.entries(services as Record<string, { state?: unknown; restarts?: unknown }>)
        .slice(0, HEARD_MAX)
        .map(([name, word]) => [name, { state: word?.state, restarts: Number(word?.restarts) || 0 }]),
    );
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
