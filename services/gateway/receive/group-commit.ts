import { TransientError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ArrivedDelivery, CommittedDelivery } from '#shared/store/deliveries/insert-deliveries.ts';

type Commit = (arrived: readonly ArrivedDelivery[]) => Promise<readonly CommittedDelivery[]>;

interface Waiting {
  readonly delivery: ArrivedDelivery;
  resolve(fresh: boolean): void;
  reject(error: Error): void;
}

const nameOf = (delivery: { endpoint: string; key: string }) => `${delivery.endpoint}\n${delivery.key}`;

/**
 * One commit at a time; what arrives while it is under way goes into the next, and nobody waits for a timer. Bounded in
 * number and in bytes: beyond that a webhook is refused at once, and its sender sends it again.
 */
export class GroupCommit {
  readonly #commit: Commit;
  readonly #onCommit: (size: number, ms: number) => void;
  #waiting: Waiting[] = [];
  #bytesWaiting = 0;
  #committing = false;

  constructor(commit: Commit, onCommit: (size: number, ms: number) => void = () => {}) {
    this.#commit = commit;
    this.#onCommit = onCommit;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get full(): boolean {
    return this.#waiting.length >= LIMITS.deliveriesWaiting || this.#bytesWaiting >= LIMITS.bytesWaiting;
  }

  /** Resolves after the commit: true when the webhook is new. Rejects with a TransientError when it is not safe in Postgres, or not known to be. */
  add(delivery: ArrivedDelivery): Promise<boolean> {
    if (this.full) return Promise.reject(new TransientError('overloaded', 'Too many webhooks wait for their commit'));
    return new Promise<boolean>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new TransientError('timeout', 'The commit of a webhook took too long')),
        LIMITS.commitMs,
      );
      const end =
        <Value>(finish: (value: Value) => void) =>
        (value: Value) => {
          clearTimeout(timer);
          finish(value);
        };
      this.#waiting.push({ delivery, resolve: end(resolve), reject: end(reject) });
      this.#bytesWaiting += delivery.body.length;
      if (!this.#committing) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#committing = true;
    while (this.#waiting.length > 0) await this.#commitNext(this.#takeBatch());
    this.#committing = false;
  }

  #takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { delivery } of this.#waiting) {
      bytes += delivery.body.length;
      if (count > 0 && (count >= LIMITS.deliveriesPerCommit || bytes > LIMITS.bytesPerCommit)) break;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    for (const { delivery } of batch) this.#bytesWaiting -= delivery.body.length;
    return batch;
  }

  async #commitNext(batch: readonly Waiting[]): Promise<void> {
    const startedAt = performance.now();
    const byName = Map.groupBy(batch, (waiting) => nameOf(waiting.delivery));
    const rows = [...byName.values()].map((same) => ({ ...same[0]!.delivery, copies: same.length - 1 }));
    try {
      const committed = await this.#commit(rows);
      this.#onCommit(batch.length, performance.now() - startedAt);
      const fresh = new Set(committed.filter((row) => row.fresh).map(nameOf));
      // Of several copies in one batch the first is the new one.
      for (const [name, same] of byName) {
        for (const [index, waiting] of same.entries()) waiting.resolve(index === 0 && fresh.has(name));
      }
    } catch (cause) {
      for (const waiting of batch) {
        waiting.reject(new TransientError('database-unavailable', 'The webhook could not be committed', { cause }));
      }
    }
  }
}
