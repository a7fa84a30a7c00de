import { backoffMs } from '#shared/kernel/backoff.ts';
import { type ParleyError, toParleyError } from '#shared/kernel/errors.ts';
import { SECOND_MS } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { readFullStores } from '#shared/store/deliveries/full-stores.ts';
import type { ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { Metrics } from '../metrics.ts';
import type { OpenEndpoint } from '../receive/endpoints.ts';
import { type MappedBatch, type MappingNeeds, mapBatch } from './map-batch.ts';
import type { Publisher } from './publisher.ts';
import { setAside } from './set-aside.ts';

interface MapperOptions {
  readonly needs: MappingNeeds;
  readonly endpoints: () => readonly OpenEndpoint[];
  readonly publisher: Publisher;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly random: () => number;
}

/** How long a delivery that waits for something is left alone before it is looked at again. */
const HELD_MS = { echo: 250, 'unknown-item': 2 * SECOND_MS } as const;
/** A store is full with more than a second's work for its coordinator: looking more often would only cost. */
const BACKLOG_LOOK_MS = 100;
const RETRY_BASE_MS = 100;
const RETRY_MAX_MS = 2 * SECOND_MS;

/** The loop that maps what was received: woken by each commit and by outcomes, and each second by itself. */
export class Mapper {
  readonly #options: MapperOptions;
  /** Deliveries that wait, and until when they are left alone (process time). */
  readonly #held = new Map<string, number>();
  #stopped = false;
  /** Stores that were full at the last look. */
  #full: ReadonlySet<string> = new Set();
  #rung = false;
  #wake: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(options: MapperOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Something was received; for a store that is full it waits anyway. */
  ring(store?: string): void {
    if (store !== undefined && this.#full.has(store)) return;
    this.#rung = true;
    this.#wake?.();
  }

  /** An action has ended, or a product was introduced: what waits for such may go on. */
  release(): void {
    if (this.#held.size === 0) return;
    for (const id of this.#held.keys()) this.#held.set(id, 0);
    this.ring();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.ring();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopped) {
      this.#rung = false;
      try {
        const batch = await this.#map();
        failures = 0;
        if (batch.settled.length === 0)
          await this.#sleep(this.#full.size > 0 ? BACKLOG_LOOK_MS : this.#untilNextLook());
      } catch (thrown) {
        failures += 1;
        const error = toParleyError(thrown);
        this.#options.logger.warn({ err: error, failures }, 'mapping failed, will be tried again');
        if (failures >= 2) await this.#isolate(error);
        await this.#sleep(backoffMs(failures, RETRY_BASE_MS, RETRY_MAX_MS, this.#options.random()));
      }
    }
  }

  /** One batch, and what follows its commit. */
  async #map(limit?: number, onTaken?: Parameters<typeof mapBatch>[4]): Promise<MappedBatch> {
    const { needs, endpoints, publisher, metrics } = this.#options;
    const now = performance.now();
    const left = [...this.#held].filter(([, until]) => until > now).map(([id]) => id);
    const full = await this.#fullStores();
    const open = endpoints().filter((endpoint) => !full.has(endpoint.store));
    const batch = await mapBatch(needs, open, left, limit, onTaken);
    for (const { id } of batch.settled) this.#held.delete(id);
    for (const { delivery, why } of batch.held) this.#held.set(delivery, performance.now() + HELD_MS[why]);
    publisher.offer(batch.events);
    if (batch.events.some((event) => event.type === 'product.changed')) this.release();
    metrics.held.set(this.#held.size);
    if (batch.taken === 0) return batch;
    metrics.mappingSeconds.observe((performance.now() - now) / SECOND_MS);
    metrics.mappingLag.set((needs.nowMs() - Date.parse(batch.oldestAt!)) / SECOND_MS);
    for (const { state, reason } of batch.settled) metrics.mapped.inc({ state, reason: reason ?? '' });
    for (const { type } of batch.events) metrics.events.inc({ type });
    for (const kind of batch.found) metrics.found.inc({ kind });
    for (const cause of batch.asked) metrics.asked.inc({ cause });
    return batch;
  }

  /**
   * Stores whose coordinator is too far behind: their deliveries stay `received` for now. Without this bound agents would
   * decide on what they cannot see yet, and propose the same again for every event that comes meanwhile.
   */
  async #fullStores(): Promise<ReadonlySet<string>> {
    this.#full = await readFullStores(this.#options.needs.sql, LIMITS);
    return this.#full;
  }

  /**
   * A batch has failed twice as a whole: one of its deliveries may be what Postgres refuses. Each is mapped by itself,
   * and the one that fails alone, while the database answers, is set aside so that the others go on.
   */
  async #isolate(error: ParleyError): Promise<void> {
    try {
      for (let n = 0; n < LIMITS.deliveriesPerMapping && !this.#stopped; n++) if (!(await this.#mapAlone())) return;
    } catch (thrown) {
      this.#options.logger.warn({ err: toParleyError(thrown), first: error.message }, 'the database does not answer');
    }
  }

  /** False when nothing waits. */
  async #mapAlone(): Promise<boolean> {
    const { needs, logger } = this.#options;
    let failing: ReceivedDelivery | undefined;
    try {
      const { taken } = await this.#map(1, ([only]) => (failing = only));
      return taken > 0;
    } catch (thrown) {
      if (!failing || !isOfTheDelivery(thrown)) throw thrown;
      const error = toParleyError(thrown);
      if (await setAside(needs, failing, error))
        logger.error({ err: error, delivery: failing.id }, 'a delivery was set aside');
      return true;
    }
  }

  #untilNextLook(): number {
    const now = performance.now();
    const next = Math.min(LIMITS.lookIntoPostgresMs, ...[...this.#held.values()].map((until) => until - now));
    return Math.max(1, next);
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#rung || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

/** A value that Postgres refuses (SQLSTATE classes 22 and 23), or a fault of our own; not a lost connection or a lock. */
function isOfTheDelivery(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown }).code;
  return code === undefined || /^2[23]/.test(String(code));
}
