import type { Bus } from '#shared/bus/bus.ts';
import { parseWatermarkSubject, WATERMARKS } from '#shared/bus/subjects.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql } from '#shared/store/connect.ts';
import { readPosition } from '#shared/store/positions.ts';
import { inStores } from '#shared/store/transaction.ts';

/** How far context has folded each store's events: told by signals, and looked up where a signal was missed. */
export class Watermarks {
  readonly #reached = new Map<string, number>();
  readonly #waiting = new Set<() => void>();
  readonly #sql: Sql;

  constructor(bus: Bus, sql: Sql) {
    this.#sql = sql;
    bus.watch(WATERMARKS, (subject, payload) => {
      const store = parseWatermarkSubject(subject);
      if (store) this.#raise(store, Number(payload));
    });
  }

  /** Resolves once context has folded everything up to `seq`, as long as it takes; `stillWaiting` is called from time to time. */
  async reach(store: string, seq: number, stillWaiting: () => void): Promise<void> {
    let toldAtMs = performance.now();
    while ((this.#reached.get(store) ?? 0) < seq) {
      await this.#signalOr(LIMITS.watermarkPollMs);
      if ((this.#reached.get(store) ?? 0) >= seq) return;
      if (performance.now() - toldAtMs < LIMITS.watermarkPollMs) continue;
      toldAtMs = performance.now();
      stillWaiting();
      this.#raise(store, await inStores(this.#sql, [store], (tx) => readPosition(tx, store, 'context')));
    }
  }

  #raise(store: string, seq: number): void {
    if (seq > (this.#reached.get(store) ?? 0)) this.#reached.set(store, seq);
    for (const wake of this.#waiting) wake();
  }

  #signalOr(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }
}
