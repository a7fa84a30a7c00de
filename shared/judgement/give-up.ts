import { refuseOutright } from './commit.ts';
import { emptyOutcome, type Outcome, type Proposed } from './types.ts';

/** What is decided about the intents of a round whose judging throws. */
export function giveUp(proposed: readonly Proposed[]): Outcome {
  const finding = {
    rule: 'internal-error',
    why: 'What cannot be judged is not done.',
    detail: 'Judging this round failed twice; see the dead letters.',
  };
  return { ...emptyOutcome(), decisions: proposed.map((entry) => refuseOutright(entry, 'store:unknown', [finding])) };
}
