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

/** Less than any id that is drawn. */
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface RedriveFilter {
  readonly state: (typeof REDRIVABLE)[number];
  readonly reason?: string | undefined;
  readonly topic?: string | undefined;
  /** Only those that came after this one: what ends as it did before must not stand in the way of the rest. */
  readonly after?: string | undefined;
}

/** The oldest deliveries of a state that may be mapped again. */
export async function readRedrivable(tx: Transaction, filter: RedriveFilter, limit: number): Promise<string[]> {
  const { state, reason = null, topic = null, after = BEFORE_ALL } = filter;
  // Apart, so that `failed` is found by the index of its own.
  const ofState = state === 'failed' ? tx`state = 'failed'` : tx`state = ${state}`;
  const rows = await tx<{ id: string }[]>`
    select id from deliveries
    where ${ofState} and id > ${after}::uuid
      and (${reason}::text is null or reason = ${reason}) and (${topic}::text is null or topic = ${topic})
    order by id limit ${limit}`;
  return rows.map((row) => row.id);
}
