import type { Transaction } from './connect.ts';

/** Up to which `seq` a service has taken a store's events; 0 where it has not begun. */
export async function readPosition(tx: Transaction, store: string, service: string): Promise<number> {
  const [row] = await tx<{ seq: number }[]>`select seq from positions where store = ${store} and service = ${service}`;
  return row?.seq ?? 0;
}

/** Moves a position forward, never back. */
export async function writePosition(tx: Transaction, store: string, service: string, seq: number): Promise<void> {
  await tx`
    insert into positions (store, service, seq) values (${store}, ${service}, ${seq})
    on conflict (store, service) do update set seq = greatest(positions.seq, excluded.seq)`;
}
