import type { Envelope } from '#shared/contracts/envelope.ts';
import { type Board, overlap } from './board.ts';
import { type Breach, breaches, meets } from './guard.ts';
import { compareRanks, rankOf } from './precedence.ts';
import type { Preempted, Setting } from './standing.ts';
import type { Candidate, Claim, Outcome, StandingAction } from './types.ts';
import { undoing } from './undo.ts';

export type Preemption =
  | { readonly preempted: Preempted; readonly claims: readonly Claim[] }
  /** It would be possible, but for one that is being called: its outcome has to be known first. */
  | { readonly waitFor: Claim }
  | { readonly left: Outcome['leftToPeople'][number] };

/**
 * What an intent may take back to keep the guardrails: weaker claims that move a quantity in common with it and whose
 * action can be revoked or undone; the weakest first, and no more of them than it takes.
 */
export function preempt(
  candidate: Candidate,
  found: readonly Breach[],
  board: Board,
  setting: Setting,
): Preemption | undefined {
  const yielding = weakerOn(found, candidate, board, setting);
  if (yielding.length === 0) return undefined;
  const taken: Claim[] = [];
  for (const claim of yielding) {
    taken.push(claim);
    if (holdsWithout(taken, candidate, board, setting)) return fewest(taken, candidate, board, setting);
  }
  return undefined;
}

function weakerOn(found: readonly Breach[], candidate: Candidate, board: Board, setting: Setting): Claim[] {
  const rank = rankOf(candidate);
  const types = setting.around.actionTypes;
  const claims = found.flatMap(({ leaf }) =>
    board
      .claimsOn(leaf)
      .filter(
        (claim) =>
          claim.owner !== 'person' &&
          claim.owner !== 'escalation' &&
          overlap(claim, candidate.window) &&
          meets(candidate.type, types.get(claim.layer.action)) &&
          compareRanks(rank, claim.layer.rank) < 0 &&
          isReversible(claim, setting),
      ),
  );
  return claims.sort(
    (a, b) => compareRanks(b.layer.rank, a.layer.rank) || (a.claim < b.claim ? -1 : a.claim > b.claim ? 1 : 0),
  );
}

function isReversible(claim: Claim, { around }: Setting): boolean {
  const action = claim.action === undefined ? undefined : around.actionOf(claim.action);
  return action !== undefined && (action.state === 'pending' || action.inverse.length > 0);
}

/** Each one that the guardrails hold without taking is left alone after all, the strongest first. */
function fewest(taken: readonly Claim[], candidate: Candidate, board: Board, setting: Setting): Preemption {
  let needed = taken;
  for (const claim of [...taken].reverse()) {
    const rest = needed.filter((other) => other !== claim);
    if (rest.length > 0 && holdsWithout(rest, candidate, board, setting)) needed = rest;
  }
  const waitFor = needed.find(
    (claim) => stateOf(claim, setting) === 'calling' || stateOf(claim, setting) === 'unknown',
  );
  if (waitFor) return { waitFor };
  const taking = takeBack(
    needed,
    candidate.event,
    `It gives way to ${candidate.type.type} on ${candidate.target}.`,
    setting,
  );
  return 'left' in taking ? taking : { ...taking, claims: needed };
}

function stateOf(claim: Claim, { around }: Setting) {
  return around.actionOf(claim.action ?? '')?.state;
}

/** What a store only watches counts as done, and is taken back by the end of its claims alone. */
function isCarriedOut(state: StandingAction['state'] | undefined): boolean {
  return state === 'done' || state === 'watched';
}

function takeBack(
  claims: readonly Claim[],
  event: Envelope,
  reason: string,
  setting: Setting,
): { preempted: Preempted } | { left: Outcome['leftToPeople'][number] } {
  const revoked: Claim[] = [];
  const undone: Claim[] = [];
  const candidates: Candidate[] = [];
  const seen = new Set<string>();
  for (const claim of claims) {
    const action = setting.around.actionOf(claim.action!)!;
    (action.state === 'pending' ? revoked : undone).push(claim);
    if (seen.has(action.action) || action.state === 'pending' || action.state === 'watched') continue;
    seen.add(action.action);
    const undo = undoing(action, reason, claim.layer.rank, event, setting);
    if ('left' in undo) return undo;
    candidates.push(...undo.candidates);
  }
  return { preempted: { revoked, undone, undoing: candidates } };
}

/** The guardrails with these taken back: what is undone shows its earlier value again. */
function holdsWithout(claims: readonly Claim[], candidate: Candidate, board: Board, setting: Setting): boolean {
  const trial = boardWithout(claims, candidate, board, setting);
  return breaches(candidate, trial, setting).length === 0;
}

function boardWithout(claims: readonly Claim[], candidate: Candidate, board: Board, setting: Setting): Board {
  const trial = board.without(allOf(claims, setting));
  const taking = takeBack(claims, candidate.event, '', setting);
  if ('preempted' in taking) for (const undo of taking.preempted.undoing) trial.admit(undo, []);
  return trial;
}

/**
 * What the candidate displaces on another aspect, because the two types oppose each other, does not end by the new value
 * going over it: it is undone where there is a way back.
 */
export function takeBackOpposed(
  candidate: Candidate,
  displaced: readonly Claim[],
  setting: Setting,
): { preempts?: Preempted; leftToPeople?: Outcome['leftToPeople'] } {
  const others = displaced.filter(
    (claim) =>
      claim.owner !== 'escalation' &&
      claim.aspect !== candidate.type.hold?.aspect &&
      isCarriedOut(stateOf(claim, setting)) &&
      isReversible(claim, setting),
  );
  if (others.length === 0) return {};
  const reason = `It gives way to ${candidate.type.type} on ${candidate.target}.`;
  const taking = takeBack(others, candidate.event, reason, setting);
  return 'left' in taking ? { leftToPeople: [taking.left] } : { preempts: taking.preempted };
}

/** An action is taken back whole: with all its claims. */
export function allOf(claims: readonly Claim[], { around }: Setting): Claim[] {
  return [...new Set(claims.flatMap((claim) => (claim.action ? around.claimsOfAction(claim.action) : [claim])))];
}
