import { toParleyError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Http, HttpAnswer } from './outbound.ts';
import { LeftAloneError } from './patience.ts';

/** `closed`: calls go through. `open`: none does. `half-open`: one does, to see. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * Whether a store is called at all. After some calls in a row that the store did not answer, none goes out for a while,
 * then a single one: its end decides. Each further failure doubles the while, up to a bound. Written here and not taken
 * from a library: it is one small state machine whose clock tests must be able to move.
 */
export class CircuitBreaker {
  readonly #clocks: Clocks;
  readonly #changed: (state: 'closed' | 'open') => void;
  #failures = 0;
  #openUntilMs: number | undefined;
  #openMs: number = LIMITS.circuitOpenMs;
  #probing = false;

  constructor(clocks: Clocks, changed: (state: 'closed' | 'open') => void = () => {}) {
    this.#clocks = clocks;
    this.#changed = changed;
  }

  get state(): CircuitState {
    if (this.#openUntilMs === undefined) return 'closed';
    return this.#clocks.nowMs() < this.#openUntilMs || this.#probing ? 'open' : 'half-open';
  }

  /** Whether a call may begin now. Who is let through owes its end. */
  admit(): boolean {
    const { state } = this;
    if (state === 'half-open') this.#probing = true;
    return state !== 'open';
  }

  /** The store has answered, whatever it said. */
  answered(): void {
    const wasOpen = this.#openUntilMs !== undefined;
    this.#failures = 0;
    this.#probing = false;
    this.#openUntilMs = undefined;
    this.#openMs = LIMITS.circuitOpenMs;
    if (wasOpen) this.#changed('closed');
  }

  /** Nothing was asked after all, so that nothing is known: a process that stood still says nothing of the store. */
  notAsked(): void {
    this.#probing = false;
  }

  /** The store was not there, or only to say that it is not. */
  failed(): void {
    this.#failures += 1;
    const wasOpen = this.#openUntilMs !== undefined;
    // What had begun before it opened, and fails now, says nothing new.
    if (wasOpen && !this.#probing) return;
    if (wasOpen) this.#openMs = Math.min(this.#openMs * 2, LIMITS.circuitOpenMaxMs);
    else if (this.#failures < LIMITS.circuitFailures) return;
    this.#probing = false;
    this.#openUntilMs = this.#clocks.nowMs() + this.#openMs;
    if (!wasOpen) this.#changed('open');
  }
}

/**
 * A gateway without the shop behind it, or a shop that cannot say what ails it. A 500 in the API's own JSON is an answer to
 * this one request: WooCommerce says so when a payment provider refuses a refund.
 */
function isAway({ status, text }: HttpAnswer): boolean {
  return status > 500 || (status === 500 && !text.startsWith('{'));
}

/** The store's door behind its breaker: no driver needs to know of it. */
export function guarded(http: Http, breaker: CircuitBreaker): Http {
  return {
    async ask(request, kind) {
      if (!breaker.admit()) throw new LeftAloneError('store-unavailable', 'The store has not been answering');
      try {
        const answer = await http.ask(request, kind);
        if (isAway(answer)) breaker.failed();
        else breaker.answered();
        return answer;
      } catch (thrown) {
        // Too much of an answer is an answer; all else that throws here is a store that is not there.
        if (thrown instanceof LeftAloneError) breaker.notAsked();
        else if (toParleyError(thrown).reason === 'body-too-large') breaker.answered();
        else breaker.failed();
        throw thrown;
      }
    },
    close: () => http.close(),
  };
}
