import { backoffMs } from '#shared/kernel/backoff.ts';
import { TransientError, toParleyError } from '#shared/kernel/errors.ts';
import { type Clocks, sleep } from '#shared/runtime/clocks.ts';

const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;

/** Nothing was sent, because the store has not been answering or the action's time is over: trying on would be told the same. */
export class LeftAloneError extends TransientError {}

/**
 * Begins a call, and again when it is known not to have happened, until the signal says that it is too late to begin;
 * then the last error stands. A call that has begun is not cut off by the signal: that would only make its end unknown.
 * What may have happened is never tried again.
 */
export async function tryWithin<Result>(
  attempt: () => Promise<Result>,
  signal: AbortSignal,
  clocks: Clocks,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    if (signal.aborted) throw new TransientError('timeout', 'No time was left to begin the call');
    try {
      return await attempt();
    } catch (thrown) {
      const error = toParleyError(thrown);
      if (error.retry !== 'later' || error instanceof LeftAloneError || signal.aborted) throw error;
      await sleep(backoffMs(tries, FIRST_WAIT_MS, LONGEST_WAIT_MS, clocks.random()), signal);
      if (signal.aborted) throw error;
    }
  }
}
