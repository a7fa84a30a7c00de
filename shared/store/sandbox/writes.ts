import type { Sql } from '../connect.ts';
import { inOne } from '../transaction.ts';

export interface RecordRow {
  readonly kind: string;
  readonly id: string;
  readonly value: unknown;
}

export function allRecords(sql: Sql, store: string): Promise<RecordRow[]> {
  return sql<RecordRow[]>`select kind, id, value from sandbox.records where store = ${store}`;
}

export interface KeptAnswer {
  readonly operation: string;
  readonly digest: string;
  readonly answer: unknown;
}

export async function keptAnswer(sql: Sql, store: string, key: string): Promise<KeptAnswer | undefined> {
  const [row] = await sql<
    KeptAnswer[]
  >`select operation, digest, answer from sandbox.idempotency where store = ${store} and key = ${key}`;
  return row;
}

export interface Write {
  readonly records: readonly RecordRow[];
  readonly effects: readonly { action: string | null; operation: string; resource: string; at: string }[];
  readonly deliveries: readonly { id: string; delivery: unknown }[];
  readonly kept?: { key: string; operation: string; digest: string; answer: unknown };
}

/** A write, its effects, the webhooks that it causes and its remembered answer, or nothing of it. Returns the numbers in `outgoing`. */
export function commitWrite(sql: Sql, store: string, write: Write): Promise<number[]> {
  return inOne(sql, async (tx) => {
    for (const { kind, id, value } of write.records) {
      await tx`
        insert into sandbox.records (store, kind, id, value) values (${store}, ${kind}, ${id}, ${tx.json(value as never)})
        on conflict (store, kind, id) do update set value = excluded.value`;
    }
    for (const { action, operation, resource, at } of write.effects) {
      await tx`insert into sandbox.effects (store, action, operation, resource, at) values (${store}, ${action}, ${operation}, ${resource}, ${at})`;
    }
    if (write.kept) {
      const { key, operation, digest, answer } = write.kept;
      await tx`
        insert into sandbox.idempotency (store, key, operation, digest, answer)
        values (${store}, ${key}, ${operation}, ${digest}, ${tx.json(answer as never)})`;
    }
    const numbers: number[] = [];
    for (const { id, delivery } of write.deliveries) {
      const [row] = await tx<{ n: number }[]>`
        insert into sandbox.outgoing (store, id, delivery) values (${store}, ${id}, ${tx.json(delivery as never)}) returning n`;
      numbers.push(row!.n);
    }
    return numbers;
  }) as Promise<number[]>;
}
