/**
 * The one closed list of reasons for which anything in Parley fails or is refused.
 * A reason is stored, counted and shown; its text is for people and may change, the reason may not.
 */
export const REASONS = [
  'app-uninstalled',
  'bad-config',
  'bad-input',
  'bad-signature',
  'body-too-large',
  'bus-unavailable',
  'database-unavailable',
  'duplicate',
  'expired',
  'forbidden-address',
  'foreign-digest',
  'history',
  'internal-error',
  'lease-lost',
  'mail-refused',
  'mail-unavailable',
  'malformed-answer',
  'no-address',
  'no-consent',
  'no-sku',
  'not-found',
  'nothing-new',
  'not-permitted',
  'not-supported',
  'older',
  'overloaded',
  'poison',
  'rate-limited',
  'rule-file-invalid',
  'stale-timestamp',
  'store-conflict',
  'store-full',
  'store-refused',
  'store-throttled',
  'store-unavailable',
  'test-delivery',
  'test-order',
  'thin',
  'timeout',
  'unknown-endpoint',
  'unknown-event-type',
  'unknown-item',
  'unknown-shape',
  'unknown-topic',
] as const;

export type Reason = (typeof REASONS)[number];

/** `never`: the same attempt can only fail again. `later`: the same attempt may succeed. `unknown`: it may have happened; look before trying again. */
export type Retry = 'never' | 'later' | 'unknown';

interface ErrorDetail {
  cause?: unknown;
  /** Where in the input the fault lies: `file:line:column`, a JSON path, a header name. */
  position?: string;
}

export class ParleyError extends Error {
  override readonly name: string = 'ParleyError';
  readonly reason: Reason;
  readonly retry: Retry;
  readonly position: string | undefined;

  constructor(retry: Retry, reason: Reason, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.retry = retry;
    this.reason = reason;
    this.position = detail.position;
  }
}

/** The input is at fault, or the answer is final: trying the same again is pointless. */
export class PermanentError extends ParleyError {
  override readonly name = 'PermanentError';
  constructor(reason: Reason, message: string, detail: ErrorDetail = {}) {
    super('never', reason, message, detail);
  }
}

/** The world is at fault for now: the same attempt may succeed later and has had no effect yet. */
export class TransientError extends ParleyError {
  override readonly name = 'TransientError';
  constructor(reason: Reason, message: string, detail: ErrorDetail = {}) {
    super('later', reason, message, detail);
  }
}

/** The attempt may or may not have had its effect; only a look at the other side can tell. */
export class UnknownOutcomeError extends ParleyError {
  override readonly name = 'UnknownOutcomeError';
  constructor(reason: Reason, message: string, detail: ErrorDetail = {}) {
    super('unknown', reason, message, detail);
  }
}

/** Turns whatever was thrown into a ParleyError, once, at the edge where it is caught. */
export function toParleyError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ParleyError('never', 'internal-error', message, { cause: thrown });
}

/** Crash on the impossible: an invariant that only a bug can break. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new ParleyError('never', 'internal-error', `Invariant broken: ${message}`);
}

/** For the default of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new ParleyError('never', 'internal-error', `Unreachable value: ${JSON.stringify(value)}`);
}
