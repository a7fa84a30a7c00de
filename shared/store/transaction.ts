import { TransientError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from './connect.ts';

/**
 * Runs `work` in one transaction that has named its stores, so that row-level policies let it see those and no others.
 * The name is sent ahead without waiting for its answer, in the same packet train as the first statement.
 */
export async function inStores<Result>(
  sql: Sql,
  stores: readonly string[],
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  const watchdog = setTimeout(giveUp, LIMITS.transactionMs);
  try {
    const result = await sql.begin(async (tx) => {
      const named = tx`select set_config('app.stores', ${stores.join(',')}, true)`.execute();
      const [done] = await Promise.all([work(tx), named]);
      return done;
    });
    return result as Result;
  } finally {
    clearTimeout(watchdog);
  }
}

/**
 * A statement ends by its own limit; a transaction that is still open long after that waits for an answer that will not
 * come (seen when Postgres was killed while the driver was connecting anew). A process in that state is of no use: it
 * dies, and what it held is found again by lease, position and redelivery.
 */
function giveUp(): never {
  throw new TransientError('database-unavailable', `A transaction has not ended within ${LIMITS.transactionMs} ms.`);
}
