import type { Transaction } from '../connect.ts';
import type { ConflictRow, DecisionRow } from './feed.ts';

export interface WholeDecision extends DecisionRow {
  readonly inputs: {
    readonly facts?: readonly (readonly [string, string, number])[];
    readonly claims?: readonly string[];
    readonly ruleSet?: string;
  };
  readonly replaces: string | null;
  readonly action: string | null;
  /** In the agent's own words; absent where its answer is no longer kept. */
  readonly said: string | null;
  /** The agent said that a second part may come: this was not all that it has to say. */
  readonly more: boolean;
}

export interface ActionRow {
  readonly action: string;
  readonly type: string;
  readonly state: string;
  readonly reason: string | null;
  readonly leaves: readonly string[];
  readonly attempts: number;
  readonly notBefore: string;
  readonly endedAt: string | null;
}

/** A fact that a decision rests on, as it was then. */
export interface CitedFact {
  readonly resource: string;
  readonly attribute: string;
  readonly version: number;
  /** Null where that version is no longer kept. */
  readonly value: unknown;
  readonly time: string | null;
  readonly source: string | null;
  /** The event that made it so: its `seq` is the version. */
  readonly event: string | null;
}

/** A claim that a decision rests on. */
interface CitedClaim {
  readonly claim: string;
  readonly owner: string;
  readonly action: string;
  readonly resource: string;
  readonly aspect: string;
  readonly from: string;
  readonly to: string | null;
}

/** One decision with all that a person needs to understand it. */
export interface DecisionFile {
  readonly decision: WholeDecision;
  readonly round: RoundRow | undefined;
  /** Other intents of the same round. */
  readonly others: readonly DecisionRow[];
  readonly conflicts: readonly ConflictRow[];
  readonly facts: readonly CitedFact[];
  readonly claims: readonly CitedClaim[];
  readonly action: ActionRow | undefined;
  /** Set where it waits for, or was settled by, a person. */
  readonly escalation: { readonly escalation: string; readonly state: string } | undefined;
}

interface RoundRow {
  readonly expected: readonly string[];
  readonly missing: readonly string[];
  readonly answers: number;
  readonly ruleSet: string | null;
  readonly closedAs: string | null;
  readonly openedAt: string;
  readonly closedAt: string | null;
}

const OTHERS_MAX = 20;

export async function readDecision(tx: Transaction, intent: string): Promise<DecisionFile | undefined> {
  const [decision] = await tx<WholeDecision[]>`
    select d.store, d.seq, d.intent, d.agent, d.action_type as "actionType", d.resource, d.params, d.verdict, d.rule, d.reasons, d.inputs,
      d.replaces, d.action, d.wakes_on as "wakesOn", d.now, r.closed_at as at, e.type as "causeType", e.subject as "causeSubject",
      a.said, coalesce(a.more, false) as more
    from decisions d
    left join lateral (
      select body->'intents'->(split_part(d.intent, '.', 4))::int->>'reason' as said, (body->>'more')::boolean as more from answers
      where store = d.store and event::text = split_part(d.intent, '.', 1) and seq = d.seq and agent = d.agent
        and part::text = split_part(d.intent, '.', 3) limit 1) a on true
    left join rounds r on r.store = d.store and r.seq = d.seq
    left join events e on e.store = d.store and e.seq = d.seq
    where d.intent = ${intent} and d.intent ~ '^[0-9a-f-]{36}[.][a-z0-9-]+[.][0-9]+[.][0-9]+$'`;
  if (!decision) return undefined;
  const { store, seq } = decision;
  const [round] = await tx<RoundRow[]>`
    select expected, missing, answers, rule_set as "ruleSet", closed_as as "closedAs", opened_at as "openedAt", closed_at as "closedAt"
    from rounds where store = ${store} and seq = ${seq}`;
  const others = await tx<DecisionRow[]>`
    select store, seq, intent, agent, action_type as "actionType", resource, params, verdict, rule, reasons, wakes_on as "wakesOn", now,
      null as at, null as "causeType", null as "causeSubject"
    from decisions where store = ${store} and seq = ${seq} and intent <> ${intent} order by intent limit ${OTHERS_MAX}`;
  const conflicts = await tx<ConflictRow[]>`
    select store, seq, n, class, stake, members, now, null as at from conflicts
    where store = ${store} and seq = ${seq} and members @> ${tx.json([{ id: intent }])} order by n`;
  const [action] = await tx<ActionRow[]>`
    select action, type, state, reason, leaves, attempts, not_before as "notBefore", ended_at as "endedAt"
    from actions where store = ${store} and action = ${decision.action ?? intent}`;
  const [escalation] = await tx<{ escalation: string; state: string }[]>`
    select escalation, state from escalations
    where store = ${store} and (escalation = ${decision.wakesOn ?? ''} or (seq = ${seq} and members @> ${tx.json([{ id: intent }])})) limit 1`;
  const facts = await readCitedFacts(tx, store, decision.inputs.facts ?? []);
  const claims = await tx<CitedClaim[]>`
    select claim, owner, layer->>'action' as action, resource, aspect, lower(during) as "from", upper(during) as "to"
    from claims where store = ${store} and claim = any(${(decision.inputs.claims ?? []) as string[]}) order by claim`;
  return { decision, round, others, conflicts, facts, claims, action, escalation };
}

/** The values that cited facts had at the versions cited, with the events that made them so. */
async function readCitedFacts(
  tx: Transaction,
  store: string,
  cited: readonly (readonly [string, string, number])[],
): Promise<CitedFact[]> {
  if (cited.length === 0) return [];
  const resources = cited.map(([resource]) => resource);
  const attributes = cited.map(([, attribute]) => attribute);
  const versions = cited.map(([, , version]) => version);
  return await tx<CitedFact[]>`
    select w.resource, w.attribute, w.version, coalesce(h.value, f.value) as value, coalesce(h.time, f.time) as time,
      coalesce(h.source, f.source) as source, e.type as event
    from unnest(${resources}::text[], ${attributes}::text[], ${versions}::bigint[]) with ordinality as w(resource, attribute, version, n)
    left join fact_history h on h.store = ${store} and h.resource = w.resource and h.attribute = w.attribute and h.version = w.version
    left join facts f on f.store = ${store} and f.resource = w.resource and f.attribute = w.attribute and f.version = w.version
    left join events e on e.store = ${store} and e.seq = w.version
    order by w.n`;
}

/** Intents whose id begins so; at most `limit`, to offer when an id was not typed whole. */
export async function findIntents(tx: Transaction, prefix: string, limit: number): Promise<string[]> {
  const rows = await tx<{ intent: string }[]>`
    select intent from decisions where starts_with(intent, ${prefix}) order by intent limit ${limit}`;
  return rows.map((row) => row.intent);
}
