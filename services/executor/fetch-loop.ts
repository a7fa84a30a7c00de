import type { ReadItem } from '#shared/connectors/reader.ts';
import type { ReadKind } from '#shared/contracts/sources.ts';
import { backoffMs } from '#shared/kernel/backoff.ts';
import { type ParleyError, PermanentError, TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import {
  endFetch,
  forgetFetches,
  insertRead,
  retryFetch,
  storeEndpoint,
  type TakenFetch,
  takeFetches,
} from '#shared/store/executor/fetches.ts';
import { inStores } from '#shared/store/transaction.ts';
import { Bell } from './bell.ts';
import type { Deps } from './deps.ts';
import { type Entrance, fetchedDelivery, tellUnreadable } from './read-in.ts';

/**
 * Answers what the gateway asks: reads a resource as it is now, and puts it where webhooks come in. Each store is answered
 * on its own, so that one that is slow keeps only its own questions waiting.
 */
export class FetchLoop {
  readonly #deps: Deps;
  readonly #stores: () => readonly string[];
  readonly #bell = new Bell();
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(deps: Deps, stores: () => readonly string[]) {
    this.#deps = deps;
    this.#stores = stores;
  }

  /** Until the signal; then waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.tick(signal).catch((thrown: unknown) =>
        this.#deps.logger.warn({ err: toParleyError(thrown) }, 'nothing could be read'),
      );
      await this.#bell.wait(LIMITS.lookIntoPostgresMs, signal);
    }
    await this.idle();
  }

  /** Clears up behind itself, on all stores at once. */
  async forget(): Promise<void> {
    const stores = this.#stores();
    while ((await inStores(this.#deps.sql, stores, forgetFetches)) === LIMITS.fetchesForgotten);
  }

  /** Takes what is due in stores that are not being answered, and begins with it; `idle` waits. Returns how many it took. */
  async tick(signal: AbortSignal): Promise<number> {
    const places = LIMITS.fetchStoresAtOnce - this.#underWay.size;
    const free = this.#stores().filter((store) => !this.#underWay.has(store));
    if (places <= 0 || free.length === 0) return 0;
    const taken = await inStores(this.#deps.sql, free, (tx) => takeFetches(tx, free, places));
    for (const [store, fetches] of Map.groupBy(taken, (fetch) => fetch.store)) {
      const answering = Promise.all(fetches.map((fetch) => this.#answer(fetch, signal))).finally(() => {
        this.#underWay.delete(store);
        this.#bell.ring();
      });
      this.#underWay.set(store, answering);
    }
    return taken.length;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #answer(fetch: TakenFetch, signal: AbortSignal): Promise<void> {
    const { sql, clocks, counts } = this.#deps;
    try {
      const { entrance, item } = await this.#read(fetch, signal);
      const delivery = fetchedDelivery(entrance, fetch, item, clocks.newId);
      await inStores(sql, [fetch.store], async (tx) => {
        await insertRead(tx, [delivery]);
        const reason = item ? undefined : 'not-found';
        const isOurs = await endFetch(tx, fetch, { state: 'done', reason, delivery: delivery.id });
        if (!isOurs) throw new TransientError('lease-lost', 'Another has answered meanwhile');
      });
      counts.add('read');
    } catch (thrown) {
      await this.#fail(fetch, toParleyError(thrown));
    }
  }

  async #read(
    { store, kind, ref }: TakenFetch,
    signal: AbortSignal,
  ): Promise<{ entrance: Entrance; item: ReadItem | undefined }> {
    const { sql, connectors } = this.#deps;
    const opened = await inStores(sql, [store], async (tx) => {
      const found = await connectors.readerOf(tx, store);
      if (!found) throw new PermanentError('not-permitted', 'No credential of this store is known');
      const endpoint = await storeEndpoint(tx, store, found.source);
      if (!endpoint)
        throw new PermanentError('unknown-endpoint', `No endpoint takes ${found.source} in for this store`);
      return { reader: found.reader, entrance: { store, endpoint } };
    });
    const inTime = AbortSignal.timeout(LIMITS.fetchMs - LIMITS.callMarginMs);
    const item = await opened.reader.read(kind as ReadKind, ref, AbortSignal.any([signal, inTime]));
    return { entrance: opened.entrance, item };
  }

  async #fail(fetch: TakenFetch, error: ParleyError): Promise<void> {
    const { sql, clocks, logger, counts } = this.#deps;
    const { store, kind, ref, attempts } = fetch;
    const isOver = error.retry === 'never' || attempts >= LIMITS.fetchTries;
    logger.warn({ err: error, store, kind, ref, attempts }, isOver ? 'could not be read' : 'could not be read yet');
    counts.add('read.failed');
    const waitMs = backoffMs(attempts, LIMITS.fetchRetryMs, LIMITS.fetchRetryMaxMs, clocks.random());
    const write = async (tx: Transaction) => {
      if (!isOver) return retryFetch(tx, fetch, error.reason, waitMs);
      await endFetch(tx, fetch, { state: 'failed', reason: error.reason });
      await tellUnreadable(tx, store, { kind, ref }, error, this.#deps);
    };
    // Where not even this can be written, the question is due again when its time is over.
    await inStores(sql, [store], write).catch((thrown: unknown) =>
      logger.warn({ err: toParleyError(thrown), store }, 'the end of a reading could not be written'),
    );
  }
}
