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

  /** Waits until context has folded everything up to `seq`, as long as it takes; false where it was aborted before. */
  async reach(store: string, seq: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#reached.has(store)) await this.#look(store);
    let lookedAtMs = performance.now();
    while ((this.#reached.get(store) ?? 0) < seq) {
      await this.#signalOr(LIMITS.watermarkPollMs);
      if (signal.aborted) return false;
      if (performance.now() - lookedAtMs < LIMITS.watermarkPollMs) continue;
      lookedAtMs = performance.now();
      await this.#look(store);
    }
    return true;
  }

  async #look(store: string): Promise<void> {
    this.#raise(store, await inStores(this.#sql, [store], (tx) => readPosition(tx, store, 'context')));
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
