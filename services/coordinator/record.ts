import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Before } from '#shared/judgement/effects.ts';
import { JUDGEMENT_VERSION, type RoundInputs } from '#shared/judgement/record/reads.ts';
import { Recorder } from '#shared/judgement/record/recorder.ts';
import type { Outcome, Proposed, Surroundings } from '#shared/judgement/types.ts';
import type { AnswerRow } from '#shared/store/coordinator/rounds.ts';

/** What is noted while a round is judged: enough to judge it again and come to the same. */
export interface RoundNotes {
  readonly answers: readonly AnswerRow[];
  readonly proposed: readonly Proposed[];
  readonly before: Before | undefined;
  readonly givenUp: boolean;
  readonly effects: Recorder;
  readonly verdicts: Recorder;
}

export function takeNotes(parts: Omit<RoundNotes, 'effects' | 'verdicts'>, around: Surroundings): RoundNotes {
  return { ...parts, effects: new Recorder(around), verdicts: new Recorder(around) };
}

/**
 * The record of a round, where there is anything to judge again: intents, a ruling, a person's change, a void cause. The
 * end of an action alone only ends its claims; its event says all of that.
 */
export function inputsOf(
  event: Envelope,
  outcome: Outcome,
  notes: RoundNotes,
  unwritten: ReadonlySet<string>,
): RoundInputs | undefined {
  const { answers, proposed, before, givenUp } = notes;
  const moved = outcome.claims.length + outcome.endedEscalations.length + outcome.revocations.length;
  if (proposed.length === 0 && moved === 0) return undefined;
  const answered = answers.find((answer) => answer.event !== event.id)?.event;
  const origin = proposed.find((entry) => entry.event.id !== event.id)?.event.seq;
  const replacements = proposed.flatMap((entry) => (entry.replacements > 0 ? [[entry.id, entry.replacements]] : []));
  const effects = notes.effects.reads(unwritten);
  const verdicts = notes.verdicts.reads(unwritten);
  return {
    judgement: JUDGEMENT_VERSION,
    answers: answers.filter((row) => row.body.intents.length > 0).map(({ agent, part }) => [agent, part] as const),
    ...(answered ? { answered } : {}),
    ...(origin === undefined ? {} : { origin }),
    ...(replacements.length > 0 ? { replacements: Object.fromEntries(replacements) } : {}),
    ...(before ? { before } : {}),
    ...(givenUp ? { givenUp } : {}),
    ...(effects ? { effects } : {}),
    ...(verdicts ? { verdicts } : {}),
  };
}

/** Notes what rules that would have let a wish through would have looked at. Before the round's outcome is applied. */
export function completeNotes({ proposed, verdicts }: RoundNotes, event: Envelope): void {
  for (const { intent } of proposed) {
    const type = verdicts.actionTypes.get(intent.action);
    const parsed = type?.params.safeParse(intent.params);
    if (type && parsed?.success) verdicts.complete(verdicts.leavesOf(type.target(parsed.data)), type.reads, event.now);
  }
}
