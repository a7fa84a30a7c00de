import { z } from 'zod';
import type { Bus } from '#shared/bus/bus.ts';
import { ALIVE } from '#shared/bus/subjects.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

/** The launcher's heartbeat, where there is a launcher, tells of the processes that it keeps. */
const LAUNCHER = 'setup';

const launched = z.object({ services: z.record(z.string(), z.object({ restarts: z.number().int().min(0) })) });

/** The executor's heartbeat tells which stores do not answer it. */
const EXECUTOR = 'executor';

const calling = z.object({ unavailable: z.array(z.string()) });

/** Who was heard from lately, by the heartbeats on the bus. */
export class HeardServices {
  readonly #heardAtMs = new Map<string, number>();
  readonly #nowMs: () => number;
  #restarts: Readonly<Record<string, number>> = {};
  #unavailable: readonly string[] = [];

  constructor(bus: Bus, nowMs: () => number) {
    this.#nowMs = nowMs;
    bus.watch(`${ALIVE}.*`, (subject, payload) => {
      const service = subject.slice(ALIVE.length + 1);
      this.#heardAtMs.set(service, nowMs());
      if (service === LAUNCHER) this.#readLauncher(payload);
      if (service === EXECUTOR) this.#readExecutor(payload);
    });
  }

  #readExecutor(payload: string): void {
    try {
      this.#unavailable = calling.parse(JSON.parse(payload)).unavailable;
    } catch {
      this.#unavailable = [];
    }
  }

  #readLauncher(payload: string): void {
    try {
      const { services } = launched.parse(JSON.parse(payload));
      this.#restarts = Object.fromEntries(Object.entries(services).map(([name, { restarts }]) => [name, restarts]));
    } catch {
      // A heartbeat that says nothing of restarts is a heartbeat all the same.
    }
  }

  /** How often the launcher started each service again. */
  get restarts(): Readonly<Record<string, number>> {
    return this.#restarts;
  }

  /** Stores that do not answer and are left alone for a while. */
  get unavailable(): readonly string[] {
    return this.isHeard(EXECUTOR) ? this.#unavailable : [];
  }

  isHeard(service: string): boolean {
    const atMs = this.#heardAtMs.get(service);
    return atMs !== undefined && this.#nowMs() - atMs <= LIMITS.silentAfterMs;
  }
}
