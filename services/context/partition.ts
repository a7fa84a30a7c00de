import type { Consumption } from '#shared/bus/bus.ts';
import { readEvent } from '#shared/bus/read-event.ts';
import { partitionDurable } from '#shared/bus/streams.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { Doorbell } from '#shared/runtime/doorbell.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { LeasedPartition } from '#shared/store/lease-keeper.ts';
import type { StoreRow } from '#shared/store/stores.ts';
import { type Deps, Desk, SERVICE } from './desk.ts';

/** One partition whose lease this instance holds. A message is a doorbell that brings its row along. */
export class Partition implements LeasedPartition {
  readonly epoch: number;
  readonly #deps: Deps;
  readonly #desks = new Map<string, Desk>();
  #wanted: ReadonlySet<string> | undefined;
  readonly #events: Consumption;
  readonly #bell = new Doorbell();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(partition: number, epoch: number, deps: Deps) {
    this.epoch = epoch;
    this.#deps = deps;
    this.#events = deps.bus.consume({
      stream: 'EVENTS',
      durable: partitionDurable(SERVICE, partition),
      onArrival: () => this.#bell.ring(),
    });
  }

  async seat(row: StoreRow): Promise<void> {
    if (this.#desks.has(row.store)) return;
    const desk = new Desk(row, this.epoch, this.#deps);
    await desk.restore();
    this.#desks.set(row.store, desk);
    this.#bell.ring();
  }

  /** Between two passes: a desk is never taken away under its work. */
  keepOnly(stores: readonly StoreRow[]): void {
    this.#wanted = new Set(stores.map(({ store }) => store));
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#bell.ring();
    await this.#loop;
    await this.#events.stop();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#tick())) await this.#bell.wait(LIMITS.restMs);
      } catch (thrown) {
        this.#deps.logger.error({ err: toParleyError(thrown) }, 'a pass over the partition failed');
        await sleep(LIMITS.retryPassMs, this.#stopping.signal);
      }
    }
  }

  async #tick(): Promise<boolean> {
    for (const store of this.#desks.keys()) if (this.#wanted?.has(store) === false) this.#desks.delete(store);
    for (const message of this.#events.takeNow(LIMITS.feedEvents)) {
      const event = readEvent(message);
      if (event) this.#desks.get(event.store)?.feed.offer(event);
      message.ack();
    }
    let busy = false;
    for (const desk of this.#desks.values()) busy = (await desk.tick()) || busy;
    return busy;
  }
}
