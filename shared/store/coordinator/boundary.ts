import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Transaction } from '../connect.ts';

/** The executor found its time come in a store that only watches. */
const watched = (tx: Transaction) => tx`(a.state = 'revoked' and a.reason = 'watch')`;

/** The state of the action in row `a` as claims show it: what would have been done counts as done while its claims stand. */
const stateSeen = (tx: Transaction) => tx`(case when ${watched(tx)} then 'done' else a.state end)`;

export interface ClaimRow {
  readonly claim: string;
  readonly resource: ResourceKey;
  readonly aspect: string;
  readonly from: string;
  readonly to: string | null;
  readonly exclusive: boolean;
  readonly amount: number | null;
  readonly owner: string;
  readonly layer: unknown;
  readonly action: string | null;
  readonly action_state: string | null;
}

/** Claims in force on these resources, or held by these actions and escalations, with the state of their action; one query a batch. */
export async function readClaims(
  tx: Transaction,
  store: string,
  resources: readonly string[],
  holders: readonly string[],
  now: string,
): Promise<ClaimRow[]> {
  if (resources.length === 0 && holders.length === 0) return [];
  return await tx<ClaimRow[]>`
    select c.claim, c.resource, c.aspect, lower(c.during) as from, upper(c.during) as to, c.exclusive, c.amount, c.owner, c.layer, c.action, ${stateSeen(tx)} as action_state
    from claims c left join actions a on a.store = c.store and a.action = c.action
    where c.store = ${store} and c.ended_as is null and (upper_inf(c.during) or upper(c.during) > ${now})
      and (c.resource = any(${resources as string[]}) or c.action = any(${holders as string[]}))`;
}

export interface EscalationRow {
  readonly escalation: string;
  readonly instance: string;
  readonly key: string;
  readonly rule: string;
  readonly state: 'open' | 'answered';
  readonly options: unknown;
  readonly members: unknown;
  readonly deadline: string;
  readonly default_option: string;
  readonly tier: string;
}

/** Escalations that wait. Their number is bounded by what people are asked, so they are read whole. */
export async function readOpenEscalations(tx: Transaction, store: string): Promise<EscalationRow[]> {
  return await tx<EscalationRow[]>`
    select escalation, instance, key, rule, state, options, members, deadline, default_option, tier
    from escalations where store = ${store} and state in ('open', 'answered')`;
}

/** The last event of a voiding type about each of these subjects. */
export async function readVoids(
  tx: Transaction,
  store: string,
  subjects: readonly string[],
  types: readonly string[],
): Promise<{ subject: string; seq: number }[]> {
  if (subjects.length === 0) return [];
  return await tx`
    select subject, max(seq) as seq from events
    where store = ${store} and subject = any(${subjects as string[]}) and type = any(${types as string[]}) group by subject`;
}

export interface ActionRow {
  readonly action: string;
  readonly type: string;
  readonly agent: string;
  readonly params: unknown;
  readonly leaves: readonly string[];
  readonly writes: unknown;
  readonly inverse: unknown;
  readonly cause: string;
  readonly not_before: string;
  readonly correlation: string;
  readonly depth: number;
  readonly state: string;
  readonly undone: boolean;
}

/** These actions, and those with one of these causes, as far as they may still have to be revoked or undone. */
export async function readStandingActions(
  tx: Transaction,
  store: string,
  actions: readonly string[],
  causes: readonly string[],
): Promise<ActionRow[]> {
  if (actions.length === 0 && causes.length === 0) return [];
  return await tx<ActionRow[]>`
    select a.action, a.type, a.agent, a.params, a.leaves, a.writes, a.inverse, a.cause, a.not_before, a.correlation, a.depth,
      case when ${watched(tx)} then 'watched' else a.state end as state,
      exists (select 1 from actions u where u.store = a.store and u.action = a.action || '.undo') as undone
    from actions a where a.store = ${store} and (a.state in ('pending', 'calling', 'done', 'unknown') or ${watched(tx)})
      and (a.action = any(${actions as string[]}) or a.cause = any(${causes as string[]}))`;
}

export interface EarlierRow extends ClaimRow {
  readonly ended_as: string | null;
}

