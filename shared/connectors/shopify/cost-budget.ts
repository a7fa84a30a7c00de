export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

/** What a query is taken to cost before the store has said so once. */
const FIRST_GUESS = 20;

/**
 * The store's leaky bucket as far as it is known here, from the last answer's figures and the time since. Before the
 * first answer nothing is known and nothing waits. Others drain the same bucket, so a wait is a guess, not a promise.
 */
export class CostBudget {
  readonly #costs = new Map<string, number>();
  #status: ThrottleStatus | undefined;
  #available = 0;
  #seenAtMs = 0;

  /** How long to wait before this document may be sent; takes its cost off when it need not wait. */
  waitMs(document: string, nowMs: number): number {
    if (!this.#status) return 0;
    const cost = Math.min(this.#costs.get(document) ?? FIRST_GUESS, this.#status.maximumAvailable);
    const restored = ((nowMs - this.#seenAtMs) / 1_000) * this.#status.restoreRate;
    const available = Math.min(this.#status.maximumAvailable, this.#available + restored);
    if (available < cost) return Math.ceil(((cost - available) / Math.max(1, this.#status.restoreRate)) * 1_000);
    this.#available = available - cost;
    this.#seenAtMs = nowMs;
    return 0;
  }

  observe(document: string, requested: number | undefined, status: ThrottleStatus, nowMs: number): void {
    if (requested !== undefined) this.#costs.set(document, requested);
    this.#status = status;
    this.#available = status.currentlyAvailable;
    this.#seenAtMs = nowMs;
  }
}
