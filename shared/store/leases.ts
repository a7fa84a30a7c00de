import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from './connect.ts';

export interface Lease {
  readonly partition: number;
  readonly epoch: number;
}

/**
 * Takes leases of partitions, with epoch + 1, by Postgres's clock: those of nobody and those that ran out. `restarted` says
 * that this process has just begun: then those of its host too, at once, because its earlier life is over or has to be.
 */
export async function takeLeases(
  sql: Sql,
  service: string,
  holder: string,
  partitions: readonly number[],
  restarted: boolean,
): Promise<Lease[]> {
  if (partitions.length === 0) return [];
  const rows = await sql<Lease[]>`
    insert into leases as l (service, partition, holder, epoch, until)
    select ${service}, p, ${holder}, 1, clock_timestamp() + ${LIMITS.leaseMs} * interval '1 millisecond'
    from unnest(${partitions as number[]}::int[]) p order by p
    on conflict (service, partition) do update set epoch = l.epoch + 1, holder = excluded.holder, until = excluded.until
    where l.until < clock_timestamp() or (${restarted} and l.holder = excluded.holder)
    returning partition, epoch`;
  return [...rows];
}

/**
 * Renews the leases that this instance holds, all in one statement; gives back those that are still its own. The epoch says
 * whose they are: another instance of the same host has the same name.
 */
export async function renewLeases(sql: Sql, service: string, held: readonly Lease[]): Promise<Lease[]> {
  if (held.length === 0) return [];
  const rows = await sql<Lease[]>`
    update leases l set until = clock_timestamp() + ${LIMITS.leaseMs} * interval '1 millisecond'
    from (
      select l.partition from leases l
      join unnest(${held.map((lease) => lease.partition)}::int[], ${held.map((lease) => lease.epoch)}::bigint[])
        as mine (partition, epoch) on l.partition = mine.partition and l.epoch = mine.epoch
      where l.service = ${service} order by l.partition for update of l
    ) mine
    where l.service = ${service} and l.partition = mine.partition
    returning l.partition, l.epoch`;
  return [...rows];
}

/**
 * The fence: the first statement of every transaction that writes under a lease. It locks the row, so that a taker waits
 * for this commit, and finds nothing when the epoch has moved on.
 */
export async function fence(tx: Transaction, service: string, partition: number, epoch: number): Promise<boolean> {
  const rows =
    await tx`select 1 from leases where service = ${service} and partition = ${partition} and epoch = ${epoch} for share`;
  return rows.length === 1;
}

/**
 * The same, alone: it waits until every transaction under this lease has ended, also those whose answer never came, and so
 * sees all that its holder has written.
 */
export async function fenceAlone(tx: Transaction, service: string, partition: number, epoch: number): Promise<boolean> {
  const rows =
    await tx`select 1 from leases where service = ${service} and partition = ${partition} and epoch = ${epoch} for no key update`;
  return rows.length === 1;
}

/**
 * Gives leases back on a clean stop, so that the next holder need not wait; one that has moved on is another's. It ends at
 * the beginning of time, not now: two processors' clocks may differ by more than the next taker needs to come.
 */
export async function releaseLeases(sql: Sql, service: string, held: readonly Lease[]): Promise<void> {
  if (held.length === 0) return;
  await sql`
    update leases l set until = to_timestamp(0)
    from unnest(${held.map((lease) => lease.partition)}::int[], ${held.map((lease) => lease.epoch)}::bigint[]) as mine (partition, epoch)
    where l.service = ${service} and l.partition = mine.partition and l.epoch = mine.epoch`;
}
