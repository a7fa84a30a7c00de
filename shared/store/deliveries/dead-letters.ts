import type { Sql, Transaction } from '../connect.ts';
import type { DeadLetter } from '../dead-letters.ts';
import { inStores } from '../transaction.ts';
import { readStates, sendBack } from './redrive.ts';

export interface ListedDeadLetter extends Omit<DeadLetter, 'raw'> {
  readonly at: string;
  readonly redrivenAt: string | null;
}

/** Newest first; those that were redriven only on demand. */
export async function listDeadLetters(
  tx: Transaction,
  options: { limit: number; redriven: boolean },
): Promise<ListedDeadLetter[]> {
  return await tx<ListedDeadLetter[]>`
    select store, id, service, kind, ref, reason, detail, at, redriven_at as "redrivenAt"
    from dead_letters where ${options.redriven} or redriven_at is null order by at desc, id desc limit ${options.limit}`;
}

export async function readDeadLetter(
  tx: Transaction,
  store: string,
  id: string,
): Promise<(ListedDeadLetter & { raw: unknown }) | undefined> {
  const [row] = await tx<(ListedDeadLetter & { raw: unknown })[]>`
    select store, id, service, kind, ref, reason, detail, raw, at, redriven_at as "redrivenAt"
    from dead_letters where store = ${store} and id = ${id}`;
  return row;
}

/** The body of the delivery that a dead letter is about, as text. */
export async function readDeliveryBody(tx: Transaction, id: string): Promise<Uint8Array | undefined> {
  const [row] = await tx<{ body: Uint8Array }[]>`select body from deliveries where id = ${id}`;
  return row?.body;
}

/** `done`: the delivery waits to be mapped again. `not-failed`: it has been mapped or redriven meanwhile. `gone`: it is no longer kept. */
export type Redriven = 'done' | 'not-found' | 'not-failed' | 'gone' | 'foreign';

/** Sends a failed delivery through mapping again. Only deliveries are the gateway's to redrive. */
export async function redrive(sql: Sql, store: string, id: string): Promise<Redriven> {
  return await inStores(sql, [store], async (tx) => {
    const [letter] = await tx<{ kind: string; ref: string }[]>`
      select kind, ref from dead_letters where store = ${store} and id = ${id} for update`;
    if (!letter) return 'not-found';
    if (letter.kind !== 'delivery') return 'foreign';
    if ((await sendBack(tx, [letter.ref], ['failed'])).length > 0) return 'done';
    return (await readStates(tx, [letter.ref])).size > 0 ? 'not-failed' : 'gone';
  });
}

export async function countDeadLetters(tx: Transaction): Promise<{ store: string; deadLetters: number }[]> {
  return await tx`select store, count(*) as "deadLetters" from dead_letters where redriven_at is null group by store order by store`;
}
