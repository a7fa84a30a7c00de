import type { ReadBack } from '#shared/connectors/connector.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import {
  type LookedAfter,
  revokeHopeless,
  storesWithUnannounced,
  takeAbandoned,
  takeUnannounced,
  takeUnknown,
} from '#shared/store/executor/due-actions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { MAIL_MAY_HAVE_LEFT } from './carry-out.ts';
import { isMail } from './customer-mail.ts';
import type { Deps } from './deps.ts';
import { prepareErrand } from './errand.ts';
import { endAndTell, endEvent, leaveToPerson, publish } from './tell.ts';

/** Revokes what will never be called, and tells of every revocation that nobody has told of. */
export async function tellRevocations(stores: readonly string[], deps: Deps): Promise<void> {
  const untold = await inStores(deps.sql, stores, async (tx) => {
    await revokeHopeless(tx);
    return storesWithUnannounced(tx);
  });
  for (const store of untold) {
    const events = await inStores(deps.sql, [store], async (tx) => {
      const revoked = await takeUnannounced(tx, store);
      const drafts = revoked.map((row) =>
        endEvent(row, 'revoked', { id: deps.clocks.newId(), now: row.now, reason: row.reason }),
      );
      return appendEvents(tx, store, drafts);
    });
    for (const _ of events) deps.counts.add('action.revoked');
    publish(events, deps);
  }
}

/**
 * Calls that nobody will report on are unknown from now on. What went to a store is looked at; a mail cannot be, and is
 * left to a person.
 */
export async function ownUpToAbandoned(stores: readonly string[], restarted: boolean, deps: Deps): Promise<void> {
  const abandoned = await inStores(deps.sql, stores, (tx) => takeAbandoned(tx, deps.owner, restarted));
  for (const taken of abandoned) {
    const end = {
      state: 'unknown',
      reason: 'timeout',
      outcome: { detail: 'The caller died or was too slow' },
    } as const;
    if (!isMail(taken.type)) await endAndTell(taken, { ...end, lookInMs: 0 }, deps);
    else await endAndTell(taken, end, deps, { reason: 'timeout', detail: MAIL_MAY_HAVE_LEFT });
  }
}

export async function lookAtUnknown(stores: readonly string[], deps: Deps): Promise<void> {
  const due = await inStores(deps.sql, stores, (tx) => takeUnknown(tx));
  await Promise.all(due.map((taken) => look(taken, deps)));
}

async function look(taken: LookedAfter, deps: Deps): Promise<void> {
  const shown = await readBack(taken, deps);
  deps.logger.info({ action: taken.action, type: taken.type, shown: shown.end }, 'read back');
  if (shown.end === 'done') {
    await endAndTell(taken, { state: 'done', reason: null, outcome: { ...shown.outcome, readBack: true } }, deps);
  } else if (shown.end === 'failed' && taken.settled) {
    const outcome = { detail: shown.detail, readBack: true };
    await endAndTell(taken, { state: 'failed', reason: 'store-unavailable', outcome }, deps);
  } else if (!taken.again) {
    const detail = `Nobody can tell whether it happened: ${shown.detail}`;
    await leaveToPerson(taken, { reason: 'timeout', detail }, deps);
  }
}

async function readBack(taken: LookedAfter, deps: Deps): Promise<ReadBack> {
  try {
    const { connector, action } = await prepareErrand(taken, deps);
    return await connector.readBack(action, AbortSignal.timeout(LIMITS.callMarginMs));
  } catch (thrown) {
    return { end: 'unknown', detail: toParleyError(thrown).message };
  }
}
