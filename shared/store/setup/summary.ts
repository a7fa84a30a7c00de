import type { Sql, Transaction } from '../connect.ts';
import { inStores } from '../transaction.ts';

type Counts = Record<string, number>;

/** What the bus's own tables say of a store; the sender's side is asked of the sender. */
export interface StoreFigures {
  readonly deliveries: { mapped: number; ignored: number; failed: number; duplicate: number; received: number };
  readonly copies: number;
  readonly echoes: number;
  readonly events: number;
  readonly rounds: { complete: number; settled: number; open: number; late: number };
  readonly answers: number;
  readonly intents: number;
  readonly conflicts: Counts;
  readonly decisions: Counts;
  /** Distinct actions that merged decisions name. */
  readonly mergedGroups: number;
  readonly escalations: Counts;
  /** Intents that a ruling let through. */
  readonly ruledInFavour: number;
  readonly actions: Counts;
  readonly mails: Counts;
  readonly deadLetters: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Ids that the sender saw accepted and that the bus does not have, or has not finished with. */
export async function missingDeliveries(sql: Sql, store: string, accepted: readonly string[]): Promise<string[]> {
  const rows = await inStores(sql, [store], async (tx) => {
    await asLongAsItTakes(tx);
    return await tx<{ id: string }[]>`
      select id from unnest(${accepted as string[]}::text[]) as sent (id)
      except (
        select coalesce(headers ->> 'x-shopify-webhook-id', headers ->> 'webhook-id', key) from deliveries
        where store = ${store} and state <> 'received')`;
  });
  return rows.map(({ id }) => id);
}

/** Once, when everything is over, over all that there is: the limit on statements is for services. */
function asLongAsItTakes(tx: Transaction): PromiseLike<unknown> {
  return tx`select set_config('statement_timeout', '0', true)`;
}

export async function figuresOf(sql: Sql, store: string): Promise<StoreFigures> {
  return await inStores(sql, [store], async (tx) => {
    await asLongAsItTakes(tx);
    const grouped = async (query: PromiseLike<readonly { name: string; n: number }[]>): Promise<Counts> =>
      Object.fromEntries((await query).map(({ name, n }) => [name, n]));
    const deliveries = await grouped(
      tx`select state as name, count(*)::int as n from deliveries where store = ${store} group by state`,
    );
    const rounds = await grouped(
      tx`select coalesce(closed_as, 'open') as name, count(*)::int as n from rounds where store = ${store} group by 1`,
    );
    const [one] = await tx<Record<string, number>[]>`
      select
        (select coalesce(sum(copies), 0) from deliveries where store = ${store})::int as copies,
        (select count(*) from deliveries where store = ${store} and echo is not null)::int as echoes,
        (select count(*) from events where store = ${store})::int as events,
        (select count(*) from events where store = ${store} and type = 'answer.late')::int as late,
        (select count(*) from answers where store = ${store})::int as answers,
        (select count(*) from decisions where store = ${store})::int as intents,
        (select count(distinct action) from decisions where store = ${store} and verdict = 'merged')::int as "mergedGroups",
        (select count(*) from dead_letters where store = ${store} and redriven_at is null)::int as "deadLetters",
        (select count(*) from actions a join decisions d on d.store = a.store and d.intent = a.action
          where a.store = ${store} and d.verdict = 'escalated')::int as "ruledInFavour"`;
    const [latency] = await tx<{ p50: number | null; p99: number | null }[]>`
      select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.99) within group (order by ms) as p99
      from (
        select extract(epoch from r.closed_at - d.received_at)::float8 * 1000 as ms
        from deliveries d
        join events e on e.store = d.store and e.delivery = d.id
        join rounds r on r.store = e.store and r.seq = e.seq
        where d.store = ${store} and r.closed_at is not null) as rounds_ms`;
    return {
      deliveries: { mapped: 0, ignored: 0, failed: 0, duplicate: 0, received: 0, ...deliveries },
      copies: one?.copies ?? 0,
      echoes: one?.echoes ?? 0,
      events: one?.events ?? 0,
      rounds: { complete: 0, settled: 0, open: 0, ...rounds, late: one?.late ?? 0 },
      answers: one?.answers ?? 0,
      intents: one?.intents ?? 0,
      conflicts: await grouped(
        tx`select class as name, count(*)::int as n from conflicts where store = ${store} group by class`,
      ),
      decisions: await grouped(
        tx`select verdict as name, count(*)::int as n from decisions where store = ${store} group by verdict`,
      ),
      mergedGroups: one?.mergedGroups ?? 0,
      escalations: await grouped(
        tx`select state as name, count(*)::int as n from escalations where store = ${store} group by state`,
      ),
      ruledInFavour: one?.ruledInFavour ?? 0,
      actions: await grouped(
        tx`select state as name, count(*)::int as n from actions where store = ${store} group by state`,
      ),
      mails: await grouped(
        tx`select state as name, count(*)::int as n from mails where store = ${store} group by state`,
      ),
      deadLetters: one?.deadLetters ?? 0,
      p50Ms: latency?.p50 ?? null,
      p99Ms: latency?.p99 ?? null,
    };
  });
}
