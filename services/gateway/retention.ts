import { toParleyError } from '#shared/kernel/errors.ts';
import { DAY_MS } from '#shared/kernel/time.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from '#shared/store/connect.ts';
import { forgetDeliveries, forgetReferences } from '#shared/store/deliveries/forget.ts';

interface RetentionOptions {
  readonly sql: Sql;
  readonly keptDays: number;
  readonly nowMs: () => number;
  readonly logger: Logger;
  readonly onForgotten: (count: number) => void;
}

/**
 * Deletes deliveries that have been kept for their time, in small batches with pauses between them, so that whoever
 * receives or maps meanwhile waits for none of it. Their bodies name people: nothing keeps them longer but that they wait to
 * be mapped. What others call an order leads to people as well, and goes in the same way, after a time of its own.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const isMore = await this.#forget();
      await sleep(isMore ? LIMITS.forgettingPauseMs : LIMITS.forgettingLookMs, signal);
    }
  }

  /** Whether there may be more whose time is over. */
  async #forget(): Promise<boolean> {
    const { sql, keptDays, nowMs, logger, onForgotten } = this.#options;
    try {
      const deliveries = await forgetDeliveries(sql, nowMs() - keptDays * DAY_MS, LIMITS.forgottenAtOnce);
      onForgotten(deliveries);
      const names = await forgetReferences(sql, nowMs(), LIMITS.forgottenAtOnce);
      return Math.max(deliveries, names) === LIMITS.forgottenAtOnce;
    } catch (thrown) {
      logger.warn({ err: toParleyError(thrown) }, 'old deliveries could not be deleted, will be tried again');
      return false;
    }
  }
}
