import type { Transaction } from '../connect.ts';
import type { DeliveryState } from './listing.ts';

/**
 * States from which a delivery may be mapped again. One that was mapped has told its events, which are never changed: mapping
 * it again could only tell them twice. A repetition would be told again with the first.
 */
export const REDRIVABLE = ['failed', 'ignored'] as const satisfies readonly DeliveryState[];

/** Lets deliveries be mapped again, and marks what lies about them in the dead letters; answers those that will be. */
export async function sendBack(
  tx: Transaction,
  ids: readonly string[],
  states: readonly DeliveryState[] = REDRIVABLE,
): Promise<string[]> {
  const moved = await tx<{ id: string }[]>`
    update deliveries set state = 'received', reason = null
    where id = any(${ids as string[]}::uuid[]) and state = any(${states as string[]}) returning id`;
  const sent = moved.map((row) => row.id);
  if (sent.length > 0)
    await tx`
      update dead_letters set redriven_at = clock_timestamp()
      where kind = 'delivery' and ref = any(${sent}) and redriven_at is null`;
  return sent;
}

/** Of these, what is there and in which state. */
export async function readStates(tx: Transaction, ids: readonly string[]): Promise<Map<string, DeliveryState>> {
  const rows = await tx<{ id: string; state: DeliveryState }[]>`
    select id, state from deliveries where id = any(${ids as string[]}::uuid[])`;
  return new Map(rows.map((row) => [row.id, row.state]));
}

/** The oldest deliveries of a state that may be mapped again. */
export async function readRedrivable(
  tx: Transaction,
  state: (typeof REDRIVABLE)[number],
  limit: number,
): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`
    select id from deliveries where state = ${state} order by id limit ${limit}`;
  return rows.map((row) => row.id);
}
