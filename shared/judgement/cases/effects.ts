import type { Outcome } from '../types.ts';
import type { WrittenStep } from './format.ts';
import type { Difference } from './report.ts';
import type { Stage } from './stage.ts';

/** What an event itself did, beside the verdicts of its round: actions revoked, claims ended, a question ended, a person respected. */
export function compareEffects(
  about: string,
  written: WrittenStep['effects'],
  outcome: Outcome,
  before: Stage,
): Difference[] {
  if (!written) return [];
  const agentOf = (action: string) => before.actions.find((played) => played.action === action)?.agent ?? action;
  const found: Record<keyof NonNullable<WrittenStep['effects']>, string> = {
    revoked: sorted(outcome.revocations.map(({ action }) => agentOf(action))),
    ended: sorted(outcome.endedClaims.map(({ claim, as }) => `${before.claims.get(claim)?.owner ?? claim} ${as}`)),
    question: sorted(outcome.endedEscalations.map(({ as }) => as)),
    respected: sorted(
      outcome.claims.filter((claim) => claim.owner === 'person').map((claim) => `${claim.resource} ${claim.aspect}`),
    ),
    'carried-out': sorted(outcome.actions.map((action) => action.agent)),
  };
  const wanted: Record<string, string> = {};
  for (const [key, value] of Object.entries(written)) {
    if (value === undefined) continue;
    const items = typeof value === 'object' && !Array.isArray(value) ? pairs(value) : [value].flat();
    wanted[key] = sorted(items as string[]);
  }
  return Object.entries(wanted).flatMap(([key, expected]) => {
    const got = found[key as keyof typeof found];
    return got === expected ? [] : [{ about: `${about}${key}`, expected, got }];
  });
}

function pairs(value: object): string[] {
  return Object.entries(value).map(([owner, as]) => `${owner} ${as}`);
}

function sorted(items: readonly string[]): string {
  const named = [...new Set(items)].filter((item) => item !== 'none');
  return named.sort().join(', ') || 'none';
}

/** How people are asked: the tier, the options, what happens without an answer. */
export function compareQuestion(about: string, written: WrittenStep['asks'], outcome: Outcome): Difference[] {
  if (!written) return [];
  const [asked] = outcome.escalations;
  const found = {
    tier: asked?.tier,
    options: asked?.options.map((option) => option.id).join(', '),
    default: asked?.defaultOption,
  };
  return Object.entries(written).flatMap(([key, value]) => {
    const expected = [value].flat().join(', ');
    const got = found[key as keyof typeof found] ?? 'nobody is asked';
    return got === expected ? [] : [{ about: `${about}asks ${key}`, expected, got }];
  });
}
