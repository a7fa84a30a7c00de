import type { Transaction } from '../connect.ts';
import { storeNow } from '../executor/store-clock.ts';

export interface ReportedStore {
  readonly store: string;
  readonly platform: string;
  readonly mode: 'watch' | 'live' | 'removed';
  readonly currency: string;
  readonly zone: string;
  readonly openings: readonly { readonly agent: string; readonly action: string }[];
  /** On the store's own clock. */
  readonly since: string;
  readonly until: string;
  /** When its first event was; null where nothing has happened yet. */
  readonly begun: string | null;
}

/** The store and the time that is reported on; undefined where there is no such store. */
export async function readReportedStore(
  tx: Transaction,
  store: string,
  overMs: number,
): Promise<ReportedStore | undefined> {
  const [row] = await tx<ReportedStore[]>`
    select s.store, s.platform, s.mode, s.currency, s.zone, ${storeNow(tx)} as until,
      ${storeNow(tx)} - ${overMs} * interval '1 millisecond' as since,
      (select now from events e where e.store = s.store order by e.seq limit 1) as begun,
      (select coalesce(jsonb_agg(jsonb_build_object('agent', o.agent, 'action', o.action) order by o.agent, o.action), '[]')
        from openings o where o.store = s.store) as openings
    from stores s where s.store = ${store}`;
  return row;
}

/** How many decisions there were of each kind. */
export interface VerdictCount {
  readonly verdict: string;
  readonly decisions: number;
}

/** A wish that would change nothing is no news: the report counts such apart from what was refused. */
const NO_NEWS = ['no-op'];

export async function countVerdicts(
  tx: Transaction,
  store: string,
  since: string,
): Promise<{ events: number; changedNothing: number; verdicts: VerdictCount[] }> {
  const verdicts = await tx<VerdictCount[]>`
    select verdict, count(*)::int as decisions from decisions
    where store = ${store} and now >= ${since} and rule <> all(${NO_NEWS}) group by 1 order by 2 desc, 1`;
  const [row] = await tx<{ events: number; changedNothing: number }[]>`
    select (select count(*)::int from events where store = ${store} and now >= ${since}) as events,
      (select count(*)::int from decisions where store = ${store} and now >= ${since} and rule = any(${NO_NEWS})) as "changedNothing"`;
  return { events: row!.events, changedNothing: row!.changedNothing, verdicts: [...verdicts] };
}

/** What came of the actions that were granted, by area. */
export interface AreaRow {
  readonly agent: string;
  readonly action: string;
  /** Its time came, and the store only watched. */
  readonly watched: number;
  readonly done: number;
  /** Its time has not come yet, or it is under way. */
  readonly waiting: number;
  /** Failed, or nobody knows. */
  readonly troubled: number;
  /** Taken back before its time: something stronger came, or its reason went away. */
  readonly takenBack: number;
}

export async function readAreas(tx: Transaction, store: string, since: string): Promise<AreaRow[]> {
  return await tx<AreaRow[]>`
    select a.agent, a.type as action,
      (count(*) filter (where a.state = 'revoked' and a.reason = 'watch'))::int as watched,
      (count(*) filter (where a.state = 'done'))::int as done,
      (count(*) filter (where a.state in ('pending', 'calling')))::int as waiting,
      (count(*) filter (where a.state in ('failed', 'unknown')))::int as troubled,
      (count(*) filter (where a.state = 'revoked' and a.reason is distinct from 'watch'))::int as "takenBack"
    from actions a join decisions d on d.store = a.store and d.intent = a.action
    where a.store = ${store} and d.now >= ${since} group by 1, 2 order by 3 desc, 1, 2`;
}

/** One action that only watching kept from being carried out, with the facts that its decision rests on. */
export interface WatchedRow {
  readonly action: string;
  readonly agent: string;
  readonly type: string;
  readonly resource: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly leaves: readonly string[];
  readonly facts: readonly (readonly [string, string, number])[];
  readonly now: string;
}

/** The newest first. */
export async function readWatched(tx: Transaction, store: string, since: string, limit: number): Promise<WatchedRow[]> {
  return await tx<WatchedRow[]>`
    select a.action, a.agent, a.type, d.resource, a.params, a.leaves, coalesce(d.inputs->'facts', '[]') as facts, d.now
    from actions a join decisions d on d.store = a.store and d.intent = a.action
    where a.store = ${store} and a.state = 'revoked' and a.reason = 'watch' and d.now >= ${since}
    order by d.now desc, a.action limit ${limit}`;
}

/** One party of a conflict, with the verdict that it got; null of what was in force before, which got none in that round. */
export interface PartyRow {
  readonly seq: number;
  readonly n: number;
  readonly class: string;
  readonly stake: Readonly<Record<string, number>>;
  readonly id: string;
  readonly agent: string;
  readonly action: string;
  readonly resource: string;
  readonly verdict: string | null;
  readonly rule: string | null;
}

export async function readParties(tx: Transaction, store: string, since: string, limit: number): Promise<PartyRow[]> {
  return await tx<PartyRow[]>`
    with newest as (
      select * from conflicts where store = ${store} and now >= ${since} order by seq desc, n limit ${limit})
    select c.seq, c.n, c.class, c.stake, m.id, m.agent, m.action, m.resource, d.verdict, d.rule
    from newest c cross join jsonb_to_recordset(c.members) as m(id text, agent text, action text, resource text)
    left join decisions d on d.store = c.store and d.intent = m.id and d.seq = c.seq
    order by c.seq desc, c.n, m.id`;
}

/** Questions to people that are alike. */
export interface QuestionRow {
  readonly rule: string;
  readonly tier: string;
  readonly questions: number;
  /** Mail left for so many of them. */
  readonly mailed: number;
  /** A person has answered so many; the others ran into their default, were overtaken, or are open. */
  readonly answered: number;
  readonly open: number;
  readonly default: string;
  readonly example: string;
}

