import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { answerId } from '#shared/kernel/ids.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { type AgentRow, type AnswerRow, readAnswer } from '#shared/store/coordinator/rounds.ts';
import type { DeadLetter } from '#shared/store/dead-letters.ts';
import { readEventsById } from '#shared/store/read-events.ts';

type Refusal = Pick<DeadLetter, 'reason' | 'detail'>;

/** An answer is one reply to one event, and only from an agent that the event was for. Why this one is none; undefined where it is. */
export function whyUnasked(
  row: Pick<AnswerRow, 'event' | 'seq' | 'agent'>,
  event: Envelope | undefined,
  agent: AgentRow | undefined,
): Refusal | undefined {
  if (!event || event.seq !== row.seq)
    return { reason: 'not-found', detail: `There is no event ${row.event} at ${row.seq} in this store.` };
  const refuse = (detail: string): Refusal => ({ reason: 'not-permitted', detail });
  if (!agent) return refuse(`${row.agent} is no agent here.`);
  if (!agent.manifest.answers.includes(event.type))
    return refuse(`${row.agent} does not answer ${event.type}: its manifest does not name it.`);
  if (event.addressee !== undefined && event.addressee !== row.agent)
    return refuse(`The event ${row.event} is addressed to ${event.addressee}, not to ${row.agent}.`);
  if (event.depth > LIMITS.depth)
    return refuse(`The event ${row.event} lies ${event.depth} causes deep: nobody is asked about it.`);
  return undefined;
}

/** Parts the answers that were asked for from the others, which are set aside and judged by nobody. */
export function partAsked(
  rows: readonly AnswerRow[],
  answered: ReadonlyMap<string, Envelope>,
  agents: ReadonlyMap<string, AgentRow>,
): { readonly asked: AnswerRow[]; readonly letters: Omit<DeadLetter, 'store' | 'id' | 'service'>[] } {
  const asked: AnswerRow[] = [];
  const letters = rows.flatMap((row) => {
    const refusal = whyUnasked(row, answered.get(row.event), agents.get(row.agent));
    if (!refusal) asked.push(row);
    return refusal
      ? [{ kind: 'answer' as const, ref: answerId(row.event, row.agent, row.part), raw: row.body, ...refusal }]
      : [];
  });
  return { asked, letters };
}

/** The event that brings an answer which its round cannot hold any more: one cause deeper than what it answers. */
export function heldDraft(row: AnswerRow, answered: Envelope, id: string, time: string): Draft {
  return {
    id,
    source: row.agent,
    type: row.standing === 'late' ? 'answer.late' : 'answer.more',
    subject: `store:${row.store}`,
    time,
    store: row.store,
    correlationid: answered.correlationid,
    causationid: answered.id,
    depth: answered.depth + 1,
    addressee: 'nobody',
    data: { agent: row.agent, answer: answerId(row.event, row.agent, row.part), round: row.seq },
  };
}

/** The answer that an `answer.late` or `answer.more` event holds, with the event that it answers. */
export async function readHeld(
  tx: Transaction,
  event: Envelope,
): Promise<{ readonly answers: readonly AnswerRow[]; readonly answered?: Envelope | undefined }> {
  if (event.type !== 'answer.late' && event.type !== 'answer.more') return { answers: [] };
  const [id, agent, part] = String(event.data.answer).split('.');
  const row = await readAnswer(tx, id!, agent!, Number(part));
  if (!row) return { answers: [] };
  const [answered] = await readEventsById(tx, event.store, [row.event]);
  return { answers: [row], answered };
}
