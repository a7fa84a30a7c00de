import type { Lane } from '../call.ts';

export interface ThrottleStatus {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
}

/** What a query is taken to cost before the store has said so once. */
const FIRST_GUESS = 20;

/** And its bucket: less than the smallest plan's, so that a process that has just started does not run into the throttle at once. */
const FIRST_STATUS: ThrottleStatus = { maximumAvailable: 400, currentlyAvailable: 400, restoreRate: 100 };

/** What share of the bucket a lane leaves untouched for those before it: a hold never waits for a repricing's points to come back. */
const LEFT_FOR_OTHERS: Readonly<Record<Lane, number>> = { urgent: 0, bulk: 0.2, background: 0.4 };

/**
 * The store's leaky bucket as far as it is known here, from the last answer's figures, the time since, and what is on its
 * way. Others drain the same bucket, so a wait is a guess, not a promise.
 */
export class CostBudget {
  readonly #costs = new Map<string, number>();
  #status = FIRST_STATUS;
  #available = FIRST_STATUS.currentlyAvailable;
  #seenAtMs = 0;
  #underWay = 0;

  /** How long this document has to wait before it may be sent, if nothing else is sent meanwhile. */
  waitMs(document: string, lane: Lane, nowMs: number): number {
    const { maximumAvailable, restoreRate } = this.#status;
    const left = LEFT_FOR_OTHERS[lane] * maximumAvailable;
    // A document dearer than all that its lane may use waits for a full bucket, not for ever.
    const needed = Math.min(this.#costOf(document) + left, maximumAvailable);
    const missing = needed - this.#availableAt(nowMs);
    return missing <= 0 ? 0 : Math.ceil((missing / Math.max(1, restoreRate)) * 1_000);
  }

  /** Takes the cost off; `ended` is owed the same figure. */
  take(document: string, nowMs: number): number {
    const cost = this.#costOf(document);
    this.#available = Math.max(0, this.#availableAt(nowMs) - cost);
    this.#seenAtMs = nowMs;
    this.#underWay += cost;
    return cost;
  }

  /** A call has ended, with the store's figures or without. The figures may be older than calls that are still on their way. */
  ended(
    document: string,
    cost: number,
    told: { requested?: number | undefined; status?: ThrottleStatus | undefined } | undefined,
    nowMs: number,
  ): void {
    this.#underWay -= cost;
    if (!told?.status) return;
    if (told.requested !== undefined) this.#costs.set(document, told.requested);
    this.#status = told.status;
    this.#available = Math.max(0, told.status.currentlyAvailable - this.#underWay);
    this.#seenAtMs = nowMs;
  }

  #costOf(document: string): number {
    return Math.min(this.#costs.get(document) ?? FIRST_GUESS, this.#status.maximumAvailable);
  }

  #availableAt(nowMs: number): number {
    const restored = ((nowMs - this.#seenAtMs) / 1_000) * this.#status.restoreRate;
    return Math.min(this.#status.maximumAvailable, this.#available + restored);
  }
}
