import type { Outcome } from '#shared/connectors/connector.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { backoffMs } from '#shared/kernel/backoff.ts';
import {
  ParleyError,
  PermanentError,
  TransientError,
  toParleyError,
  UnknownOutcomeError,
} from '#shared/kernel/errors.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { CalledAction, TakenAction } from '#shared/store/executor/due-actions.ts';
import { type ActionEnd, postponeAction } from '#shared/store/executor/end-action.ts';
import { inStores } from '#shared/store/transaction.ts';
import { customerLetter, isMail } from './customer-mail.ts';
import type { Deadline, Deps } from './deps.ts';
import { prepareErrand } from './errand.ts';
import { endAndTell, type Left, untilWritten } from './tell.ts';

/** What a person is told of a mail of which nobody knows whether it went: it cannot be looked at. */
export const MAIL_MAY_HAVE_LEFT = 'A mail may have left, and is not sent again';

/** Carries one action out, from its `calling` row to its end. After the deadline no call begins. Never throws on what the outside does. */
export async function carryOut(taken: CalledAction, deadline: Deadline, deps: Deps): Promise<void> {
  const startedAt = performance.now();
  try {
    const outcome = isMail(taken.type) ? await mail(taken, deps) : await call(taken, deadline, deps);
    await endAndTell(taken, { state: 'done', reason: null, outcome }, deps);
  } catch (thrown) {
    const error = toParleyError(thrown);
    deps.logger.info({ action: taken.action, type: taken.type, reason: error.reason, err: error.message }, 'not done');
    await endAs(taken, error, deps);
  }
  deps.counts.add(`call.${taken.type}`, performance.now() - startedAt);
}

async function call(taken: TakenAction, { signal, byMs }: Deadline, deps: Deps): Promise<Outcome> {
  const params = ACTION_TYPES.get(taken.type)?.params.safeParse(taken.params);
  if (!params?.success) throw new PermanentError('bad-input', 'The parameters do not fit the action type');
  const { connector, action } = await beforehand(() => prepareErrand(taken, deps));
  try {
    return await connector.execute({ ...action, beginByMs: byMs }, signal);
  } catch (thrown) {
    // A fault that nobody has classed may lie before or after the write: only a look can tell.
    if (thrown instanceof ParleyError) throw thrown;
    throw new UnknownOutcomeError('internal-error', toParleyError(thrown).message, { cause: thrown });
  }
}

async function mail(taken: TakenAction, deps: Deps): Promise<Outcome> {
  const letter = await beforehand(() => customerLetter(taken, deps));
  await deps.mail.send(letter);
  return { messageId: letter.messageId };
}

/** Until the call nothing has happened: whatever fails here, Postgres above all, may be tried again. */
async function beforehand<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (thrown) {
    if (thrown instanceof ParleyError) throw thrown;
    throw new TransientError('database-unavailable', toParleyError(thrown).message, { cause: thrown });
  }
}

async function endAs(taken: CalledAction, error: ParleyError, deps: Deps): Promise<void> {
  const outcome = { detail: cut(error.message, 300) };
  if (error.retry === 'unknown') {
    const [lookInMs] = LIMITS.readBackMs;
    const end = { state: 'unknown', reason: error.reason, outcome } as const;
    if (!isMail(taken.type)) await endAndTell(taken, { ...end, lookInMs }, deps);
    else await endAndTell(taken, end, deps, { reason: error.reason, detail: MAIL_MAY_HAVE_LEFT });
    return;
  }
  if (error.retry === 'later' && (await postpone(taken, error, deps))) return;
  const failed = { state: 'failed', reason: error.reason, outcome } as const;
  if (error.retry === 'later' && !isMail(taken.type))
    await endAndTell(taken, await lastLook(taken, failed, deps), deps);
  else await endAndTell(taken, failed, deps, notPermitted(taken, error, deps));
}

/**
 * The last of many tries has done nothing, but one of those before it may have done a part: of what takes several calls
 * only the store can tell. Where it cannot be asked, the last try's word stands.
 */
async function lastLook(taken: TakenAction, failed: ActionEnd, deps: Deps): Promise<ActionEnd> {
  try {
    const { connector, action } = await prepareErrand(taken, deps);
    const shown = await connector.readBack(action, AbortSignal.timeout(LIMITS.callMarginMs));
    if (shown.end === 'done') return { state: 'done', reason: null, outcome: { ...shown.outcome, readBack: true } };
    if (shown.end === 'failed') return failed;
    return {
      state: 'unknown',
      reason: failed.reason,
      outcome: { detail: shown.detail },
      lookInMs: LIMITS.readBackMs[0],
    };
  } catch {
    return failed;
  }
}

/** A store that does not let us is a person's to mend; the thousand actions that run into it are not all shown. */
function notPermitted({ store, type }: TakenAction, error: ParleyError, deps: Deps): Left | undefined {
  if (error.reason !== 'not-permitted' || !deps.seldom.isDue(`${store} ${type}`, deps.clocks.nowMs())) return undefined;
  const detail = `The store does not permit ${type}: ${error.message}. "parley store test ${store}" says what is missing.`;
  return { reason: error.reason, detail };
}

async function postpone(taken: CalledAction, error: ParleyError, deps: Deps): Promise<boolean> {
  const againInMs = backoffMs(taken.attempts, LIMITS.actionRetryMs, LIMITS.actionRetryMaxMs, deps.clocks.random());
  deps.counts.add('action.postponed');
  return untilWritten(deps, () =>
    inStores(deps.sql, [taken.store], (tx) => postponeAction(tx, taken, { reason: error.reason, againInMs })),
  );
}
