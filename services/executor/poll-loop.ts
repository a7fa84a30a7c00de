import type { ReadItem, StoreReader } from '#shared/connectors/reader.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { type Instant, later, MINUTE_MS, plus, toInstant } from '#shared/kernel/time.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { countWaiting, insertRead, storeEndpoint } from '#shared/store/executor/fetches.ts';
import { failPoll, keepPoll, listPolled, type TakenPoll, takePoll } from '#shared/store/executor/polls.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Deps } from './deps.ts';
import { type Entrance, polledDelivery, tellUnreadable } from './read-in.ts';

const BEGINNING: Instant = toInstant(0);

interface Opened {
  readonly reader: StoreReader;
  readonly entrance: Entrance;
}

/**
 * Goes through each store for what no webhook has told: every few minutes what has changed since the last time, and at
 * the first time the whole catalogue and the orders that are still open. What is found comes in where webhooks come in,
 * and mapping drops what is known.
 */
export class PollLoop {
  readonly #deps: Deps;
  readonly #everyMs: number;
  readonly #underWay = new Map<string, Promise<void>>();

  /** Zero minutes: never. */
  constructor(deps: Deps, everyMinutes: number) {
    this.#deps = deps;
    this.#everyMs = everyMinutes * MINUTE_MS;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (this.#everyMs > 0 && !signal.aborted) {
      await this.tick(signal).catch((thrown: unknown) =>
        this.#deps.logger.warn({ err: toParleyError(thrown) }, 'stores could not be gone through'),
      );
      await sleep(LIMITS.pollLookMs, signal);
    }
    await Promise.all(this.#underWay.values());
  }

  /** Begins with every store that is not being gone through; `idle` waits for them. */
  async tick(signal: AbortSignal): Promise<void> {
    for (const store of await listPolled(this.#deps.sql)) {
      if (this.#underWay.has(store)) continue;
      const going = this.#goThrough(store, signal).finally(() => this.#underWay.delete(store));
      this.#underWay.set(store, going);
    }
  }

  async idle(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #goThrough(store: string, signal: AbortSignal): Promise<void> {
    try {
      const opened = await this.#open(store);
      // One list after the other: orders name items, and items have to be known by then.
      for (const kind of opened?.reader.listed ?? []) await this.#turn(store, kind, opened!, signal);
    } catch (thrown) {
      this.#deps.logger.warn({ err: toParleyError(thrown), store }, 'the store could not be gone through');
    }
  }

  /** Undefined: nobody has given us a key to this store, or it is told of by no platform. */
  #open(store: string): Promise<Opened | undefined> {
    const { sql, connectors } = this.#deps;
    return inStores(sql, [store], async (tx) => {
      const found = await connectors.readerOf(tx, store);
      const endpoint = found && (await storeEndpoint(tx, store, found.source));
      return found && endpoint ? { reader: found.reader, entrance: { store, endpoint } } : undefined;
    });
  }

  async #turn(store: string, kind: ReadKind, opened: Opened, signal: AbortSignal): Promise<void> {
    const { sql, clocks, logger } = this.#deps;
    const everyMs = this.#everyMs;
    const since = kind === 'order' ? toInstant(clocks.nowMs() - LIMITS.importOrdersMs) : BEGINNING;
    const taken = await inStores(sql, [store], (tx) => takePoll(tx, { store, kind, since, everyMs }));
    if (!taken || signal.aborted) return;
    try {
      await this.#list(taken, kind, opened, AbortSignal.any([signal, AbortSignal.timeout(LIMITS.pollMs)]));
    } catch (thrown) {
      // What stops because the process stops goes on where it stood, at once.
      const error = signal.aborted ? new TransientError('timeout', 'It was interrupted') : toParleyError(thrown);
      if (!signal.aborted) logger.warn({ err: error, store, kind }, 'a list could not be gone through to its end');
      const inMs = signal.aborted ? 0 : Math.min(everyMs, LIMITS.pollRetryMs);
      await inStores(sql, [store], async (tx) => {
        await failPoll(tx, taken, error.reason, { everyMs, inMs });
        if (error.retry === 'never') await tellUnreadable(tx, store, { kind }, error, this.#deps);
      });
    }
  }

  /** From where it was left, with what the clocks may differ by, up to what its webhooks may still tell. */
  async #list(taken: TakenPoll, kind: ReadKind, { reader, entrance }: Opened, signal: AbortSignal): Promise<void> {
    const since = taken.until === BEGINNING ? BEGINNING : plus(taken.until, -LIMITS.pollOverlapMs);
    const settled = plus(taken.now, -LIMITS.pollSettleMs);
    let page: ReadItem[] = [];
    for await (const item of reader.changedSince(kind, since, signal)) {
      if (signal.aborted) throw new TransientError('timeout', 'The list is longer than its time');
      if (item.version > settled || isOver(item, taken)) continue;
      page.push(item);
      if (page.length < LIMITS.pollPage) continue;
      await this.#keep(taken, entrance, page, signal);
      page = [];
    }
    await this.#keep(taken, entrance, page, signal);
    await inStores(this.#deps.sql, [taken.store], (tx) => keepPoll(tx, taken, settled));
  }

  /** Page by page, so that whoever goes on after an interruption begins with the last one. */
  async #keep(taken: TakenPoll, entrance: Entrance, page: readonly ReadItem[], signal: AbortSignal): Promise<void> {
    if (page.length === 0) return;
    const { sql, clocks, counts } = this.#deps;
    await this.#untilRoom(taken, signal);
    const until = page.reduce((newest, item) => later(newest, item.version), BEGINNING);
    // Mapping goes by id, and ids of one millisecond are in no order of their own.
    const ids = page.map(() => clocks.newId()).sort();
    const fresh = await inStores(sql, [taken.store], async (tx) => {
      const inserted = await insertRead(
        tx,
        page.map((item, index) => polledDelivery(entrance, taken, item, ids[index]!)),
      );
      await keepPoll(tx, taken, until);
      return inserted;
    });
    for (let n = 0; n < fresh; n++) counts.add('polled');
  }

  /** A catalogue comes in no faster than it is mapped; meanwhile the list stays ours. */
  async #untilRoom(taken: TakenPoll, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waiting = await inStores(this.#deps.sql, [taken.store], async (tx) => {
        const count = await countWaiting(tx, taken.store, LIMITS.pollWaiting);
        if (count >= LIMITS.pollWaiting) await keepPoll(tx, taken, taken.until);
        return count;
      });
      if (waiting < LIMITS.pollWaiting) return;
      await sleep(LIMITS.lookIntoPostgresMs, signal);
      if (signal.aborted) throw new TransientError('timeout', 'What was read is not mapped yet');
    }
  }
}

/** A new store brings what still has to be done; what was over before Parley came is not told again as if it happened now. */
function isOver(item: ReadItem, { beganAt }: TakenPoll): boolean {
  return !item.isOpen && item.version < beganAt;
}
