import type { Bus } from '#shared/bus/bus.ts';
import { watermarkSubject } from '#shared/bus/subjects.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql, Transaction } from '#shared/store/connect.ts';
import { readStoredFacts, writeFacts, writeHistory } from '#shared/store/context/facts.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { EventFeed } from '#shared/store/event-feed.ts';
import { fence, fenceAlone } from '#shared/store/leases.ts';
import { readPosition, writePosition } from '#shared/store/positions.ts';
import { readEventsAfter } from '#shared/store/read-events.ts';
import type { StoreRow } from '#shared/store/stores.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Stored } from './fold.ts';
import { changesOf, factKey, type Projection, project } from './project.ts';

export interface Deps {
  readonly sql: Sql;
  readonly bus: Bus;
  readonly clocks: Clocks;
  readonly logger: Logger;
}

export const SERVICE = 'context';

/** One store's events becoming facts, in `seq` order, each once, by the holder of the partition's lease. */
export class Desk {
  readonly feed = new EventFeed(LIMITS.feedEvents);
  readonly #row: StoreRow;
  readonly #epoch: number;
  readonly #deps: Deps;
  /** What this holder has read or written: nobody else writes facts, so it is never stale while the lease is held. */
  readonly #cache = new Map<string, Stored | undefined>();
  readonly #cachedFacts: number;
  #position = 0;
  #lookAtMs = 0;
  #isInDoubt = false;

  constructor(row: StoreRow, epoch: number, deps: Deps, cachedFacts: number = LIMITS.cachedFacts) {
    this.#row = row;
    this.#epoch = epoch;
    this.#deps = deps;
    this.#cachedFacts = cachedFacts;
  }

  /** Takes up where the table says that its holder stands. */
  async restore(): Promise<void> {
    this.#cache.clear();
    // Alone under the lease: a transaction whose answer was lost may still be under way, and would be folded twice.
    this.#position = await this.#transact((tx) => readPosition(tx, this.#row.store, SERVICE), fenceAlone);
    this.#tell();
  }

  /** Folds what has come, in one transaction; true when there was anything. */
  async tick(): Promise<boolean> {
    if (this.#isInDoubt) await this.restore();
    // A transaction that fails may have been committed all the same: only the table knows, so it is asked before the next.
    this.#isInDoubt = true;
    const isBusy = await this.#fold();
    this.#isInDoubt = false;
    return isBusy;
  }

  async #fold(): Promise<boolean> {
    const fromBus = this.feed.take(this.#position, LIMITS.eventsPerProjection);
    if (fromBus.length === 0 && !this.#shouldLook()) return false;
    const { store } = this.#row;
    const done = await this.#transact(async (tx) => {
      const events =
        fromBus.length > 0 ? fromBus : await readEventsAfter(tx, store, this.#position, LIMITS.eventsPerProjection);
      if (events.length === 0) return undefined;
      const changes = changesOf(events);
      const current = await this.#load(tx, changes);
      const projection = project(changes, (key) => current.get(key));
      await this.#write(tx, events, projection);
      return { events, projection };
    });
    if (!done) return false;
    for (const [key, stored] of done.projection.facts) this.#remember(key, stored);
    this.#position = done.events.at(-1)!.seq;
    this.feed.forget(this.#position);
    this.#tell();
    return true;
  }

  #transact<Result>(work: (tx: Transaction) => Promise<Result>, fenced = fence): Promise<Result> {
    return inStores(this.#deps.sql, [this.#row.store], async (tx) => {
      if (!(await fenced(tx, SERVICE, this.#row.partition, this.#epoch)))
        throw new TransientError('lease-lost', `The lease of partition ${this.#row.partition} has moved on.`);
      return work(tx);
    });
  }

  /** The facts that these events touch, as they were before: from the cache, and what is not in it from the table. */
  async #load(tx: Transaction, events: ReturnType<typeof changesOf>): Promise<ReadonlyMap<string, Stored | undefined>> {
    const current = new Map<string, Stored | undefined>();
    const missing: { resource: string; attribute: string }[] = [];
    for (const { resource, attribute } of events.flatMap(({ changes }) => changes)) {
      const key = factKey(resource, attribute);
      if (current.has(key)) continue;
      current.set(key, this.#cache.get(key));
      if (!this.#cache.has(key)) missing.push({ resource, attribute });
    }
    for (const row of await readStoredFacts(tx, this.#row.store, missing)) {
      const { resource, attribute, expiresAt, ...stored } = row;
      const key = factKey(resource, attribute);
      if (!this.#cache.has(key)) current.set(key, { ...stored, expiresAt: expiresAt ?? undefined });
    }
    // Only now: what makes room for these may be one of those that this batch needs.
    for (const [key, stored] of current) this.#remember(key, stored);
    return current;
  }

  async #write(tx: Transaction, events: readonly Envelope[], { facts, history, faults }: Projection): Promise<void> {
    const { store } = this.#row;
    const rows = [...facts].map(([key, stored]) => {
      const [resource, attribute] = key.split('\n') as [string, string];
      return { resource, attribute, ...stored };
    });
    await writeFacts(tx, store, rows);
    await writeHistory(tx, store, history);
    await writeDeadLetters(
      tx,
      faults.map(({ event, thrown }) => {
        const error = toParleyError(thrown);
        this.#deps.logger.error({ err: error, event: event.id, type: event.type }, 'an event could not be applied');
        return {
          store,
          id: this.#deps.clocks.newId(),
          service: SERVICE,
          kind: 'event',
          ref: event.id,
          reason: error.reason,
          detail: error.message,
          raw: event,
        };
      }),
    );
    await writePosition(tx, store, SERVICE, events.at(-1)!.seq);
  }

  /** The least recently touched goes when the cache is full; it is read again when it is needed. */
  #remember(key: string, stored: Stored | undefined): void {
    this.#cache.delete(key);
    this.#cache.set(key, stored);
    if (this.#cache.size > this.#cachedFacts) this.#cache.delete(this.#cache.keys().next().value!);
  }

  #shouldLook(): boolean {
    const nowMs = this.#deps.clocks.nowMs();
    if (this.feed.newest <= this.#position && nowMs < this.#lookAtMs) return false;
    this.#lookAtMs = nowMs + LIMITS.lookIntoPostgresMs;
    return true;
  }

  #tell(): void {
    this.#deps.bus.signal(watermarkSubject(this.#row.store), String(this.#position));
  }
}
