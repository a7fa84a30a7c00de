import type { Fact } from '#shared/contracts/facts.ts';
import type { Transaction } from '../connect.ts';

export interface RoundInputsRow {
  readonly seq: number;
  readonly ruleSet: string;
  readonly inputs: unknown;
}

/** What rounds were judged on, in `seq` order. */
export async function readRoundInputs(
  tx: Transaction,
  store: string,
  span: { readonly after: number; readonly to: number },
  limit: number,
): Promise<RoundInputsRow[]> {
  return await tx<RoundInputsRow[]>`
    select seq, rule_set as "ruleSet", inputs from round_inputs
    where store = ${store} and seq > ${span.after} and seq <= ${span.to} order by seq limit ${limit}`;
}

export interface RoundSpan {
  readonly after: number;
  readonly to: number;
  readonly rounds: number;
  readonly decisions: number;
  /** Decisions whose round has no record. */
  readonly unrecorded: number;
  /** Times of the first and the last recorded round, on the store's clock; null where there is none. */
  readonly since: string | null;
  readonly until: string | null;
  readonly currency: string;
}

/** What there is between two places of a store's history, at most so many days back on its own clock. */
export async function readRoundSpan(
  tx: Transaction,
  store: string,
  wanted: { readonly after: number; readonly to: number; readonly days: number | undefined },
): Promise<RoundSpan | undefined> {
  const days = wanted.days ?? null;
  const [row] = await tx<RoundSpan[]>`
    with span as (
      select greatest(${wanted.after}::bigint, coalesce((select max(e.seq) from events e
          where ${days}::int is not null and e.store = s.store and e.now < s.clock - ${days ?? 0} * interval '1 day'), 0)) as after,
        least(${wanted.to}::bigint, s.head) as "to", s.currency
      from stores s where s.store = ${store})
    select span.after, span."to", span.currency, i.rounds, i.since, i.until, d.decisions, d.unrecorded from span,
      lateral (select count(*)::int as rounds, min(e.now) as since, max(e.now) as until from round_inputs r
        join events e on e.store = r.store and e.seq = r.seq where r.store = ${store} and r.seq > span.after and r.seq <= span."to") i,
      lateral (select count(*)::int as decisions, (count(*) filter (where r.seq is null))::int as unrecorded from decisions d
        left join round_inputs r on r.store = d.store and r.seq = d.seq
        where d.store = ${store} and d.seq > span.after and d.seq <= span."to") d`;
  return row;
}

export interface KeptDecisionRow {
  readonly seq: number;
  readonly intent: string;
  readonly [part: string]: unknown;
}

export async function readDecisionsAt(
  tx: Transaction,
  store: string,
  seqs: readonly number[],
): Promise<KeptDecisionRow[]> {
  if (seqs.length === 0) return [];
  return await tx<KeptDecisionRow[]>`
    select seq, intent, agent, action_type as "actionType", resource, params, verdict, rule, reasons, inputs, replaces, action,
      wakes_on as "wakesOn"
    from decisions where store = ${store} and seq = any(${seqs as number[]}::bigint[]) order by seq, intent`;
}

export interface AnswerView {
  readonly event: string;
  readonly agent: string;
  readonly part: number;
  readonly intents: unknown;
}

export async function readAnswersTo(tx: Transaction, events: readonly string[]): Promise<AnswerView[]> {
  if (events.length === 0) return [];
  return await tx<AnswerView[]>`
    select event, agent, part, coalesce(body->'intents', '[]') as intents from answers
    where event = any(${events as string[]}::uuid[]) order by event, agent, part`;
}

type FactKey = readonly [resource: string, attribute: string, version: number];

/** The values that facts had at these versions; what never went into history is looked for among what is believed now. */
export async function readFactVersions(tx: Transaction, store: string, keys: readonly FactKey[]): Promise<Fact[]> {
  if (keys.length === 0) return [];
  const resources = keys.map(([resource]) => resource);
  const attributes = keys.map(([, attribute]) => attribute);
  const versions = keys.map(([, , version]) => version);
  return await tx<Fact[]>`
    select w.resource, w.attribute, w.version, coalesce(h.value, f.value) as value, coalesce(h.time, f.time) as time
    from unnest(${resources}::text[], ${attributes}::text[], ${versions}::bigint[]) as w(resource, attribute, version)
    left join fact_history h on h.store = ${store} and h.resource = w.resource and h.attribute = w.attribute and h.version = w.version
    left join facts f on h.store is null and f.store = ${store} and f.resource = w.resource and f.attribute = w.attribute and f.version = w.version
    where h.store is not null or f.store is not null`;
}

export interface KeptClaimRow {
  readonly claim: string;
  readonly amount: number | null;
  readonly action: string | null;
  readonly [part: string]: unknown;
}

/** What never changes of claims. */
export async function readClaimsById(tx: Transaction, store: string, ids: readonly string[]): Promise<KeptClaimRow[]> {
  if (ids.length === 0) return [];
  return await tx<KeptClaimRow[]>`
    select claim, resource, aspect, lower(during) as "from", exclusive, amount, owner, layer, action from claims
    where store = ${store} and claim = any(${ids as string[]})`;
}

export async function readEscalationsById(tx: Transaction, store: string, ids: readonly string[]): Promise<object[]> {
  if (ids.length === 0) return [];
  return await tx`
    select escalation, instance, key, rule, state, options, members, deadline, default_option as "defaultOption", tier
    from escalations where store = ${store} and escalation = any(${ids as string[]})`;
}

export async function readActionsById(tx: Transaction, store: string, ids: readonly string[]): Promise<object[]> {
  if (ids.length === 0) return [];
  return await tx`
    select action, type, agent, params, leaves, writes, inverse, cause, not_before as "notBefore", correlation, depth, 'pending' as state
    from actions where store = ${store} and action = any(${ids as string[]})`;
}
