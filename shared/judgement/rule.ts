import type { Envelope } from '#shared/contracts/envelope.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { admitAll } from './admit.ts';
import { goAhead } from './commit.ts';
import { conflictsOf } from './detect.ts';
import { escalate } from './escalate.ts';
import { accepting, NOTHING, stakeOf, waysOf } from './options.ts';
import { byPrecedence, inSequence } from './precedence.ts';
import { prepare, reshape } from './prepare.ts';
import { goesAhead, type Setting, type Standing, settingOf } from './standing.ts';
import type { Candidate, OpenEscalation, Option, Outcome, Surroundings } from './types.ts';

/** How long a ruling against an intent stands for its instance. */
const REMEMBER_MS = 7 * DAY_MS;

/**
 * Carries a ruling out. The option is judged on the facts of now: same result, its actions are written; otherwise the
 * question is put anew, saying what changed. A default never asks anew: what no longer holds is then not done.
 */
export function applyRuling(
  event: Envelope,
  escalationId: string,
  optionId: string,
  by: string,
  around: Surroundings,
  policy: Policy,
  outcome: Outcome,
): void {
  const escalation = around.escalations.get(escalationId);
  if (!escalation) return;
  const setting = settingOf(event.now, around, policy);
  const held = around.claimsOfAction(escalationId).map((claim) => claim.claim);
  for (const claim of held) outcome.endedClaims.push({ claim, as: 'answered' });
  outcome.wakes.push(escalationId);
  const option = escalation.options.find((entry) => entry.id === optionId) ?? NOTHING;
  const standings = standingsNow(escalation, option, held, setting);
  const holds = standings?.every((standing) => sameResult(standing, option));
  if (standings && !holds && by !== 'default') {
    const finding = {
      rule: escalation.rule,
      why: 'The facts have changed since the question was put.',
      detail: whatChanged(standings),
    };
    const ways = waysOf(standings, setting, held);
    const asked = {
      escalation: `${event.id}.e0`,
      standings,
      conflicts: conflictsOf(standings, stakeOf(ways)),
      reason: finding,
      ways,
      replaces: escalationId,
      gone: held,
    };
    escalate(asked, outcome, setting);
    outcome.endedEscalations.push({ escalation: escalationId, as: 'replaced', by, option: optionId });
    return;
  }
  const chosen = holds && standings ? standings.filter((standing) => !standing.leader) : [];
  for (const standing of chosen) goAhead(standing, outcome, setting);
  const done = new Set(chosen.map((standing) => standing.candidate.id));
  for (const member of escalation.members) if (!done.has(member.id)) outcome.struck.push(member.id);
  outcome.endedEscalations.push({
    escalation: escalationId,
    as: 'ruled',
    by,
    option: holds ? optionId : 'nothing',
    // What a person decided is remembered; that nobody answered is not.
    ...(by === 'default' ? {} : { rememberUntil: plus(event.now, REMEMBER_MS) }),
  });
}

/** Where the chosen intents would stand now, with the parameters and leaves that the option gave them; undefined where one is no longer valid at all. */
function standingsNow(
  escalation: OpenEscalation,
  option: Option,
  held: readonly string[],
  setting: Setting,
): Standing[] | undefined {
  const candidates: Candidate[] = [];
  for (const { intent, params, leaves } of option.intents) {
    const member = escalation.members.find((entry) => entry.id === intent);
    const prepared =
      member &&
      prepare(
        { ...member, intent: { ...member.intent, params: params as Record<string, unknown> } },
        setting.now,
        setting.around,
        setting.policy,
      );
    if (!prepared || 'refusal' in prepared) return undefined;
    const { candidate } = prepared;
    const covered = leaves && candidate.leaves.filter((leaf) => leaves.includes(leaf));
    candidates.push(covered ? reshape(candidate, candidate.params, covered, setting.now, setting.around) : candidate);
  }
  // A guardrail that left it to a person, and that the option said it does not keep, has been answered by the ruling.
  const { lenient } = accepting(setting, option.accepts ?? []);
  return admitAll(inSequence(candidates.sort(byPrecedence)), lenient, held);
}

/** Everything must come out as it was shown. */
function sameResult({ candidate, verdict }: Standing, option: Option): boolean {
  const shown = option.intents.find((entry) => entry.intent === candidate.id);
  if (!shown || (verdict !== 'granted' && verdict !== 'merged')) return false;
  return shown.leaves === undefined || shown.leaves.length === candidate.leaves.length;
}

function whatChanged(standings: readonly Standing[]): string {
  const changed = standings.filter((standing) => !goesAhead(standing) || standing.verdict === 'adjusted');
  const told = changed.map(
    (standing) =>
      `${standing.candidate.type.type} on ${standing.candidate.target}: ${standing.reasons[0]?.detail ?? standing.verdict}`,
  );
  return cut(told.join('; '), 500) || 'Its figures are no longer the same.';
}
