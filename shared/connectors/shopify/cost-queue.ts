import { TransientError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { type Call, LANES, type Lane } from '../call.ts';
import { CostBudget, type ThrottleStatus } from './cost-budget.ts';

interface Waiter {
  readonly document: string;
  go(cost: number): void;
}

/** What the store said of its bucket in an answer; nothing where there was no answer. */
export interface Told {
  readonly requested?: number | undefined;
  readonly status?: ThrottleStatus | undefined;
}

const tooLate = () => new TransientError('store-throttled', 'No time was left to send the call');

/**
 * One queue a store before its bucket of points: by lane, and within a lane in order of arrival. Who is first goes as soon
 * as the bucket holds enough; nobody overtakes, or a dear call would never find it full enough.
 */
export class CostQueue {
  readonly #budget = new CostBudget();
  readonly #clocks: Clocks;
  readonly #waiting: Readonly<Record<Lane, Waiter[]>> = { urgent: [], bulk: [], background: [] };
  #timer: NodeJS.Timeout | undefined;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** Resolves when the document may be sent, with what must be called when the call has ended. Throws when the call's time is over: nothing was sent. */
  async turn(document: string, call: Call): Promise<(told?: Told) => void> {
    const cost = await this.#wait(document, call);
    return (told) => {
      this.#budget.ended(document, cost, told, this.#clocks.nowMs());
      this.#pump();
    };
  }

  #wait(document: string, { signal, lane = 'bulk' }: Call): Promise<number> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(tooLate());
      const queue = this.#waiting[lane];
      const giveUp = () => {
        queue.splice(queue.indexOf(waiter), 1);
        reject(tooLate());
        this.#pump();
      };
      const waiter: Waiter = {
        document,
        go: (cost) => {
          signal.removeEventListener('abort', giveUp);
          resolve(cost);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      queue.push(waiter);
      this.#pump();
    });
  }

  #pump(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const lane = LANES.find((each) => this.#waiting[each].length > 0);
      if (lane === undefined) return;
      const first = this.#waiting[lane][0]!;
      const nowMs = this.#clocks.nowMs();
      const wait = this.#budget.waitMs(first.document, lane, nowMs);
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#pump(), wait);
        return;
      }
      this.#waiting[lane].shift();
      first.go(this.#budget.take(first.document, nowMs));
    }
  }
}
