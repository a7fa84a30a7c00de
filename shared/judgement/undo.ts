import type { PlannedWrite } from '#shared/contracts/actions/define.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Attribute } from '#shared/contracts/facts.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { cut } from '#shared/kernel/plain-text.ts';
import { prepare } from './prepare.ts';
import type { Setting } from './standing.ts';
import type { Candidate, Outcome, StandingAction } from './types.ts';

export type Undoing =
  | { readonly candidates: readonly Candidate[] }
  | { readonly left: Outcome['leftToPeople'][number] };

/**
 * What undoes an action that is done: intents of the coordinator, one an inverse, in the precedence of what they undo.
 * Nothing is undone where somebody has changed the value written since, or where there is no way back: that is for a
 * person.
 */
export function undoing(
  action: StandingAction,
  reason: string,
  rank: readonly number[],
  event: Envelope,
  setting: Setting,
): Undoing {
  const leave = (why: Outcome['leftToPeople'][number]['reason'], detail: string): Undoing => ({
    left: { action: action.action, reason: why, detail: `${reason} ${detail}` },
  });
  const changed = action.writes.find((write) => isChanged(write, action, setting));
  if (changed) {
    return leave(
      'changed-meanwhile',
      `${action.type} by ${action.agent} is not undone: somebody has changed ${changed.attribute} of ${changed.resource} since.`,
    );
  }
  const inverses = new Map(action.inverse.map((inverse) => [canonicalJson(inverse as unknown as Json), inverse]));
  const candidates: Candidate[] = [];
  for (const inverse of inverses.values()) {
    const prepared = prepare(
      {
        id: undoId(action.action, candidates.length),
        agent: 'coordinator',
        event,
        replacements: 0,
        intent: {
          ...inverse,
          params: { ...inverse.params },
          objective: 'safety',
          reason: cut(reason, 200),
          cites: [],
        },
      },
      setting.now,
      setting.around,
      setting.policy,
    );
    if ('refusal' in prepared) return leave('not-undoable', prepared.refusal.detail);
    const [temporal = 0, objective = 0, agent = 0] = rank;
    candidates.push({ ...prepared.candidate, rank: { ...prepared.candidate.rank, temporal, objective, agent } });
  }
  if (candidates.length > 0) return { candidates };
  return leave(
    'not-undoable',
    `${action.type} by ${action.agent} on ${action.leaves.slice(0, 3).join(', ')} has no way back.`,
  );
}

/** Derived like every id that enters a decision, so that nothing is undone twice. */
function undoId(action: string, index: number): string {
  return `${action}.undo${index === 0 ? '' : index}`;
}

/** The action that an intent of the coordinator undoes. */
export function undoes(id: string): string | undefined {
  return /^(.+)\.undo\d*$/.exec(id)?.[1];
}

/** A fact that is older than the action does not show it yet; one that is newer and shows something else was changed by somebody. */
function isChanged(write: PlannedWrite, action: StandingAction, setting: Setting): boolean {
  const fact = setting.around.facts.get(write.resource, write.attribute as Attribute);
  return fact !== undefined && fact.time > action.notBefore && !shows(fact.value as Json, write.value as Json);
}

/** `null`: gone. `true`: there, whatever it is. An object: at least its fields, in the fact or in one member of a set. */
function shows(fact: Json | undefined, planned: Json): boolean {
  if (planned === null) return typeof fact !== 'object' || fact === null || Object.keys(fact).length === 0;
  if (planned === true && fact !== undefined && fact !== null) return true;
  if (contains(fact, planned)) return true;
  return typeof fact === 'object' && fact !== null && Object.values(fact).some((member) => contains(member, planned));
}

function contains(shown: Json | undefined, planned: Json): boolean {
  if (shown === undefined) return false;
  if (typeof planned !== 'object' || planned === null || Array.isArray(planned))
    return canonicalJson(shown) === canonicalJson(planned);
  if (typeof shown !== 'object' || shown === null) return false;
  return Object.entries(planned).every(
    ([key, value]) => value === undefined || contains((shown as Record<string, Json>)[key], value as Json),
  );
}
