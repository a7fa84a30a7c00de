import type { Transaction } from '../connect.ts';

/** What rounds were judged on; a round is judged once, and its record never changes. */
export async function insertRoundInputs(tx: Transaction, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into round_inputs (store, seq, rule_set, inputs)
    select store, seq, "ruleSet", inputs
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, seq bigint, "ruleSet" text, inputs jsonb)`;
}
