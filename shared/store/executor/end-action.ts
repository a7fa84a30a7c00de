import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '../connect.ts';
import type { CalledAction } from './due-actions.ts';
import { storeNow } from './store-clock.ts';

export interface ActionEnd {
  readonly state: 'done' | 'failed' | 'unknown';
  readonly reason: string | null;
  readonly outcome: Readonly<Record<string, unknown>>;
  /** For `unknown`: when to look first; absent where there is nothing to look at. */
  readonly lookInMs?: number | undefined;
}

/**
 * Writes the end of an action that is `calling`, or `unknown` until now. Returns the store's clock, or undefined when
 * somebody else has ended it meanwhile: then there is nothing to tell.
 */
export async function endAction(
  tx: Transaction,
  store: string,
  action: string,
  end: ActionEnd,
): Promise<string | undefined> {
  const from = end.state === 'unknown' ? ['calling'] : ['calling', 'unknown'];
  const [row] = await tx<{ now: string }[]>`
    update actions a set state = ${end.state}, reason = ${end.reason}, outcome = ${tx.json(end.outcome as never)},
      ended_at = clock_timestamp(), owner = null,
      next_look_at = clock_timestamp() + ${end.lookInMs ?? null}::float8 * interval '1 millisecond'
    from stores s where s.store = a.store and a.store = ${store} and a.action = ${action} and a.state = any(${from})
    returning ${storeNow(tx)} as now`;
  return row?.now;
}

/** Nobody will look at an unknown end again. False when somebody else has seen to it meanwhile. */
export async function stopLooking(tx: Transaction, store: string, action: string): Promise<boolean> {
  const rows = await tx`
    update actions set next_look_at = null
    where store = ${store} and action = ${action} and state = 'unknown' and next_look_at is not null returning 1`;
  return rows.length === 1;
}

/** Which call of an action it is that somebody reports on. */
type Call = Pick<CalledAction, 'store' | 'action' | 'callBy'>;

/**
 * Only what this call has begun: a commit whose answer was lost is written again, and by then the action may be under way
 * anew, here or elsewhere. Nobody takes another's call for their own.
 */
const isThisCall = (tx: Transaction, { store, action, callBy }: Call) =>
  tx`store = ${store} and action = ${action} and call_by = ${callBy}::timestamptz`;

/**
 * Known not to have happened and worth another try: back to `pending`, where it can be revoked, until its next time. False
 * after the last try, whose end is still to be written.
 */
export async function postponeAction(
  tx: Transaction,
  call: Call,
  { reason, againInMs }: { readonly reason: string; readonly againInMs: number },
): Promise<boolean> {
  const rows = await tx`
    update actions set state = 'pending', owner = null, call_by = null, reason = ${reason},
      next_look_at = clock_timestamp() + ${againInMs} * interval '1 millisecond'
    where ${isThisCall(tx, call)} and state = 'calling' and attempts < ${LIMITS.actionTries} returning 1`;
  if (rows.length === 1) return true;
  const left = await tx`select 1 from actions where ${isThisCall(tx, call)} and state in ('calling', 'unknown')`;
  return left.length === 0;
}

/** Taken, but not begun: back to `pending` as it was. Being taken was no try. */
export async function giveBackAction(tx: Transaction, call: Call): Promise<void> {
  await tx`
    update actions set state = 'pending', owner = null, call_by = null, attempts = attempts - 1
    where ${isThisCall(tx, call)} and state = 'calling'`;
}