/** Claims that began lately, over or not: on these resources since the one time, and with one of these redundancy keys since the other. */
export async function readEarlierClaims(
  tx: Transaction,
  store: string,
  changed: { readonly resources: readonly string[]; readonly since: string },
  same: { readonly keys: readonly string[]; readonly since: string },
): Promise<EarlierRow[]> {
  if (changed.resources.length === 0 && same.keys.length === 0) return [];
  return await tx<EarlierRow[]>`
    select c.claim, c.resource, c.aspect, lower(c.during) as from, upper(c.during) as to, c.exclusive, c.amount, c.owner, c.layer, c.action, c.ended_as,
      ${stateSeen(tx)} as action_state
    from claims c left join actions a on a.store = c.store and a.action = c.action
    where c.store = ${store} and (
      (c.resource = any(${changed.resources as string[]}) and lower(c.during) >= ${changed.since} and ${stateSeen(tx)} = 'done')
      or (c.layer ? 'same' and c.layer->'same' ?| ${same.keys as string[]} and lower(c.during) >= ${same.since}))`;
}

export interface CountedRow {
  readonly rule: string;
  readonly scope: string;
  readonly measure: string;
  readonly overMs: number;
  readonly amount: number;
}

/** What has been counted towards these limits within their rolling windows, unless it was struck. */
export async function readCounted(
  tx: Transaction,
  store: string,
  limits: readonly { rule: string; scope: string; measure: string; overMs: number }[],
  now: string,
): Promise<CountedRow[]> {
  if (limits.length === 0) return [];
  return await tx<CountedRow[]>`
    select l.rule, l.scope, l.measure, l."overMs", coalesce(sum(e.amount), 0)::bigint as amount
    from jsonb_to_recordset(${tx.json(limits as never)}) as l(rule text, scope text, measure text, "overMs" bigint)
    join limit_entries e on e.store = ${store} and e.rule = l.rule and e.scope = l.scope and e.measure = l.measure and not e.struck
      and e.now > ${now}::timestamptz - l."overMs" * interval '1 millisecond' and e.now <= ${now}
    group by l.rule, l.scope, l.measure, l."overMs"`;
}

export interface RulingRow {
  readonly key: string;
  readonly option: string;
  readonly by: string;
  readonly at: string;
  readonly remember_until: string | null;
  /** What kind of case a person decided; null where nobody chose. */
  readonly features: unknown;
  /** Of rulings that are still remembered; otherwise null. */
  readonly members: unknown;
  readonly options: unknown;
  readonly cited: unknown;
}

/** The latest rulings: those still remembered, whole, and those that like conflicts show. */
export async function readRulings(tx: Transaction, store: string, limit: number, now: string): Promise<RulingRow[]> {
  return await tx<RulingRow[]>`
    select r.key, r.option, r.by, r.now as at, r.remember_until, r.features,
      case when r.remember_until > ${now} then e.members end as members,
      case when r.remember_until > ${now} then e.options end as options,
      case when r.remember_until > ${now} then e.question->'cited' end as cited
    from rulings r join escalations e on e.store = r.store and e.escalation = r.escalation
    where r.store = ${store} order by r.now desc limit ${limit}`;
}

/** What an attribute of a resource was just before a place in the store's history; absent where it had no value. */
export async function readBefore(
  tx: Transaction,
  store: string,
  wanted: readonly { resource: string; attribute: string; seq: number }[],
): Promise<{ seq: number; value: unknown }[]> {
  if (wanted.length === 0) return [];
  return await tx`
    select w.seq, h.value from jsonb_to_recordset(${tx.json(wanted as never)}) as w(resource text, attribute text, seq bigint)
    cross join lateral (
      select value from fact_history f
      where f.store = ${store} and f.resource = w.resource and f.attribute = w.attribute and f.version < w.seq and f.folded = 'yes'
      order by f.version desc limit 1) h`;
}

/** How often each of these intents, and what it replaces in turn, has been proposed before; bounded by the chain's limit. */
export async function readReplacements(
  tx: Transaction,
  store: string,
  intents: readonly string[],
): Promise<{ intent: string; length: number }[]> {
  if (intents.length === 0) return [];
  return await tx`
    with recursive chain as (
      select intent as start, intent, replaces, 1 as length from decisions where store = ${store} and intent = any(${intents as string[]})
      union all
      select c.start, d.intent, d.replaces, c.length + 1 from chain c join decisions d on d.store = ${store} and d.intent = c.replaces where c.length < 8)
    select start as intent, max(length)::int as length from chain group by start`;
}

/** Open work of a store: what must be over before a replay's clock may jump. */
export async function hasOpenActions(tx: Transaction, store: string): Promise<boolean> {
  const rows = await tx`
    select 1 from actions where store = ${store} and state in ('pending', 'calling') limit 1`;
  return rows.length > 0;
}
