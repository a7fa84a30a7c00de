import { parseAgentSubject } from '#shared/bus/subjects.ts';
import { answer as answerContract } from '#shared/contracts/answer.ts';
import type { AgentRow, AnswerRow } from '#shared/store/coordinator/rounds.ts';

export type TakenAnswer = { readonly row: AnswerRow } | { readonly unreadable: string; readonly subject: string };

/**
 * Reads one answer as it came by the bus. Identity comes from the subject, never from the body. What cannot be read at
 * all is a dead letter; what is malformed counts as a pass, as long as it says which event it answers.
 */
export function readAnswerMessage(subject: string, text: string, agents: ReadonlyMap<string, AgentRow>): TakenAnswer {
  const from = parseAgentSubject(subject);
  if (!from) return { unreadable: 'The subject names no agent.', subject };
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { unreadable: 'The answer is not JSON.', subject };
  }
  const parsed = answerContract.safeParse(body);
  if (parsed.success) {
    const foreign = agents.get(from.agent)?.digest !== parsed.data.digest;
    const standing = foreign ? 'foreign' : parsed.data.part === 2 ? 'more' : 'open';
    return {
      row: {
        event: parsed.data.event,
        agent: from.agent,
        part: parsed.data.part,
        store: from.store,
        seq: parsed.data.seq,
        body: parsed.data,
        digest: parsed.data.digest,
        standing,
      },
    };
  }
  const { event, seq } = (typeof body === 'object' && body !== null ? body : {}) as { event?: unknown; seq?: unknown };
  if (
    typeof event !== 'string' ||
    !/^[0-9a-f-]{36}$/.test(event) ||
    typeof seq !== 'number' ||
    !Number.isSafeInteger(seq)
  ) {
    return { unreadable: `The answer names no event: ${parsed.error.issues[0]?.message ?? ''}`, subject };
  }
  const pass = {
    event,
    seq,
    part: 1 as const,
    digest: '',
    now: new Date(0).toISOString(),
    intents: [],
    announcements: [],
    pass: `malformed: ${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`.slice(0, 200),
  };
  return {
    row: { event, agent: from.agent, part: 1, store: from.store, seq, body: pass, digest: '', standing: 'malformed' },
  };
}
