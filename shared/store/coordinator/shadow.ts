import type { Transaction } from '../connect.ts';

/** A time during which a set is tried beside the one in force; `seq` is the event that began it. */
export interface ShadowRun {
  readonly seq: number;
  readonly hash: string;
}

export async function readShadowRun(tx: Transaction, store: string): Promise<ShadowRun | undefined> {
  const [row] = await tx<ShadowRun[]>`
    select seq, rule_set as hash from shadow_runs where store = ${store} and ended_seq is null order by seq desc limit 1`;
  return row;
}

export async function startShadowRun(tx: Transaction, store: string, run: ShadowRun): Promise<void> {
  await tx`insert into shadow_runs (store, seq, rule_set) values (${store}, ${run.seq}, ${run.hash})`;
}

export async function endShadowRun(tx: Transaction, store: string, seq: number): Promise<void> {
  await tx`update shadow_runs set ended_seq = ${seq} where store = ${store} and ended_seq is null`;
}

/** What a batch of rounds adds to a run: only what differs is kept intent by intent, the rest is counted. */
export interface ShadowGain {
  readonly rounds: number;
  readonly decisions: number;
  readonly faults: number;
  readonly lastFault: string | undefined;
  readonly differences: readonly Readonly<Record<string, unknown>>[];
}

export async function addToShadowRun(tx: Transaction, store: string, run: ShadowRun, gain: ShadowGain): Promise<void> {
  await tx`
    update shadow_runs set rounds = rounds + ${gain.rounds}, decisions = decisions + ${gain.decisions},
      faults = faults + ${gain.faults}, last_fault = coalesce(${gain.lastFault ?? null}, last_fault)
    where store = ${store} and seq = ${run.seq}`;
  if (gain.differences.length === 0) return;
  await tx`
    insert into shadow_decisions (store, seq, intent, rule_set, verdict, rule, reasons, live_verdict, live_rule, params, impact, live_impact)
    select ${store}, seq, intent, ${run.hash}, verdict, rule, reasons, "liveVerdict", "liveRule", params, impact, "liveImpact"
    from jsonb_to_recordset(${tx.json(gain.differences as never)}) as r(seq bigint, intent text, verdict text, rule text, reasons jsonb,
      "liveVerdict" text, "liveRule" text, params jsonb, impact jsonb, "liveImpact" jsonb)
    on conflict do nothing`;
}
