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

/** The activations of a store in order, so that each round can be judged under the set in force at its place. */
export async function readActivations(tx: Transaction, store: string): Promise<{ seq: number; hash: string }[]> {
  return await tx`select seq, data->>'hash' as hash from events where store = ${store} and type = 'rules.activated' order by seq`;
}

/** Whether the sandbox has sent the last delivery of this store's replay. */
export async function readReplayEnded(tx: Transaction, store: string): Promise<number | undefined> {
  const [row] = await tx<
    { seq: number }[]
  >`select seq from events where store = ${store} and type = 'replay.ended' order by seq limit 1`;
  return row?.seq;
}
