import { hostname } from 'node:os';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { Sql } from './connect.ts';
import { type Lease, releaseLeases, renewLeases, takeLeases } from './leases.ts';
import { readStores, type StoreRow } from './stores.ts';
import { inStores } from './transaction.ts';

/** A partition that this instance works because it holds its lease. */
export interface LeasedPartition {
  readonly epoch: number;
  /** Takes a store of the partition up where its last holder left it; a store that is seated already stays as it is. */
  seat(store: StoreRow): Promise<void>;
  /** Lets go of every store that is not among these: it has been removed. */
  keepOnly(stores: readonly StoreRow[]): void;
  start(): void;
  stop(): Promise<void>;
}

interface KeeperOptions<Partition extends LeasedPartition> {
  readonly service: string;
  readonly sql: Sql;
  readonly logger: Logger;
  readonly open: (partition: number, epoch: number) => Partition;
  /** How long who has just taken a partition over listens before it begins. */
  readonly listenMs: number;
  /** Called after each renewal, for what else is due each second. */
  readonly onRenewed: () => Promise<void>;
}

/** Takes leases of the partitions that have a store, renews them each second, and drops a partition whose lease has moved on. */
export class LeaseKeeper<Partition extends LeasedPartition> {
  readonly partitions = new Map<number, Partition>();
  readonly #options: KeeperOptions<Partition>;
  readonly #stopping = new AbortController();
  #restarted = true;
  #running: Promise<void> | undefined;

  constructor(options: KeeperOptions<Partition>) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all([...this.partitions.values()].map((partition) => partition.stop()));
    await releaseLeases(this.#options.sql, this.#options.service, this.#held());
  }

  #held(): Lease[] {
    return [...this.partitions].map(([partition, { epoch }]) => ({ partition, epoch }));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#renew(signal);
        await this.#options.onRenewed();
      } catch (thrown) {
        this.#options.logger.error({ err: thrown }, 'leases could not be renewed');
      }
      await sleep(LIMITS.leaseRenewMs, signal);
    }
  }

  async #renew(signal: AbortSignal): Promise<void> {
    const { sql, service, listenMs } = this.#options;
    const stores = await inStores(sql, [], readStores);
    const wanted = [...new Set(stores.map((row) => row.partition))];
    const fresh = wanted.filter((partition) => !this.partitions.has(partition));
    const held: Lease[] = [
      ...(await takeLeases(sql, service, hostname(), fresh, this.#restarted)),
      ...(await renewLeases(sql, service, this.#held())),
    ];
    await this.#dropLost(held);
    const listened = held.every((lease) => this.partitions.has(lease.partition));
    if (!listened) await sleep(listenMs, signal);
    if (signal.aborted) return releaseLeases(sql, service, held);
    // Listening takes most of a lease's time; what somebody else has taken meanwhile is not opened.
    for (const lease of listened ? held : await renewLeases(sql, service, held)) {
      const partition = this.partitions.get(lease.partition) ?? this.#options.open(lease.partition, lease.epoch);
      this.partitions.set(lease.partition, partition);
      const own = stores.filter((row) => row.partition === lease.partition);
      partition.keepOnly(own);
      for (const row of own) await partition.seat(row);
      partition.start();
    }
    if (held.length > 0) this.#restarted = false;
  }

  async #dropLost(held: readonly Lease[]): Promise<void> {
    for (const [number, partition] of this.partitions) {
      if (held.some((lease) => lease.partition === number && lease.epoch === partition.epoch)) continue;
      this.#options.logger.warn({ partition: number }, 'the lease has moved on');
      this.partitions.delete(number);
      await partition.stop();
    }
  }
}
