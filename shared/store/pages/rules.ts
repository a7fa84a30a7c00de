import type { Transaction } from '../connect.ts';

/** How a set came into force in a store, and what was decided under it. */
export interface ActivationView {
  readonly store: string;
  readonly seq: number;
  readonly hash: string;
  readonly previous: string | null;
  readonly by: string;
  readonly how: string | null;
  readonly pinned: boolean;
  readonly note: string | null;
  /** Store clock and wall clock. */
  readonly now: string;
  readonly id: string;
}

export interface CandidateView {
  readonly hash: string | null;
  readonly faults: readonly string[];
  readonly seenAt: string;
}

export interface ShadowView {
  /** The request that began it: the rounds after it are tried, up to `endedSeq`. */
  readonly seq: number;
  readonly hash: string;
  readonly startedAt: string;
  readonly endedSeq: number | null;
  readonly rounds: number;
  readonly decisions: number;
  readonly different: number;
  readonly faults: number;
  readonly lastFault: string | null;
}

export interface RefusalView {
  readonly seq: number;
  readonly want: string;
  readonly hash: string | null;
  readonly reason: string;
  readonly now: string;
}

/** Everything that there is to know of a store's rules now. */
export interface RulesView {
  readonly store: string;
  readonly inForce: ActivationView | undefined;
  readonly candidate: CandidateView | undefined;
  readonly pinned: string | undefined;
  readonly shadow: ShadowView | undefined;
  /** What a person asked for last, where it could not be done and nothing has come into force since. */
  readonly refused: RefusalView | undefined;
}

export async function readRules(tx: Transaction, store: string): Promise<RulesView> {
  const [row] = await tx<{ pinned: string | null }[]>`select rules_pinned as pinned from stores where store = ${store}`;
  const [inForce] = await readActivations(tx, store, 1);
  const [candidate] = await tx<CandidateView[]>`
    select hash, faults, seen_at as "seenAt" from rule_candidates where store = ${store}`;
  const [refused] = await tx<RefusalView[]>`
    select seq, data->>'want' as want, data->>'hash' as hash, data->>'reason' as reason, now from events
    where store = ${store} and type = 'rules.refused' and seq > ${inForce?.seq ?? 0} order by seq desc limit 1`;
  const shadow = await readShadow(tx, store);
  return {
    store,
    inForce,
    candidate,
    pinned: row?.pinned ?? undefined,
    shadow: shadow?.endedSeq === null ? shadow : undefined,
    refused,
  };
}

/** Activations, the newest first. */
async function readActivations(tx: Transaction, store: string, limit: number): Promise<ActivationView[]> {
  return await tx<ActivationView[]>`
    select store, seq, data->>'hash' as hash, data->>'previous' as previous, data->>'by' as by, data->>'how' as how,
      coalesce((data->>'pinned')::boolean, false) as pinned, data->>'note' as note, now, id
    from events where store = ${store} and type = 'rules.activated' order by seq desc limit ${limit}`;
}

export interface HistoryRow extends ActivationView {
  /** Decisions of the rounds from its place to that of the next one. */
  readonly decisions: number;
}

/** The newest first. Rounds before the first activation were judged under the first. */
export async function readRuleHistory(tx: Transaction, store: string, limit: number): Promise<HistoryRow[]> {
  const rows = await readActivations(tx, store, limit + 1);
  const counted: HistoryRow[] = [];
  for (const [index, row] of rows.slice(0, limit).entries()) {
    const from = index === rows.length - 1 ? 0 : row.seq;
    const to = rows[index - 1]?.seq ?? null;
    const [found] = await tx<{ n: number }[]>`
      select count(*)::int as n from decisions where store = ${store} and seq >= ${from} and (${to}::bigint is null or seq < ${to})`;
    counted.push({ ...row, decisions: found?.n ?? 0 });
  }
  return counted;
}

/** The run that goes on, or else the last one. */
export async function readShadow(tx: Transaction, store: string): Promise<ShadowView | undefined> {
  const [row] = await tx<ShadowView[]>`
    select r.seq, r.rule_set as hash, r.started_at as "startedAt", r.ended_seq as "endedSeq", r.rounds, r.decisions, r.faults, r.last_fault as "lastFault",
      (select count(*)::int from shadow_decisions d where d.store = r.store and d.rule_set = r.rule_set and d.seq > r.seq
        and (r.ended_seq is null or d.seq <= r.ended_seq)) as different
    from shadow_runs r where r.store = ${store} order by r.seq desc limit 1`;
  return row;
}

/** Differences that are alike, counted and summed. */
export interface ShadowGroup {
  readonly agent: string;
  readonly actionType: string;
  readonly from: string;
  readonly fromRule: string;
  readonly to: string;
  readonly toRule: string;
  readonly decisions: number;
  /** What would have been done less what was done, in minor units of the store's currency. */
  readonly revenueMinor: number;
  readonly marginMinor: number;
  readonly cashMinor: number;
  readonly example: string;
}

export async function readShadowGroups(tx: Transaction, store: string, run: ShadowView): Promise<ShadowGroup[]> {
  return await tx<ShadowGroup[]>`
    select d.agent, d.action_type as "actionType", s.live_verdict as "from", s.live_rule as "fromRule", s.verdict as "to", s.rule as "toRule",
      count(*)::int as decisions, min(s.intent) as example,
      sum((s.impact->>'revenueMinor')::numeric - (s.live_impact->>'revenueMinor')::numeric)::bigint as "revenueMinor",
      sum((s.impact->>'marginMinor')::numeric - (s.live_impact->>'marginMinor')::numeric)::bigint as "marginMinor",
      sum((s.impact->>'cashMinor')::numeric - (s.live_impact->>'cashMinor')::numeric)::bigint as "cashMinor"
    from shadow_decisions s join decisions d using (store, intent)
    where s.store = ${store} and s.rule_set = ${run.hash} and s.seq > ${run.seq} and (${run.endedSeq}::bigint is null or s.seq <= ${run.endedSeq})
    group by 1, 2, 3, 4, 5, 6 order by decisions desc, agent, "actionType"`;
}

/** Hashes of the sets that are kept and begin so. */
export async function findRuleSets(tx: Transaction, beginning: string, limit: number): Promise<string[]> {
  const rows = await tx<{ hash: string }[]>`
    select hash from rule_sets where starts_with(hash, ${beginning}) order by stored_at desc limit ${limit}`;
  return rows.map((row) => row.hash);
}

export async function readRuleFiles(tx: Transaction, hash: string): Promise<Record<string, string> | undefined> {
  const [row] = await tx<{ files: Record<string, string> }[]>`select files from rule_sets where hash = ${hash}`;
  return row?.files;
}

/** What came of a request: the coordinator's event that it caused, once there is one. */
export async function readRequestOutcome(
  tx: Transaction,
  store: string,
  request: string,
): Promise<{ type: string; seq: number; data: Record<string, unknown> } | undefined> {
  const [row] = await tx<{ type: string; seq: number; data: Record<string, unknown> }[]>`
    select type, seq, data from events
    where store = ${store} and type in ('rules.activated', 'rules.refused', 'rules.shadowed') and cause = ${request} order by seq limit 1`;
  return row;
}
