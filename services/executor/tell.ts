import { eventSubject } from '#shared/bus/subjects.ts';
import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import type { TakenAction } from '#shared/store/executor/due-actions.ts';
import { type ActionEnd, endAction, stopLooking } from '#shared/store/executor/end-action.ts';
import { inStores } from '#shared/store/transaction.ts';
import { type Deps, SERVICE } from './deps.ts';

type EndName = ActionEnd['state'] | 'revoked';

/** The event of an action's end. Its time is the store's clock, so that a replayed day counts its own contacts. */
export function endEvent(
  taken: TakenAction,
  end: EndName,
  detail: { readonly id: string; readonly now: string; readonly reason: string | null; readonly outcome?: object },
): Draft {
  return {
    id: detail.id,
    source: SERVICE,
    type: `action.${end}`,
    subject: `store:${taken.store}`,
    time: detail.now,
    store: taken.store,
    correlationid: taken.correlation,
    causationid: taken.action,
    depth: taken.depth,
    data: {
      action: taken.action,
      actionType: taken.type,
      agent: taken.agent,
      leaves: taken.leaves,
      ...(detail.outcome ? { outcome: detail.outcome } : {}),
      ...(detail.reason ? { actionReason: detail.reason } : {}),
    },
  };
}

/** Why an action is left to a person: what the executor cannot find out is set aside where people look. */
export interface Left {
  readonly reason: string;
  readonly detail: string;
}

/**
 * Writes an action's end, its event and what a person is to see of it in one transaction, and publishes after the commit.
 * False when somebody else was first.
 */
export async function endAndTell(taken: TakenAction, end: ActionEnd, deps: Deps, left?: Left): Promise<boolean> {
  const events = await untilWritten(deps, () =>
    inStores(deps.sql, [taken.store], async (tx) => {
      const now = await endAction(tx, taken.store, taken.action, end);
      if (now === undefined) return [];
      const { reason, outcome } = end;
      if (left) await setAside(tx, taken, left, deps);
      return appendEvents(tx, taken.store, [
        endEvent(taken, end.state, { id: deps.clocks.newId(), now, reason, outcome }),
      ]);
    }),
  );
  if (events.length > 0) deps.counts.add(`action.${end.state}`);
  publish(events, deps);
  return events.length > 0;
}

/** An end that stays unknown after the last look is left to a person, once. */
export async function leaveToPerson(taken: TakenAction, left: Left, deps: Deps): Promise<void> {
  await untilWritten(deps, () =>
    inStores(deps.sql, [taken.store], async (tx) => {
      if (await stopLooking(tx, taken.store, taken.action)) await setAside(tx, taken, left, deps);
    }),
  );
}

function setAside(tx: Transaction, taken: TakenAction, left: Left, deps: Deps): Promise<void> {
  const { store, action: ref, type, leaves } = taken;
  const id = deps.clocks.newId();
  return writeDeadLetters(tx, [{ ...left, store, id, service: SERVICE, kind: 'action', ref, raw: { type, leaves } }]);
}

/** An event that the bus does not take is found in Postgres by those who need it. */
export function publish(events: readonly Envelope[], deps: Deps): void {
  for (const event of events) {
    deps.bus
      .publish(eventSubject(event.store, event.type), JSON.stringify(event), event.id)
      .catch((thrown: unknown) => deps.logger.debug({ err: thrown, event: event.id }, 'event not published'));
  }
}

/**
 * What has happened outside must be written down: while Postgres is away it is tried again for as long as the action's
 * time lasts. After that the row speaks for itself, and the action is read back.
 */
export async function untilWritten<Result>(deps: Deps, work: () => Promise<Result>): Promise<Result> {
  for (let waitedMs = 0; ; waitedMs += LIMITS.lookIntoPostgresMs) {
    try {
      return await work();
    } catch (thrown) {
      if (waitedMs >= LIMITS.callByMs) throw thrown;
      deps.logger.warn({ err: toParleyError(thrown) }, 'an end could not be written, trying again');
      await sleep(LIMITS.lookIntoPostgresMs);
    }
  }
}
