import type { Sql, Transaction } from '#shared/store/connect.ts';
import { readStoreViews } from '#shared/store/pages/stores.ts';
import { inStores } from '#shared/store/transaction.ts';

/** A transaction that sees every store: the operator's pages, and links whose token does not say which store it is of. */
export async function inAllStores<Result>(
  sql: Sql,
  work: (tx: Transaction, stores: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const stores = (await inStores(sql, [], readStoreViews)).map((row) => row.store);
  return inStores(sql, stores, (tx) => work(tx, stores));
}
