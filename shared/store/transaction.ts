import { TransientError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { isUnavailable, type Sql, type Transaction } from './connect.ts';

/** At most so long a connection takes to end after the error that says that it will. */
const CLOSING_MS = 1_000;

/**
 * Runs `work` in one transaction that has named its stores, so that row-level policies let it see those and no others.
 * The name is sent ahead without waiting for its answer, in the same packet train as the first statement.
 */
export async function inStores<Result>(
  sql: Sql,
  stores: readonly string[],
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> {
  return await watched(() =>
    inOne(sql, async (tx) => {
      const named = tx`select set_config('app.stores', ${stores.join(',')}, true)`.execute();
      const [done] = await Promise.all([work(tx), named]);
      return done;
    }),
  );
}

/**
 * Runs `work` in one transaction. When its connection is lost the driver rejects at once and lets `work` go on: what that
 * writes then, and the driver's own rollback or commit, would run without the transaction on whatever the connection has
 * become by then, or throw where nobody can catch it. So from then on statements are refused, and the driver hears no more.
 */
export async function inOne<Result>(sql: Sql, work: (tx: Transaction) => Promise<Result>): Promise<Result> {
  const lost = new AbortController();
  const refusing = (tx: Transaction) =>
    new Proxy(tx, {
      apply: (target, self, given) => {
        if (lost.signal.aborted) throw new ConnectionLost();
        return Reflect.apply(target, self, given);
      },
    });
  const begun = sql.begin(async (tx) => {
    try {
      return await work(refusing(tx));
    } catch (thrown) {
      // The error comes before the end of the connection that it tells of.
      if (isUnavailable(thrown)) await sleep(CLOSING_MS, lost.signal);
      throw thrown;
    } finally {
      if (lost.signal.aborted) await new Promise(() => {});
    }
  });
  const end = () => lost.abort();
  begun.then(end, end);
  return (await begun) as Result;
}

/** Like the driver's own error, for those who ask whether the database is away. */
class ConnectionLost extends Error {
  readonly code = 'CONNECTION_CLOSED';

  constructor() {
    super('The connection of this transaction was lost');
  }
}

/** Runs one statement that is a transaction by itself, and names its stores itself, under the same watch. */
export async function watched<Result>(statement: () => PromiseLike<Result>): Promise<Result> {
  const watchdog = setTimeout(giveUp, LIMITS.transactionMs);
  try {
    return await statement();
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
