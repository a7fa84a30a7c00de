import { TransientError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { ArrivedDelivery, CommittedDelivery } from '#shared/store/deliveries/insert-deliveries.ts';

type Commit = (arrived: readonly ArrivedDelivery[]) => Promise<readonly CommittedDelivery[]>;

interface Waiting {
  readonly delivery: ArrivedDelivery;
  resolve(fresh: boolean): void;
  reject(error: Error): void;
}

/** What of one endpoint waits. */
interface Share {
  count: number;
  bytes: number;
}

const nameOf = (delivery: { endpoint: string; key: string }) => `${delivery.endpoint}\n${delivery.key}`;

/**
 * One commit at a time; what arrives while it is under way goes into the next, and nobody waits for a timer. Bounded in
 * number and in bytes: beyond that a webhook is refused at once, and its sender sends it again. An endpoint may have as much
 * waiting as is still free (dynamic thresholds, Choudhury and Hahne 1998): half of all while it is alone, a third each where
 * two send too fast, and there is always room for one that has nothing waiting.
 */
export class GroupCommit {
  readonly #commit: Commit;
  readonly #onCommit: (size: number, ms: number) => void;
  #waiting: Waiting[] = [];
  #bytesWaiting = 0;
  readonly #shares = new Map<string, Share>();
  #committing = false;

  constructor(commit: Commit, onCommit: (size: number, ms: number) => void = () => {}) {
    this.#commit = commit;
    this.#onCommit = onCommit;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Why a webhook of this endpoint is not taken at this moment. */
  refusalOf(endpoint: string): TransientError | undefined {
    const free = LIMITS.deliveriesWaiting - this.#waiting.length;
    const bytesFree = LIMITS.bytesWaiting - this.#bytesWaiting;
    if (free <= 0 || bytesFree <= 0) return new TransientError('overloaded', 'Too many webhooks wait for their commit');
    const own = this.#shares.get(endpoint);
    if (own && (own.count >= free || own.bytes >= bytesFree))
      return new TransientError('rate-limited', 'Too many webhooks of this endpoint wait for their commit');
    return undefined;
  }

  /** Resolves after the commit: true when the webhook is new. Rejects with a TransientError when it is not safe in Postgres, or not known to be. */
  add(delivery: ArrivedDelivery): Promise<boolean> {
    const refusal = this.refusalOf(delivery.endpoint);
    if (refusal) return Promise.reject(refusal);
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
      this.#count(delivery, 1);
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
    for (const { delivery } of batch) this.#count(delivery, -1);
    return batch;
  }

  #count({ endpoint, body }: ArrivedDelivery, sign: 1 | -1): void {
    this.#bytesWaiting += sign * body.length;
    const share = this.#shares.get(endpoint) ?? { count: 0, bytes: 0 };
    share.count += sign;
    share.bytes += sign * body.length;
    if (share.count === 0) this.#shares.delete(endpoint);
    else this.#shares.set(endpoint, share);
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
