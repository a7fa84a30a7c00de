import {
  type ParleyError,
  PermanentError,
  type Reason,
  TransientError,
  toParleyError,
  UnknownOutcomeError,
} from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { REFUSALS, type Refusal } from './refusals.ts';

/** A read can always be asked again; a write whose answer is missing may have happened. */
export type CallKind = 'read' | 'write';

/** Codes of connections that never came to be: nothing was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export function maybeHappened(kind: CallKind, reason: Reason, message: string, cause?: unknown): ParleyError {
  return kind === 'read'
    ? new TransientError(reason, message, { cause })
    : new UnknownOutcomeError(reason, message, { cause });
}

/** What broke a request off that may have been sent, as the answer to "did it happen?". */
export function faultOfThrown(thrown: unknown, kind: CallKind): ParleyError {
  const error = thrown as { name?: string; code?: string; cause?: { code?: string; errors?: { code?: string }[] } };
  const code = error.cause?.code ?? error.cause?.errors?.[0]?.code ?? error.code ?? '';
  if (NOT_SENT.has(code)) {
    return new TransientError('store-unavailable', `The store cannot be reached (${code})`, { cause: thrown });
  }
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return maybeHappened(kind, 'timeout', 'The store did not answer in time', thrown);
  }
  return maybeHappened(kind, 'store-unavailable', `The connection to the store broke (${code || 'no code'})`, thrown);
}

/** An HTTP status other than 2xx. */
export function faultOfStatus(status: number, kind: CallKind): ParleyError {
  const message = `The store answered ${status}`;
  if (status === 429) return new TransientError('store-throttled', message);
  if (status === 503) return new TransientError('store-unavailable', message);
  if (status >= 500) return maybeHappened(kind, 'store-unavailable', message);
  if (status === 401 || status === 403) return new PermanentError('not-permitted', message);
  if (status === 404 || status === 410) return new PermanentError('not-found', message);
  if (status === 409 || status === 412) return new PermanentError('store-conflict', message);
  return new PermanentError('store-refused', message);
}

const KINDS = { never: PermanentError, later: TransientError, unknown: UnknownOutcomeError } as const;

/** The same fault, with what was being done before its text. */
export function inStep(step: string, thrown: unknown): ParleyError {
  const { retry, reason, message } = toParleyError(thrown);
  return new KINDS[retry](reason, `${step}: ${message}`, { cause: thrown });
}

export interface GraphqlError {
  readonly message: string;
  readonly extensions?: { readonly code?: string };
  /** Where in the answer something is missing; absent where the request was not begun. */
  readonly path?: readonly (string | number)[];
}

/** Errors of the request itself, beside `data`. */
export function faultOfErrors(errors: readonly GraphqlError[], kind: CallKind): ParleyError {
  const first = errors[0]!;
  const code = first.extensions?.code ?? (first.message === 'Throttled' ? 'THROTTLED' : '');
  const message = `The store refused the request: ${cut(first.message, 200)}`;
  if (code === 'THROTTLED') return new TransientError('store-throttled', message);
  if (code === 'ACCESS_DENIED') return new PermanentError('not-permitted', message);
  if (code === 'INTERNAL_SERVER_ERROR') return maybeHappened(kind, 'store-unavailable', message);
  return new PermanentError('store-refused', message);
}

export interface UserError {
  readonly message: string;
  readonly code?: string | null;
  readonly field?: readonly string[] | null;
}

/** A code that the table does not know yet is a refusal like another: nothing has happened, and it is shown with its code. */
export function refusalOf(code: string | null | undefined): Refusal {
  return REFUSALS.get(code ?? '') ?? 'store-refused';
}

export function faultOfUserErrors(errors: readonly UserError[], kind: CallKind): ParleyError {
  const first = errors[0]!;
  const message = `The store refused: ${cut(first.message, 200)}${first.code ? ` (${first.code})` : ''}`;
  const refusal = refusalOf(first.code);
  return refusal === 'open' ? maybeHappened(kind, 'store-unavailable', message) : new PermanentError(refusal, message);
}
