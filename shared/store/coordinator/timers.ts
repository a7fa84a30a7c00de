import type { Transaction } from '../connect.ts';
import { storeNow } from '../executor/store-clock.ts';

export interface TimerRow {
  readonly timer: string;
  readonly due: string;
  readonly kind: 'intent.due' | 'escalation.due' | 'schedule.due';
  readonly recurs: string | null;
  readonly ref: { readonly wakesOn?: string; readonly event: Readonly<Record<string, unknown>> };
}

export async function insertTimers(tx: Transaction, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into timers (store, timer, due, kind, recurs, ref)
    select store, timer, due, kind, recurs, ref
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, timer text, due timestamptz, kind text, recurs text, ref jsonb)
    on conflict do nothing`;
}

/**
 * Takes the timers that are due, the earliest first; a timer becomes its event and goes, in one transaction. Due is what
 * the store's own clock in Postgres has reached, too: it gives the event its time, and this process's may be ahead of it.
 */
export async function takeDueTimers(tx: Transaction, store: string, clock: string, limit: number): Promise<TimerRow[]> {
  return await tx<TimerRow[]>`
    with taken as (
      delete from timers where store = ${store} and timer in (
        select t.timer from timers t join stores s on s.store = t.store
        where t.store = ${store} and t.due <= ${clock} and t.due <= ${storeNow(tx)} order by t.due, t.timer limit ${limit})
      returning timer, due, kind, recurs, ref)
    select * from taken order by due, timer`;
}

/** Takes the timers that wait for one of these: an action's outcome, an escalation's end; in order, as above. */
export async function takeWokenTimers(tx: Transaction, store: string, wakes: readonly string[]): Promise<TimerRow[]> {
  if (wakes.length === 0) return [];
  return await tx<TimerRow[]>`
    with taken as (
      delete from timers where store = ${store} and kind = 'intent.due' and ref->>'wakesOn' = any(${wakes as string[]})
      returning timer, due, kind, recurs, ref)
    select * from taken order by due, timer`;
}

/** Timers of escalations that have ended have nothing left to do. */
export async function dropEscalationTimers(
  tx: Transaction,
  store: string,
  escalations: readonly string[],
): Promise<void> {
  if (escalations.length === 0) return;
  const timers = escalations.flatMap((escalation) => [`default.${escalation}`, `remind.${escalation}`]);
  await tx`delete from timers where store = ${store} and timer = any(${timers})`;
}

/** The next due time; recurring timers are left out on request. */
export async function readNextDue(tx: Transaction, store: string, withRecurring: boolean): Promise<string | undefined> {
  const [row] = await tx<{ due: string }[]>`
    select due from timers where store = ${store} and (${withRecurring} or recurs is null) and due < '9999-01-01' order by due limit 1`;
  return row?.due;
}

export async function dropRecurring(tx: Transaction, store: string): Promise<void> {
  await tx`delete from timers where store = ${store} and recurs is not null`;
}

/** Moves the clock of a replayed store that has nothing else left to do. */
export async function moveClock(tx: Transaction, store: string, to: string): Promise<void> {
  await tx`update stores set clock = greatest(clock, ${to}) where store = ${store} and clock_kind = 'replay'`;
}
