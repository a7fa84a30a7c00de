import type { Transaction } from '#shared/store/connect.ts';
import { type EndedEscalation, holdEscalations } from '#shared/store/coordinator/outcome.ts';
import type { JudgedRound } from './write.ts';

/** How often a batch is judged anew because people keep answering what it would end. */
const TRIES = 4;

/**
 * Judges, and keeps the questions that the outcome ends as they were judged until the commit. Where a person has answered
 * one meanwhile, the batch is judged again, with the answer as it stands: what a person was told is received is never
 * ended over.
 */
export async function untilHeld(
  tx: Transaction,
  store: string,
  judgeNow: () => Promise<JudgedRound[]>,
): Promise<JudgedRound[]> {
  for (let tried = 0; tried < TRIES; tried++) {
    const judged = await judgeNow();
    const born = new Set(judged.flatMap(({ outcome }) => outcome.escalations.map((entry) => entry.escalation)));
    const standing = endedQuestions(judged, store).filter((entry) => !born.has(entry.escalation));
    const held = await holdEscalations(tx, standing);
    if (standing.every((entry) => held.has(entry.escalation))) return judged;
  }
  throw new Error('Questions keep being answered while they are being ended.');
}

/** What a batch ends, each with the state that it was judged in: only a person's ruling ends what is answered. */
export function endedQuestions(judged: readonly JudgedRound[], store: string): EndedEscalation[] {
  return judged.flatMap(({ event, outcome }) =>
    outcome.endedEscalations.map((entry) => ({
      ...entry,
      store,
      now: event.now,
      was: event.type === 'ruling.given' && ENDS_ANSWERED.has(entry.as) ? ('answered' as const) : ('open' as const),
    })),
  );
}

const ENDS_ANSWERED: ReadonlySet<string> = new Set(['ruled', 'replaced']);
