import type { Bus } from '#shared/bus/bus.ts';
import { ALIVE } from '#shared/bus/subjects.ts';
import { LIMITS } from '#shared/runtime/limits.ts';

interface Heard {
  readonly atMs: number;
  readonly first: string;
}

/** Who was heard from lately, by the heartbeats on the bus. */
export class HeardServices {
  readonly #heard = new Map<string, Heard>();
  readonly #nowMs: () => number;

  constructor(bus: Bus, nowMs: () => number) {
    this.#nowMs = nowMs;
    bus.watch(`${ALIVE}.*`, (subject) => {
      const service = subject.slice(ALIVE.length + 1);
      const first = this.#heard.get(service)?.first ?? new Date(nowMs()).toISOString();
      this.#heard.set(service, { atMs: nowMs(), first });
    });
  }

  isHeard(service: string): boolean {
    const heard = this.#heard.get(service);
    return heard !== undefined && this.#nowMs() - heard.atMs <= LIMITS.silentAfterMs;
  }
}
