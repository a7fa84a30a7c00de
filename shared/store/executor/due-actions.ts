import type { ResourceKey } from '#shared/contracts/resource.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from '../connect.ts';
import { storeNow } from './store-clock.ts';
import { mayExecute } from './watch.ts';

/** An action that this instance may carry out now, or look after. */
export interface TakenAction {
  readonly store: string;
  readonly action: string;
  readonly type: string;
  readonly agent: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly leaves: ResourceKey[];
  readonly inverse: readonly { readonly action: string; readonly params: Readonly<Record<string, unknown>> }[] | null;
  readonly notBefore: string;
  readonly correlation: string;
  readonly depth: number;
  readonly attempts: number;
}

/** An action that is this instance's to call. `callBy` is this call's alone: another call of the same action has another. */
export interface CalledAction extends TakenAction {
  readonly callBy: string;
}

export async function listStores(sql: Sql): Promise<string[]> {
  const rows = await sql<{ store: string }[]>`select store from stores order by store`;
  return rows.map((row) => row.store);
}

/**
 * From `pending` to `calling`: the one statement that decides whether an action is carried out. It finds none that was
 * revoked, whose time has not come or is over, one of whose claims has ended, or on whose leaves another call is under
 * way. `types` are the wanted types in order of urgency. The row lock makes this and a revocation exclude each other.
 */
export async function takeDueActions(
  tx: Transaction,
  owner: string,
  types: readonly string[],
  limit: number,
): Promise<CalledAction[]> {
  return await tx<CalledAction[]>`
    with due as (
      select a.store, a.action, array_position(${types as string[]}::text[], a.type) as urgency from actions a join stores s on s.store = a.store
      where a.state = 'pending' and ${mayExecute(tx)} and a.type = any(${types as string[]}::text[])
        and a.not_before <= ${storeNow(tx)} and (a.not_after is null or a.not_after > ${storeNow(tx)})
        and (a.next_look_at is null or a.next_look_at <= clock_timestamp())
        and not exists (select 1 from claims c where c.store = a.store and c.action = a.action and c.ended_as is not null)
        and not exists (select 1 from actions b where b.store = a.store and b.state = 'calling' and b.leaves && a.leaves)
      order by urgency, a.not_before, a.action limit ${limit} for update of a skip locked
    )
    update actions a set state = 'calling', owner = ${owner}, attempts = a.attempts + 1, next_look_at = null, reason = null,
      call_by = clock_timestamp() + ${LIMITS.callByMs} * interval '1 millisecond'
    from due where a.store = due.store and a.action = due.action
    returning a.store, a.action, a.type, a.agent, a.params, a.leaves, a.inverse, a.not_before as "notBefore", a.correlation, a.depth, a.attempts,
      a.call_by::text as "callBy"`;
}

/**
 * What will never be called: its time is over, one of its claims has ended, or its store only watches where it would act.
 * Returns how many.
 */
export async function revokeHopeless(tx: Transaction): Promise<number> {
  const rows = await tx`
    update actions x set state = 'revoked', reason = h.why, ended_at = clock_timestamp()
    from (
      select a.store, a.action, case
        when a.not_after <= ${storeNow(tx)} then 'expired'
        when exists (select 1 from claims c where c.store = a.store and c.action = a.action and c.ended_as is not null) then 'displaced'
        when a.not_before <= ${storeNow(tx)} and not ${mayExecute(tx)} then 'watch' end as why
      from actions a join stores s on s.store = a.store where a.state = 'pending'
    ) h
    where x.store = h.store and x.action = h.action and h.why is not null and x.state = 'pending' returning 1`;
  return rows.length;
}

/** Calls whose end nobody will report: past their time, or this instance's own from before its restart. */
export async function takeAbandoned(tx: Transaction, owner: string, restarted: boolean): Promise<TakenAction[]> {
  return await tx<TakenAction[]>`
    select store, action, type, agent, params, leaves, inverse, not_before as "notBefore", correlation, depth, attempts from actions
    where state = 'calling' and (call_by < clock_timestamp() or (${restarted} and owner = ${owner}))
    order by call_by limit ${LIMITS.actionsPerLook} for update skip locked`;
}

export interface LookedAfter extends TakenAction {
  /** True when nothing that was sent can still be on its way: only then does "not there" mean "did not happen". */
  readonly settled: boolean;
  /** False when this was the last look. */
  readonly again: boolean;
}

/**
 * Unknown ends whose next look is due; sets the look after this one. The last one is set again too, for the case that who
 * takes it dies over it, until what came of it is written.
 */
export async function takeUnknown(tx: Transaction): Promise<LookedAfter[]> {
  return await tx<LookedAfter[]>`
    with due as (
      select u.store, u.action, (
        select min(u.ended_at + o * interval '1 millisecond') from unnest(${LIMITS.readBackMs as unknown as number[]}::int[]) o
        where u.ended_at + o * interval '1 millisecond' > clock_timestamp()) as after
      from actions u where u.state = 'unknown' and u.next_look_at <= clock_timestamp()
      order by u.next_look_at limit ${LIMITS.actionsPerLook} for update skip locked
    )
    update actions a set next_look_at = coalesce(due.after, clock_timestamp() + ${LIMITS.callByMs} * interval '1 millisecond')
    from due where a.store = due.store and a.action = due.action
    returning a.store, a.action, a.type, a.agent, a.params, a.leaves, a.inverse, a.not_before as "notBefore", a.correlation, a.depth,
      a.attempts, coalesce(a.call_by < clock_timestamp(), true) as settled, due.after is not null as again`;
}

export interface RevokedAction extends TakenAction {
  readonly reason: string | null;
  readonly now: string;
}

/** Revocations that no event has told yet, marked as told. */
export async function takeUnannounced(tx: Transaction, store: string): Promise<RevokedAction[]> {
  return await tx<RevokedAction[]>`
    with untold as (
      select store, action from actions where store = ${store} and state = 'revoked' and announced_at is null
      order by ended_at, action limit ${LIMITS.revocationsPerLook} for update skip locked
    )
    update actions a set announced_at = clock_timestamp() from untold u, stores s
    where a.store = u.store and a.action = u.action and s.store = a.store
    returning a.store, a.action, a.type, a.agent, a.params, a.leaves, a.inverse, a.not_before as "notBefore", a.correlation, a.depth,
      a.attempts, a.reason, ${storeNow(tx)} as now`;
}

export async function storesWithUnannounced(tx: Transaction): Promise<string[]> {
  const rows = await tx<{ store: string }[]>`
    select distinct store from actions where state = 'revoked' and announced_at is null order by store`;
  return rows.map((row) => row.store);
}

/** The store will show a promotion under this title; what will be written is recorded before the call. */
export async function nameWrites(tx: Transaction, store: string, action: string, title: string): Promise<void> {
  await tx`
    update actions set writes = (
      select coalesce(jsonb_agg(jsonb_set(w, '{value,title}', to_jsonb(${title}::text))), '[]'::jsonb) from jsonb_array_elements(writes) w)
    where store = ${store} and action = ${action}`;
}
