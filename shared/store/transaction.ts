import type { Sql, Transaction } from './connect.ts';

/**
 * Runs `work` in one transaction that has named its stores, so that row-level policies let it see those and no others.
 * The name is sent ahead without waiting for its answer, in the same packet train as the first statement.
 */
export function inStores<Result>(
  sql: Sql,
  stores: readonly string[],
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return sql.begin(async (tx) => {
    const named = tx`select set_config('app.stores', ${stores.join(',')}, true)`.execute();
    const [result] = await Promise.all([work(tx), named]);
    return result;
  }) as Promise<Result>;
}
