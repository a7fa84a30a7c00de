import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { later } from '#shared/kernel/time.ts';
import type { Transaction } from './connect.ts';

/** `mapped`: the times of mapped deliveries move a replayed store's clock forward. `keep`: they do not. A live store follows the wall clock either way. */
export type ClockMove = 'mapped' | 'keep';

interface Numbered {
  head: number;
  was: string;
  wall: string;
  clock_kind: 'live' | 'replay';
}

/**
 * Gives drafts of one store their `seq` and `now` and writes them. It must be the last thing that the transaction does:
 * the row of the store stays locked until the commit, which makes the order of `seq` the order of commit.
 * `mapped` moves a replayed store's clock to the drafts' times; whatever else is written there keeps the clock as it is.
 */
export async function appendEvents(
  tx: Transaction,
  store: string,
  drafts: readonly Draft[],
  move: ClockMove = 'keep',
): Promise<Envelope[]> {
  if (drafts.length === 0) return [];
  const newest = drafts.reduce((max, draft) => later(max, draft.time), drafts[0]!.time);
  const [row] = await tx<Numbered[]>`
    update stores s set head = s.head + ${drafts.length},
      clock = greatest(s.clock, case when s.clock_kind = 'live' then clock_timestamp() else ${move === 'mapped' ? newest : null}::timestamptz end)
    from (select store, clock as was, clock_timestamp() as wall from stores where store = ${store} for update) old
    where s.store = old.store
    returning s.head, old.was, old.wall, s.clock_kind`;
  if (!row) throw new Error(`Unknown store ${store}`);
  const events = number(drafts, row, move);
  await insertEvents(tx, events, drafts);
  return events;
}

function number(drafts: readonly Draft[], row: Numbered, move: ClockMove): Envelope[] {
  const first = row.head - drafts.length + 1;
  let now = row.clock_kind === 'live' ? later(row.was, row.wall) : row.was;
  return drafts.map((draft, index) => {
    if (row.clock_kind === 'replay' && move === 'mapped') now = later(now, draft.time);
    const { delivery: _, ...attributes } = draft;
    return { specversion: '1.0', ...attributes, seq: first + index, now, dataversion: 1 };
  });
}

async function insertEvents(tx: Transaction, events: readonly Envelope[], drafts: readonly Draft[]): Promise<void> {
  const rows = events.map((event, index) => ({
    store: event.store,
    seq: event.seq,
    id: event.id,
    type: event.type,
    subject: event.subject,
    time: event.time,
    now: event.now,
    source: event.source,
    cause: event.causationid ?? null,
    correlation: event.correlationid,
    depth: event.depth,
    delivery: drafts[index]!.delivery ?? null,
    addressee: event.addressee ?? null,
    data: event.data,
    traceparent: event.traceparent ?? null,
  }));
  // One parameter for all rows: the statement stays the same whatever their number, so that it is planned once.
  await tx`
    insert into events (store, seq, id, type, subject, time, now, source, cause, correlation, depth, delivery, addressee, data, traceparent)
    select store, seq, id, type, subject, time, now, source, cause, correlation, depth, delivery, addressee, data, traceparent
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, seq bigint, id uuid, type text, subject text, time timestamptz, now timestamptz,
      source text, cause text, correlation uuid, depth int, delivery uuid, addressee text, data jsonb, traceparent text)`;
}
