import type { Transaction } from '../connect.ts';

/** How far a viewer has seen one store: its events, and its judged rounds. Both are places in the store's history. */
export interface Seen {
  readonly events: number;
  readonly rounds: number;
}

export interface FeedFilter {
  readonly agent?: string | undefined;
  readonly verdict?: string | undefined;
}

export interface EventRow {
  readonly store: string;
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly now: string;
  readonly source: string;
  readonly depth: number;
  readonly addressee: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Reason {
  readonly rule: string;
  readonly why: string;
  readonly detail: string;
}

export interface DecisionRow {
  readonly store: string;
  readonly seq: number;
  readonly intent: string;
  readonly agent: string;
  readonly actionType: string;
  readonly resource: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly rule: string;
  readonly reasons: readonly Reason[];
  readonly wakesOn: string | null;
  readonly now: string;
  /** Wall time at which the round was closed. */
  readonly at: string | null;
  readonly causeType: string | null;
  readonly causeSubject: string | null;
}

export interface ConflictRow {
  readonly store: string;
  readonly seq: number;
  readonly n: number;
  readonly class: string;
  readonly stake: Readonly<Record<string, unknown>>;
  readonly members: readonly ConflictMember[];
  readonly now: string;
  readonly at: string | null;
}

export interface ConflictMember {
  readonly id: string;
  readonly agent: string;
  readonly action: string;
  readonly resource: string;
}

/** How far back a following viewer's frame is searched for questions to people. */
const ROUNDS_LOOKED_OVER = 2_000;

/** What is new in one store since a viewer's position: the newest of it, at most `limit` of a kind, and how much there was. */
export interface Feed {
  readonly events: readonly EventRow[];
  readonly decisions: readonly DecisionRow[];
  readonly conflicts: readonly ConflictRow[];
  readonly eventCount: number;
  readonly decisionCount: number;
  readonly conflictCount: number;
}

/**
 * Rounds of a store are judged in order, so everything up to the newest closed one has been judged: with the head of the
 * store's history it is all that a reader needs to remember.
 */
export async function readFront(tx: Transaction, store: string): Promise<Seen> {
  const [row] = await tx<Seen[]>`
    select s.head as events, coalesce((select r.seq from rounds r
      where r.store = s.store and r.closed_as is not null order by r.seq desc limit 1), 0) as rounds
    from stores s where s.store = ${store}`;
  return row ?? { events: 0, rounds: 0 };
}

export async function readFeed(
  tx: Transaction,
  store: string,
  from: Seen,
  seen: Seen,
  filter: FeedFilter,
  limit: number,
): Promise<Feed> {
  const events = seen.events > from.events ? await readEvents(tx, store, from.events, seen.events, limit) : [];
  if (seen.rounds <= from.rounds) {
    return {
      events,
      decisions: [],
      conflicts: [],
      eventCount: Math.max(0, seen.events - from.events),
      decisionCount: 0,
      conflictCount: 0,
    };
  }
  const counts = await countJudged(tx, store, from.rounds, seen.rounds, filter);
  return {
    events,
    decisions: await readDecisions(tx, store, from.rounds, seen.rounds, filter, limit),
    conflicts: filter.verdict ? [] : await readConflicts(tx, store, from.rounds, seen.rounds, filter, limit),
    eventCount: seen.events - from.events,
    ...counts,
  };
}

async function readEvents(tx: Transaction, store: string, after: number, until: number, limit: number) {
  return await tx<EventRow[]>`
    select store, seq, id, type, subject, now, source, depth, addressee, data from events
    where store = ${store} and seq > ${after} and seq <= ${until} order by seq desc limit ${limit}`;
}

/**
 * Where there are more than fit, the newest are taken; while following, the escalated ones among the last two thousand
 * rounds are never left out for granted ones. What one begins with is simply the newest.
 */
async function readDecisions(
  tx: Transaction,
  store: string,
  after: number,
  until: number,
  filter: FeedFilter,
  limit: number,
): Promise<DecisionRow[]> {
  const agent = filter.agent ?? null;
  const verdict = filter.verdict ?? null;
  return await tx<DecisionRow[]>`
    with newest as (
      (select * from decisions where store = ${store} and seq > ${after} and seq <= ${until}
        and (${agent}::text is null or agent = ${agent}) and (${verdict}::text is null or verdict = ${verdict})
        order by seq desc, intent desc limit ${limit})
      union
      (select * from decisions where store = ${store} and seq > ${after === 0 ? until : Math.max(after, until - ROUNDS_LOOKED_OVER)} and seq <= ${until}
        and verdict = 'escalated' and (${agent}::text is null or agent = ${agent}) and (${verdict}::text is null or verdict = ${verdict})
        order by seq desc, intent desc limit 5))
    select d.store, d.seq, d.intent, d.agent, d.action_type as "actionType", d.resource, d.params, d.verdict, d.rule, d.reasons,
      d.wakes_on as "wakesOn", d.now, r.closed_at as at, e.type as "causeType", e.subject as "causeSubject"
    from newest d
    left join rounds r on r.store = d.store and r.seq = d.seq
    left join events e on e.store = d.store and e.seq = d.seq
    order by d.seq desc, d.intent desc limit ${limit + 5}`;
}

async function readConflicts(
  tx: Transaction,
  store: string,
  after: number,
  until: number,
  filter: FeedFilter,
  limit: number,
): Promise<ConflictRow[]> {
  const agent = filter.agent ? tx.json([{ agent: filter.agent }]) : null;
  return await tx<ConflictRow[]>`
    select c.store, c.seq, c.n, c.class, c.stake, c.members, c.now, r.closed_at as at
    from conflicts c left join rounds r on r.store = c.store and r.seq = c.seq
    where c.store = ${store} and c.seq > ${after} and c.seq <= ${until} and (${agent}::jsonb is null or c.members @> ${agent}::jsonb)
    order by c.seq desc, c.n desc limit ${limit}`;
}

async function countJudged(tx: Transaction, store: string, after: number, until: number, filter: FeedFilter) {
  const [row] = await tx<{ decisionCount: number; conflictCount: number }[]>`
    select
      (select count(*)::int from decisions where store = ${store} and seq > ${after} and seq <= ${until}
        and (${filter.agent ?? null}::text is null or agent = ${filter.agent ?? null})
        and (${filter.verdict ?? null}::text is null or verdict = ${filter.verdict ?? null})) as "decisionCount",
      (select count(*)::int from conflicts where store = ${store} and seq > ${after} and seq <= ${until}) as "conflictCount"`;
  return row ?? { decisionCount: 0, conflictCount: 0 };
}
