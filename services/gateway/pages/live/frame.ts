import type { Transaction } from '#shared/store/connect.ts';
import {
  type ConflictRow,
  type DecisionRow,
  type EventRow,
  readFeed,
  readFront,
  type Seen,
} from '#shared/store/pages/feed.ts';
import type { StoreView } from '#shared/store/pages/stores.ts';
import { drawnAt } from '../html/format.ts';
import { conflictRow, decisionRow, eventRow } from '../html/rows.ts';
import type { Filter } from './filter.ts';
import { NOWHERE, type Position } from './position.ts';

export type Judged = { readonly decision: DecisionRow } | { readonly conflict: ConflictRow };

/** What is new for a viewer, newest first, with where it has now come to and how much there was in all. */
export interface Frame {
  readonly position: Position;
  readonly events: readonly EventRow[];
  /** Decisions and conflicts in one list, as they were judged. */
  readonly judged: readonly Judged[];
  readonly shown: number;
  readonly of: number;
}

/** How far every store has come: read once for all viewers, before anything that lies behind it. */
export async function readFronts(tx: Transaction, stores: readonly StoreView[]): Promise<Map<string, Seen>> {
  const fronts = new Map<string, Seen>();
  for (const { store } of stores) fronts.set(store, await readFront(tx, store));
  return fronts;
}

export async function readFrame(
  tx: Transaction,
  fronts: ReadonlyMap<string, Seen>,
  from: Position,
  filter: Filter,
  limit: number,
): Promise<Frame> {
  const position = new Map<string, Seen>();
  const events: EventRow[] = [];
  const decisions: DecisionRow[] = [];
  const conflicts: ConflictRow[] = [];
  let of = 0;
  for (const [store, front] of fronts) {
    if (filter.store && filter.store !== store) continue;
    position.set(store, front);
    const seen = from.get(store) ?? NOWHERE;
    if (seen.events >= front.events && seen.rounds >= front.rounds) continue;
    const feed = await readFeed(tx, store, seen, front, filter, limit);
    events.push(...feed.events);
    decisions.push(...feed.decisions);
    conflicts.push(...feed.conflicts);
    of += feed.eventCount + feed.decisionCount + feed.conflictCount;
  }
  const someEvents = merge(
    events,
    (row) => row.store,
    (row) => drawnAt(row.id) ?? row.now,
  ).slice(0, limit);
  const judged = [...fronts.keys()].flatMap((store) => ofOneStore(store, decisions, conflicts));
  const merged = merge(judged, storeOf, judgedAt);
  const someJudged = from.size === 0 ? merged.slice(0, limit) : keepLoud(merged, limit);
  return { position, events: someEvents, judged: someJudged, shown: someEvents.length + someJudged.length, of };
}

/** Rounds newest first; within one each conflict stands above the decisions that it is about. */
function ofOneStore(store: string, decisions: readonly DecisionRow[], conflicts: readonly ConflictRow[]): Judged[] {
  const bySeq = Map.groupBy(
    decisions.filter((row) => row.store === store),
    (row) => row.seq,
  );
  const clashes = Map.groupBy(
    conflicts.filter((row) => row.store === store),
    (row) => row.seq,
  );
  const seqs = [...new Set([...bySeq.keys(), ...clashes.keys()])].sort((a, b) => b - a);
  return seqs.flatMap((seq) => ofOneRound(bySeq.get(seq) ?? [], clashes.get(seq) ?? []));
}

function ofOneRound(decisions: readonly DecisionRow[], conflicts: readonly ConflictRow[]): Judged[] {
  const left = new Set(decisions);
  const rows: Judged[] = [];
  for (const conflict of [...conflicts].sort((a, b) => a.n - b.n)) {
    rows.push({ conflict });
    const ids = new Set(conflict.members.map((member) => member.id));
    for (const decision of decisions) {
      if (!ids.has(decision.intent) || !left.delete(decision)) continue;
      rows.push({ decision });
    }
  }
  return [...rows, ...[...left].map((decision) => ({ decision }))];
}

const rowOf = (judged: Judged) => ('decision' in judged ? judged.decision : judged.conflict);
const storeOf = (judged: Judged) => rowOf(judged).store;
const judgedAt = (judged: Judged) => rowOf(judged).at ?? rowOf(judged).now;

/** Lists of several stores as one, newest first by the wall clock; within a store its own order holds. */
function merge<Row>(rows: readonly Row[], store: (row: Row) => string, at: (row: Row) => string): Row[] {
  const lists = [...Map.groupBy(rows, store).values()];
  if (lists.length < 2) return [...rows];
  const merged: Row[] = [];
  while (lists.some((list) => list.length > 0)) {
    const next = lists.filter((list) => list.length > 0).reduce((a, b) => (at(a[0]!) >= at(b[0]!) ? a : b));
    merged.push(next.shift()!);
  }
  return merged;
}

/** When not everything fits, conflicts and questions stay before what was simply granted. */
function keepLoud(rows: readonly Judged[], limit: number): Judged[] {
  if (rows.length <= limit) return [...rows];
  const isLoud = (row: Judged) => 'conflict' in row || row.decision.verdict === 'escalated';
  const loud = new Set(rows.filter(isLoud).slice(0, Math.ceil(limit / 2)));
  let left = limit - loud.size;
  return rows.filter((row) => loud.has(row) || (!isLoud(row) && left-- > 0));
}

/** The frame as markup: what the browser puts at the top of its two lists. */
export async function renderFrame(
  frame: Frame,
  stores: readonly StoreView[],
  filter: Filter,
): Promise<{ events: string; judged: string }> {
  const byName = new Map(stores.map((store) => [store.store, store]));
  const several = stores.length > 1 && filter.store === undefined;
  const events = await Promise.all(
    frame.events.map(async (row) => {
      const store = byName.get(row.store);
      return store ? String(await eventRow(row, store, several)) : '';
    }),
  );
  const judged = await Promise.all(
    frame.judged.map(async (row) => {
      const store = byName.get('decision' in row ? row.decision.store : row.conflict.store);
      if (!store) return '';
      return String(
        await ('decision' in row
          ? decisionRow(row.decision, store, several)
          : conflictRow(row.conflict, store, several)),
      );
    }),
  );
  return { events: events.join(''), judged: judged.join('') };
}
