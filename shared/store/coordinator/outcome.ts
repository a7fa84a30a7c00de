import type { Transaction } from '../connect.ts';

/** One row, its keys named as the statement names its columns; others are ignored. */
type Row = object;

export async function insertDecisions(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into decisions (store, intent, seq, agent, action_type, resource, params, verdict, rule, reasons, inputs, replaces, action, wakes_on, now)
    select store, intent, seq, agent, "actionType", resource, params, verdict, rule, reasons, inputs, replaces, action, "wakesOn", now
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, intent text, seq bigint, agent text, "actionType" text, resource text, params jsonb,
      verdict text, rule text, reasons jsonb, inputs jsonb, replaces text, action text, "wakesOn" text, now timestamptz)`;
}

export async function insertConflicts(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into conflicts (store, seq, n, class, key, instance, stake, members, now)
    select store, seq, n, class, key, instance, stake, members, now
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, seq bigint, n int, class text, key text, instance text, stake jsonb, members jsonb, now timestamptz)`;
}

export async function insertClaims(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into claims (store, claim, resource, aspect, during, exclusive, amount, owner, layer, action)
    select store, claim, resource, aspect, tstzrange("from", "to"), exclusive, amount, owner, layer, action
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, claim text, resource text, aspect text, "from" timestamptz, "to" timestamptz,
      exclusive boolean, amount bigint, owner text, layer jsonb, action text)`;
}

export async function endClaims(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update claims c set ended_as = r.as
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, claim text, "as" text)
    where c.store = r.store and c.claim = r.claim and c.ended_as is null`;
}

/** Gives claims without a window their end; one whose dwell time is none is over at once. */
export async function closeClaims(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update claims c set
      during = case when r.until > lower(c.during) then tstzrange(lower(c.during), r.until) else c.during end,
      ended_as = case when r.until > lower(c.during) then null else 'dwell' end
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, claim text, until timestamptz)
    where c.store = r.store and c.claim = r.claim and c.ended_as is null`;
}

export async function insertActions(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into actions (store, action, type, agent, params, leaves, writes, inverse, cause, not_before, not_after, correlation, depth, state, reason, ended_at)
    select store, action, type, agent, params, leaves, writes, inverse, cause, "notBefore", "notAfter", correlation, depth,
      coalesce(state, 'pending'), reason, case when state is not null then clock_timestamp() end
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, action text, type text, agent text, params jsonb, leaves text[], writes jsonb, inverse jsonb,
      cause text, "notBefore" timestamptz, "notAfter" timestamptz, correlation text, depth int, state text, reason text)`;
  await tx`notify parley_actions`;
}

/**
 * Revokes all of them, or none where one is no longer pending: what was judged rests on all. The ids that it answers will not
 * be called; those that are still pending stay locked until the commit, so that judging again finds them so.
 */
export async function revokeActions(tx: Transaction, rows: readonly Row[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const revoked = await tx<{ action: string }[]>`
    with r as (select * from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, action text, reason text)),
      held as (select a.store, a.action, r.reason from actions a join r using (store, action)
        where a.state = 'pending' order by a.action for no key update of a)
    update actions a set state = 'revoked', reason = held.reason, ended_at = clock_timestamp() from held
    where a.store = held.store and a.action = held.action and (select count(*) from held) = (select count(*) from r)
    returning a.action`;
  if (revoked.length > 0) await tx`notify parley_actions`;
  return new Set(revoked.map((row) => row.action));
}

export async function insertEscalations(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, replaces, opened_at)
    select store, escalation, seq, key, instance, rule, question, options, members, digest, stake, "defaultOption", deadline, tier, replaces, now
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, escalation text, seq bigint, key text, instance text, rule text, question jsonb, options jsonb,
      members jsonb, digest text, stake jsonb, "defaultOption" text, deadline timestamptz, tier text, replaces text, now timestamptz)`;
}

/** A question that ends, and the state in which it was when that was judged. */
export interface EndedEscalation {
  readonly store: string;
  readonly escalation: string;
  readonly was: 'open' | 'answered';
  readonly as: 'ruled' | 'replaced' | 'superseded' | 'voided';
  readonly by: string;
  readonly option: string;
  readonly rememberUntil?: string | undefined;
  readonly now: string;
}

/** Locks the questions that are to end, until the commit; the ids that it found are still in the state that was judged. */
export async function holdEscalations(tx: Transaction, rows: readonly EndedEscalation[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const held = await tx<{ escalation: string }[]>`
    select e.escalation from escalations e
    join jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, escalation text, was text)
      on e.store = r.store and e.escalation = r.escalation and e.state = r.was
    order by e.escalation for no key update of e`;
  return new Set(held.map((row) => row.escalation));
}

/** Ends escalations and writes down the ruling; a person's ruling row is there already and gets its memory. */
export async function endEscalations(tx: Transaction, rows: readonly EndedEscalation[]): Promise<void> {
  if (rows.length === 0) return;
  const ended = await tx`
    with r as (select * from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, escalation text, was text, "as" text, by text, option text, "rememberUntil" timestamptz, now timestamptz)),
      ended as (update escalations e set state = r.as from r where e.store = r.store and e.escalation = r.escalation and e.state = r.was
        returning e.store, e.escalation, e.key, e.instance)
    insert into rulings (store, escalation, by, option, key, instance, remember_until, now)
    select r.store, r.escalation, r.by, r.option, ended.key, ended.instance, r."rememberUntil", r.now from r join ended using (store, escalation)
    on conflict (store, escalation) do update set remember_until = excluded.remember_until
    returning escalation`;
  if (ended.length < rows.length) throw new Error('A question is no longer in the state in which it was to be ended.');
}

export async function insertMails(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into mails (store, mail, recipient, kind, escalation, message_id, digest)
    select store, mail, recipient, kind, escalation, "messageId", digest
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, mail text, recipient text, kind text, escalation text, "messageId" text, digest text)
    on conflict do nothing`;
  await tx`notify parley_mails`;
}

/** How many mails each recipient has been sent or owed in the last day, by Postgres's clock. */
export async function countMailsToday(
  tx: Transaction,
  store: string,
  recipients: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx<{ recipient: string; n: number }[]>`
    select recipient, count(*)::int as n from mails
    where store = ${store} and recipient = any(${recipients as string[]}) and due_at > clock_timestamp() - interval '24 hours' group by recipient`;
  return new Map(rows.map((row) => [row.recipient, row.n]));
}

export async function insertLimits(tx: Transaction, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into limit_entries (store, rule, scope, intent, measure, amount, now)
    select store, rule, scope, intent, measure, amount, now
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, rule text, scope text, intent text, measure text, amount bigint, now timestamptz)
    on conflict do nothing`;
}

export async function strikeLimits(tx: Transaction, store: string, intents: readonly string[]): Promise<void> {
  if (intents.length === 0) return;
  await tx`update limit_entries set struck = true where store = ${store} and intent = any(${intents as string[]})`;
}
