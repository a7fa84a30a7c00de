import type { BusMessage, Consumption } from '#shared/bus/bus.ts';
import { readEvent } from '#shared/bus/read-event.ts';
import { partitionDurable } from '#shared/bus/streams.ts';
import { parseAgentSubject } from '#shared/bus/subjects.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { Doorbell } from '#shared/runtime/doorbell.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { LeasedPartition } from '#shared/store/lease-keeper.ts';
import type { StoreRow } from '#shared/store/stores.ts';
import { followFolder } from './activate.ts';
import { collectApart } from './collect-apart.ts';
import { type Deps, SERVICE } from './deps.ts';
import { Desk } from './desk.ts';
import { judgeReady } from './judge-ready.ts';
import { TimerDesk } from './timers.ts';

interface Seat {
  readonly desk: Desk;
  readonly timers: TimerDesk;
  /** After a pass that failed, until then none is made. */
  restsUntilMs: number;
}

async function pass({ desk, timers }: Seat, answers: readonly BusMessage[]): Promise<boolean> {
  await desk.settleDoubt();
  let busy = await followFolder(desk);
  if (desk.rules.latest === undefined) return busy;
  busy = (await collectApart(desk, answers)) || busy;
  busy = (await judgeReady(desk)) || busy;
  busy = (await timers.fire()) || busy;
  return busy || timers.drain();
}

/** One partition whose lease this instance holds: its stores' desks, and the loop that works them. */
export class Partition implements LeasedPartition {
  readonly partition: number;
  readonly epoch: number;
  readonly #deps: Deps;
  readonly #seats = new Map<string, Seat>();
  #wanted: ReadonlySet<string> | undefined;
  readonly #events: Consumption;
  readonly #answers: Consumption;
  readonly #stopping = new AbortController();
  readonly #bell = new Doorbell();
  #loop: Promise<void> | undefined;

  constructor(partition: number, epoch: number, deps: Deps) {
    this.partition = partition;
    this.epoch = epoch;
    this.#deps = deps;
    const durable = partitionDurable(SERVICE, partition);
    this.#events = deps.bus.consume({ stream: 'EVENTS', durable, onArrival: () => this.ring() });
    this.#answers = deps.bus.consume({ stream: 'ANSWERS', durable, onArrival: () => this.ring() });
  }

  /** Seats a store; who has just taken a partition over has heard two heartbeats before. */
  async seat(row: StoreRow): Promise<void> {
    if (this.#seats.has(row.store)) return;
    const desk = new Desk(row, this.epoch, this.#deps);
    await desk.restore();
    this.#seats.set(row.store, { desk, timers: new TimerDesk(desk), restsUntilMs: 0 });
    this.ring();
  }

  /** Between two passes: a seat is never taken away under its work. */
  keepOnly(stores: readonly StoreRow[]): void {
    this.#wanted = new Set(stores.map(({ store }) => store));
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  ring(): void {
    this.#bell.ring();
  }

  idle(agent: string): void {
    for (const { desk } of this.#seats.values()) desk.idle(agent);
  }

  watermark(store: string, seq: number): void {
    const desk = this.#seats.get(store)?.desk;
    if (!desk || seq <= desk.watermark) return;
    desk.watermark = seq;
    this.ring();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.ring();
    await this.#loop;
    await Promise.all([this.#events.stop(), this.#answers.stop()]);
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        if (!(await this.#tick())) await this.#bell.wait(LIMITS.restMs);
      } catch (thrown) {
        this.#deps.logger.error(
          { err: toParleyError(thrown), partition: this.partition },
          'a pass over the partition failed',
        );
        await sleep(LIMITS.retryPassMs, this.#stopping.signal);
      }
    }
  }

  /** One pass: take in what has come, judge what is ready, fire what is due. True when there was anything to do. */
  async #tick(): Promise<boolean> {
    for (const store of this.#seats.keys()) if (this.#wanted?.has(store) === false) this.#seats.delete(store);
    for (const message of this.#events.takeNow(LIMITS.feedEvents)) this.#offer(message);
    const answers = this.#answersByStore(this.#answers.takeNow(LIMITS.answersPerInsert));
    let busy = false;
    for (const [store, seat] of this.#seats) busy = (await this.#passSafely(seat, answers.get(store) ?? [])) || busy;
    return busy;
  }

  /** A store whose pass fails rests for a moment; the others of the partition go on. What it was brought comes again. */
  async #passSafely(seat: Seat, answers: readonly BusMessage[]): Promise<boolean> {
    const { clocks, logger } = this.#deps;
    if (clocks.nowMs() < seat.restsUntilMs) return false;
    try {
      return await pass(seat, answers);
    } catch (thrown) {
      seat.restsUntilMs = clocks.nowMs() + LIMITS.retryPassMs;
      logger.error({ err: toParleyError(thrown), store: seat.desk.store }, 'a pass over a store failed');
      return false;
    }
  }

  /** The position in Postgres says what has been taken, so a doorbell may be acknowledged at once. */
  #offer(message: BusMessage): void {
    const event = readEvent(message);
    if (event) this.#seats.get(event.store)?.desk.feed.offer(event);
    message.ack();
  }

  #answersByStore(messages: readonly BusMessage[]): Map<string, BusMessage[]> {
    const byStore = new Map<string, BusMessage[]>();
    for (const message of messages) {
      const store = parseAgentSubject(message.subject)?.store ?? '';
      // An answer for a store that is not seated yet comes again after the ack wait.
      if (this.#seats.has(store)) byStore.set(store, [...(byStore.get(store) ?? []), message]);
    }
    return byStore;
  }
}
