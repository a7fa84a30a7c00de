import type { Transaction } from '../connect.ts';

export async function storeRuleSet(
  tx: Transaction,
  hash: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await tx`insert into rule_sets (hash, files, findings) values (${hash}, ${tx.json(files)}, '[]') on conflict do nothing`;
}

export async function readRuleSet(tx: Transaction, hash: string): Promise<Record<string, string> | undefined> {
  const [row] = await tx<{ files: Record<string, string> }[]>`select files from rule_sets where hash = ${hash}`;
  return row?.files;
}

export interface ActivationRow {
  readonly seq: number;
  readonly hash: string;
  readonly how: string | null;
}

/** The activations of a store in order, so that each round can be judged under the set in force at its place. */
export async function readActivations(tx: Transaction, store: string): Promise<ActivationRow[]> {
  return await tx<ActivationRow[]>`
    select seq, data->>'hash' as hash, data->>'how' as how from events
    where store = ${store} and type = 'rules.activated' order by seq`;
}

/** What the folder holds for a store now. What is the same as before keeps the time at which it was first seen. */
export async function writeCandidate(
  tx: Transaction,
  store: string,
  candidate: { readonly hash: string | undefined; readonly faults: readonly string[] },
): Promise<void> {
  await tx`
    insert into rule_candidates as c (store, hash, faults) values (${store}, ${candidate.hash ?? null}, ${tx.json(candidate.faults)})
    on conflict (store) do update set hash = excluded.hash, faults = excluded.faults, seen_at = clock_timestamp()
    where (c.hash, c.faults) is distinct from (excluded.hash, excluded.faults)`;
}

/** The set that stays in force whatever the folder says; null lets the folder speak again. */
export async function pinRules(tx: Transaction, store: string, hash: string | null): Promise<void> {
  await tx`update stores set rules_pinned = ${hash} where store = ${store}`;
}

export async function readPinned(tx: Transaction, store: string): Promise<string | undefined> {
  const [row] = await tx<{ pinned: string | null }[]>`select rules_pinned as pinned from stores where store = ${store}`;
  return row?.pinned ?? undefined;
}

/** Whether the sandbox has sent the last delivery of this store's replay. */
export async function readReplayEnded(tx: Transaction, store: string): Promise<number | undefined> {
  const [row] = await tx<
    { seq: number }[]
  >`select seq from events where store = ${store} and type = 'replay.ended' order by seq limit 1`;
  return row?.seq;
}
