import type { Sql } from '../connect.ts';

export interface SenderFigures {
  readonly accepted: number;
  readonly refused: number;
  readonly duplicates: number;
  readonly sent: number;
  readonly echoes: number;
  readonly orderLines: number;
  readonly ackP50Ms: number | null;
  readonly ackP99Ms: number | null;
  readonly firstSentAt: string | null;
  readonly lastAckedAt: string | null;
  readonly seconds: number | null;
  readonly webhooksPerSecond: number | null;
  readonly webhooksPerSecondWarm: number | null;
}

/** The sender's side of the sums: sent = accepted + duplicates + refused, and no figure is kept twice. */
export async function senderFigures(sql: Sql, store: string): Promise<SenderFigures> {
  const [row] = await sql<SenderFigures[]>`
    with ranked as (
      select *, row_number() over (order by acked_at, id) as place, count(*) over () as total from sandbox.sent where store = ${store}
    )
    select (count(*) filter (where status < 300))::int as accepted,
      (count(*) filter (where status >= 300))::int as refused,
      coalesce(sum(attempts - 1), 0)::int as duplicates,
      coalesce(sum(attempts), 0)::int as sent,
      (count(*) filter (where echo and status < 300))::int as echoes,
      coalesce(sum(order_lines) filter (where status < 300), 0)::int as "orderLines",
      percentile_cont(0.5) within group (order by ack_ms) as "ackP50Ms",
      percentile_cont(0.99) within group (order by ack_ms) as "ackP99Ms",
      min(sent_at) as "firstSentAt", max(acked_at) as "lastAckedAt",
      extract(epoch from max(acked_at) - min(sent_at))::float8 as seconds,
      (count(*) / nullif(extract(epoch from max(acked_at) - min(sent_at)), 0))::float8 as "webhooksPerSecond",
      (count(*) filter (where place > 0.2 * total)
        / nullif(extract(epoch from max(acked_at) - min(acked_at) filter (where place > 0.2 * total)), 0))::float8 as "webhooksPerSecondWarm"
    from ranked`;
  return row!;
}

export async function acceptedIds(sql: Sql, store: string): Promise<string[]> {
  const rows = await sql<
    { id: string }[]
  >`select id from sandbox.sent where store = ${store} and status < 300 order by acked_at, id`;
  return rows.map((row) => row.id);
}

export interface EffectRow {
  readonly action: string | null;
  readonly operation: string;
  readonly resource: string;
  readonly at: string;
}

export function effectsOf(sql: Sql, store: string): Promise<EffectRow[]> {
  return sql<
    EffectRow[]
  >`select action, operation, resource, at from sandbox.effects where store = ${store} order by n`;
}