export async function readQuestions(tx: Transaction, store: string, since: string): Promise<QuestionRow[]> {
  return await tx<QuestionRow[]>`
    select e.rule, e.tier, count(*)::int as questions, e.default_option as "default",
      (count(*) filter (where exists (select 1 from mails m where m.store = e.store and m.escalation = e.escalation)))::int as mailed,
      (count(*) filter (where e.state in ('open', 'answered')))::int as open,
      (count(*) filter (where r.by not in ('default', 'superseded', 'voided')))::int as answered, max(e.escalation) as example
    from escalations e left join rulings r on r.store = e.store and r.escalation = e.escalation
    where e.store = ${store} and e.opened_at >= ${since} group by 1, 2, 4 order by 3 desc, 1, 2`;
}

/** Wishes that did not go ahead, by the rule that stood against them. */
export interface RefusedRow {
  readonly agent: string;
  readonly action: string;
  readonly verdict: 'denied' | 'deferred';
  readonly rule: string;
  readonly why: string;
  readonly count: number;
  readonly example: string;
}

export async function readRefused(tx: Transaction, store: string, since: string, limit: number): Promise<RefusedRow[]> {
  return await tx<RefusedRow[]>`
    select agent, action_type as action, verdict, rule, max(reasons->0->>'why') as why, count(*)::int as count, max(intent) as example
    from decisions where store = ${store} and now >= ${since} and verdict in ('denied', 'deferred') and rule <> all(${NO_NEWS})
    group by 1, 2, 3, 4 order by 6 desc, 1, 2, 3, 4 limit ${limit}`;
}

/** What could not be processed at all. */
export interface FaultRow {
  readonly service: string;
  readonly kind: string;
  readonly reason: string;
  readonly count: number;
  readonly detail: string;
}

export async function readFaults(tx: Transaction, store: string, overMs: number): Promise<FaultRow[]> {
  return await tx<FaultRow[]>`
    select service, kind, reason, count(*)::int as count, max(detail) as detail from dead_letters
    where store = ${store} and redriven_at is null and at >= clock_timestamp() - ${overMs} * interval '1 millisecond'
    group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 20`;
}

export interface Knowledge {
  readonly products: number;
  readonly withoutPrice: number;
  readonly withoutCost: number;
  readonly withoutStock: number;
  readonly withoutSupplier: number;
  readonly withoutCategory: number;
  readonly customers: number;
  readonly withoutConsent: number;
}

/** How much is known of what agents and rules look at. */
export async function readKnowledge(tx: Transaction, store: string): Promise<Knowledge> {
  const [row] = await tx<Knowledge[]>`
    with things as (
      select resource, array_agg(attribute) as known from facts
      where store = ${store} and (resource like 'sku:%' and attribute in ('product', 'price', 'cost', 'available', 'supplier', 'category', 'sold')
        or resource like 'customer:%' and attribute in ('consent', 'last-order')) group by resource),
      skus as (select known from things where resource like 'sku:%'),
      customers as (select known from things where resource like 'customer:%')
    select s.*, c.* from
      (select count(*)::int as products,
        (count(*) filter (where not 'price' = any(known)))::int as "withoutPrice",
        (count(*) filter (where not 'cost' = any(known)))::int as "withoutCost",
        (count(*) filter (where not 'available' = any(known)))::int as "withoutStock",
        (count(*) filter (where not 'supplier' = any(known)))::int as "withoutSupplier",
        (count(*) filter (where not 'category' = any(known)))::int as "withoutCategory" from skus) s,
      (select count(*)::int as customers, (count(*) filter (where not 'consent' = any(known)))::int as "withoutConsent" from customers) c`;
  return row!;
}

/** Money and more that an area would have moved, from the facts that its decisions rest on. */
export interface Moved {
  readonly revenueMinor: number;
  readonly marginMinor: number;
  readonly cashMinor: number;
  readonly units: number;
  readonly customers: number;
}

export interface AreaReport extends AreaRow {
  /** Whether it is open now. */
  readonly open: boolean;
  /** Undefined where nothing was watched. */
  readonly moved?: Moved | undefined;
  /** For how many of the watched ones the facts are kept, so that their money is in `moved`. */
  readonly weighed: number;
  readonly examples: readonly {
    readonly intent: string;
    readonly resource: string;
    readonly params: Readonly<Record<string, unknown>>;
    readonly now: string;
  }[];
}

/** Who went ahead of whom, by which rule. */
export interface ClashReport {
  readonly class: string;
  readonly winner: string;
  readonly loser: string;
  /** `denied`, `deferred`, `escalated`, or `displaced` where what was in force gave way. */
  readonly end: string;
  readonly rule: string;
  readonly count: number;
  /** The largest difference in revenue that was at stake in one of them. */
  readonly mostRevenueMinor: number;
  readonly example: string;
}

/** What is not known, of how much, and what hangs on it. */
export interface MissingReport {
  readonly what: string;
  readonly missing: number;
  readonly of: number;
  readonly without: string;
}

/** What a store that only watches would have done. */
export interface WatchReport extends ReportedStore {
  readonly events: number;
  readonly verdicts: readonly VerdictCount[];
  readonly changedNothing: number;
  readonly areas: readonly AreaReport[];
  readonly clashes: readonly ClashReport[];
  readonly questions: readonly QuestionRow[];
  readonly refused: readonly RefusedRow[];
  readonly faults: readonly FaultRow[];
  readonly missing: readonly MissingReport[];
  /** True where there was more than the report reads; counts of areas, questions and refusals are whole all the same. */
  readonly cut: boolean;
}
