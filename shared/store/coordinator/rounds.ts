import type { Answer, Manifest } from '#shared/contracts/answer.ts';
import type { Transaction } from '../connect.ts';

export interface RoundRow {
  readonly store: string;
  readonly seq: number;
  readonly event: string;
  readonly expected: readonly string[];
  readonly missing: readonly string[];
  readonly faults: number;
}

/** Opens rounds; those that nobody is expected to answer and that change nothing are closed in the same statement. */
export async function openRounds(
  tx: Transaction,
  rows: readonly { store: string; seq: number; event: string; expected: readonly string[]; closed: boolean }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    insert into rounds (store, seq, event, expected, missing, closed_as, closed_at)
    select store, seq, event, expected, expected, case when closed then 'complete' end, case when closed then clock_timestamp() end
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, seq bigint, event uuid, expected text[], closed boolean)
    on conflict do nothing`;
}

export interface ClosedRound {
  readonly store: string;
  readonly seq: number;
  readonly missing: readonly string[];
  readonly answers: number;
  readonly rule_set: string;
}

/** Closes judged rounds: `complete` where everybody expected has answered, otherwise `settled`. */
export async function closeRounds(tx: Transaction, rows: readonly ClosedRound[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    update rounds d set missing = r.missing, answers = r.answers, rule_set = r.rule_set, closed_at = clock_timestamp(),
      closed_as = case when cardinality(r.missing) = 0 then 'complete' else 'settled' end
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(store text, seq bigint, missing text[], answers int, rule_set text)
    where d.store = r.store and d.seq = r.seq`;
}

/** One more time that judging this round has thrown; answers how often it has. */
export async function countFault(tx: Transaction, store: string, seq: number): Promise<number> {
  const [row] = await tx<
    { faults: number }[]
  >`update rounds set faults = faults + 1 where store = ${store} and seq = ${seq} returning faults`;
  return row?.faults ?? 0;
}

export async function readOpenRounds(tx: Transaction, store: string): Promise<RoundRow[]> {
  return await tx<RoundRow[]>`
    select store, seq, event, expected, missing, faults from rounds where store = ${store} and closed_as is null order by seq`;
}

export interface AnswerRow {
  readonly event: string;
  readonly agent: string;
  readonly part: number;
  readonly store: string;
  readonly seq: number;
  readonly body: Answer;
  readonly digest: string;
  readonly standing: 'open' | 'judged' | 'late' | 'more' | 'malformed';
}

/** Takes answers in; the first one committed counts, and a repeated one is not among those returned. */
export async function insertAnswers(
  tx: Transaction,
  rows: readonly AnswerRow[],
): Promise<{ event: string; agent: string; part: number }[]> {
  if (rows.length === 0) return [];
  return await tx`
    insert into answers (event, agent, part, store, seq, body, digest, standing)
    select event, agent, part, store, seq, body, digest, standing
    from jsonb_to_recordset(${tx.json(rows as never)}) as r(event uuid, agent text, part int, store text, seq bigint, body jsonb, digest text, standing text)
    on conflict do nothing returning event, agent, part`;
}

export async function markAnswers(tx: Transaction, events: readonly string[], standing: 'judged'): Promise<void> {
  if (events.length === 0) return;
  await tx`update answers set standing = ${standing} where event = any(${events as string[]}::uuid[]) and standing = 'open'`;
}

/** Answers to the open rounds of a store, for who has just taken it over. */
export async function readAnswersOfOpenRounds(tx: Transaction, store: string): Promise<AnswerRow[]> {
  return await tx<AnswerRow[]>`
    select a.event, a.agent, a.part, a.store, a.seq, a.body, a.digest, a.standing
    from rounds r join answers a on a.event = r.event where r.store = ${store} and r.closed_as is null`;
}

/** Answers to events that the coordinator has not taken yet: agents can be quicker than the doorbell. */
export async function readEarlyAnswers(tx: Transaction, store: string, position: number): Promise<AnswerRow[]> {
  return await tx<AnswerRow[]>`
    select event, agent, part, store, seq, body, digest, standing from answers where store = ${store} and seq > ${position}`;
}

/** The answer that an `answer.late` or `answer.more` event carries. */
export async function readAnswer(
  tx: Transaction,
  event: string,
  agent: string,
  part: number,
): Promise<AnswerRow | undefined> {
  const [row] = await tx<AnswerRow[]>`
    select event, agent, part, store, seq, body, digest, standing from answers where event = ${event} and agent = ${agent} and part = ${part}`;
  return row;
}

export interface AgentRow {
  readonly agent: string;
  readonly manifest: Manifest;
  readonly digest: string;
  readonly paused: boolean;
}

/** The manifests in force. */
export async function readAgents(tx: Transaction): Promise<AgentRow[]> {
  return await tx<AgentRow[]>`select agent, manifest, digest, paused from agents order by agent`;
}
