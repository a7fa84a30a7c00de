import { LIMITS } from '#shared/runtime/limits.ts';
import type { Sql, Transaction } from './connect.ts';

export interface Lease {
  readonly partition: number;
  readonly epoch: number;
}

/**
 * Takes or renews the leases of the partitions that this instance may have, in one statement and by Postgres's clock:
 * its own are renewed, those of nobody and those that ran out are taken with epoch + 1. `restarted` says that this
 * process has just begun: then its own back too, at once, with epoch + 1, because its earlier life may still be writing.
 */
export async function holdLeases(
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
    on conflict (service, partition) do update set
      epoch = l.epoch + case when l.holder = excluded.holder and not ${restarted} then 0 else 1 end,
      holder = excluded.holder,
      until = excluded.until
    where l.holder = excluded.holder or l.until < clock_timestamp()
    returning partition, epoch`;
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

/** Gives leases back on a clean stop, so that the next holder need not wait. */
export async function releaseLeases(sql: Sql, service: string, holder: string): Promise<void> {
  await sql`update leases set until = clock_timestamp() where service = ${service} and holder = ${holder}`;
}
