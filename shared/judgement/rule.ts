import type { Envelope } from '#shared/contracts/envelope.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { admitAll, type Setting, type Standing } from './admit.ts';
import { carryOut } from './commit.ts';
import { conflictsOf } from './detect.ts';
import { escalate } from './escalate.ts';
import { byPrecedence, prepare } from './prepare.ts';
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
  const setting: Setting = { now: event.now, around, policy };
  const held = around.claimsOfAction(escalationId).map((claim) => claim.claim);
  for (const claim of held) outcome.endedClaims.push({ claim, as: 'answered' });
  outcome.wakes.push(escalationId);
  const option = escalation.options.find((entry) => entry.id === optionId) ?? nothing(escalation);
  const standings = standingsNow(escalation, option, held, setting);
  const holds = standings?.every((standing) => sameResult(standing, option));
  if (standings && !holds && by !== 'default') {
    const finding = {
      rule: escalation.rule,
      why: 'The facts have changed since the question was put.',
      detail: whatChanged(standings),
    };
    escalate(standings, conflictsOf(standings), finding, `${event.id}.e0`, outcome, setting, escalationId);
    outcome.endedEscalations.push({ escalation: escalationId, as: 'replaced', by, option: optionId });
    return;
  }
  const chosen = holds && standings ? standings.filter((standing) => !standing.leader) : [];
  for (const standing of chosen) carryOut(standing.candidate, standing.displaces, outcome, setting);
  const done = new Set(chosen.map((standing) => standing.candidate.id));
  for (const member of escalation.members) if (!done.has(member.id)) outcome.struck.push(member.id);
  outcome.endedEscalations.push({
    escalation: escalationId,
    as: 'ruled',
    by,
    option: holds ? optionId : 'nothing',
    rememberUntil: plus(event.now, REMEMBER_MS),
  });
}

function nothing(escalation: OpenEscalation): Option {
  return (
    escalation.options.find((entry) => entry.id === 'nothing') ?? {
      id: 'nothing',
      label: 'Do nothing',
      effect: '',
      impact: { revenueMinor: 0, marginMinor: 0, cashMinor: 0, units: 0, customers: 0 },
      intents: [],
    }
  );
}

/** Where the chosen intents would stand now, with the parameters that the option gave them; undefined where one is no longer valid at all. */
function standingsNow(
  escalation: OpenEscalation,
  option: Option,
  held: readonly string[],
  setting: Setting,
): Standing[] | undefined {
  const candidates: Candidate[] = [];
  for (const { intent, params } of option.intents) {
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
    candidates.push(prepared.candidate);
  }
  return admitAll(candidates.sort(byPrecedence), setting, held);
}

/** A guardrail that asks has been answered by the ruling; everything else must come out as it was shown. */
function sameResult(standing: Standing, option: Option): boolean {
  if (standing.asks) return true;
  const shown = option.intents.find((entry) => entry.intent === standing.candidate.id);
  return (standing.verdict === 'granted' || standing.verdict === 'merged') && shown !== undefined;
}

function whatChanged(standings: readonly Standing[]): string {
  const changed = standings.filter((standing) => standing.verdict !== 'granted');
  return (
    changed
      .map(
        (standing) =>
          `${standing.candidate.type.type} on ${standing.candidate.target}: ${standing.reasons[0]?.detail ?? standing.verdict}`,
      )
      .join('; ')
      .slice(0, 500) || 'Its figures are no longer the same.'
  );
}
