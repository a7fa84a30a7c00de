import { z } from 'zod';
import { parseAgentSubject } from '#shared/bus/subjects.ts';
import { type Answer, answer as answerContract } from '#shared/contracts/answer.ts';
import { answerId } from '#shared/kernel/ids.ts';
import { line } from '#shared/kernel/plain-text.ts';
import type { AgentRow, AnswerRow } from '#shared/store/coordinator/rounds.ts';
import type { DeadLetter } from '#shared/store/dead-letters.ts';

type Letter = Pick<DeadLetter, 'kind' | 'ref' | 'reason' | 'detail' | 'raw'>;

/** What counts of a message, what is set aside of it for people to see, or both. */
export type TakenAnswer = { readonly row: AnswerRow; readonly letter?: Letter } | { readonly letter: Letter };

/**
 * Reads one answer as it came by the bus. Identity comes from the subject, never from the body. What cannot be read at
 * all is a dead letter; what is malformed counts as a pass, as long as it says which event it answers. An answer under
 * another manifest than the one in force is a dead letter and no more: it must not take the place of the answer that the
 * agent still owes, which a replica with the right manifest will give.
 */
export function readAnswerMessage(subject: string, text: string, agents: ReadonlyMap<string, AgentRow>): TakenAnswer {
  const unreadable = (detail: string) => ({
    letter: { kind: 'message', ref: subject, reason: 'malformed-answer', detail, raw: {} } as const,
  });
  const from = parseAgentSubject(subject);
  if (!from) return unreadable('The subject names no agent.');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return unreadable('The answer is not JSON.');
  }
  const parsed = answerContract.safeParse(body);
  const named = naming.safeParse(body);
  if (!named.success) return unreadable(`The answer names no event: ${parsed.error?.issues[0]?.message ?? ''}`);
  const { event, seq } = named.data;
  const { agent, store } = from;
  const under = named.data.digest;
  if (under !== undefined && under !== agents.get(agent)?.digest)
    return { letter: foreignLetter(agent, named.data, parsed.data ?? { event, seq }) };
  if (parsed.success) {
    const { part, digest } = parsed.data;
    const standing = part === 2 ? 'more' : 'open';
    return { row: { event, agent, part, store, seq, body: parsed.data, digest, standing } };
  }
  const [fault] = parsed.error.issues;
  const detail = line(`malformed: ${fault?.path.join('.')}: ${fault?.message}`, 200);
  const pass: Answer = {
    event,
    seq,
    part: 1,
    digest: '',
    now: new Date(0).toISOString(),
    intents: [],
    announcements: [],
    pass: detail,
  };
  return {
    row: { event, agent, part: 1, store, seq, body: pass, digest: '', standing: 'malformed' },
    letter: { kind: 'answer', ref: answerId(event, agent, 1), reason: 'malformed-answer', detail, raw: pass },
  };
}

/** What even a malformed answer has to say, which is what it answers, and may say: under which manifest. */
const naming = z.object({
  ...answerContract.pick({ event: true, seq: true }).shape,
  part: z.unknown(),
  digest: z.string().optional().catch(undefined),
});

function foreignLetter(agent: string, { event, part }: z.infer<typeof naming>, raw: unknown): Letter {
  const detail = `${agent} answered under another manifest than the one in force: is an older version of it still running?`;
  return { kind: 'answer', ref: answerId(event, agent, part === 2 ? 2 : 1), reason: 'foreign-digest', detail, raw };
}

/** One row an answer: of two that come together the first counts, as of two that come one after the other. */
export function distinctRows(taken: readonly TakenAnswer[]): AnswerRow[] {
  const rows = new Map<string, AnswerRow>();
  for (const entry of taken) {
    if (!('row' in entry)) continue;
    const id = answerId(entry.row.event, entry.row.agent, entry.row.part);
    if (!rows.has(id)) rows.set(id, entry.row);
  }
  return [...rows.values()];
}
