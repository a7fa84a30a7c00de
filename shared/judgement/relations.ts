import type { Finding } from '#shared/policy/policy.ts';
import type { Board } from './board.ts';
import { holderOf, type Party, partyOf, type Setting, type Standing } from './standing.ts';
import type { Candidate, Claim } from './types.ts';

/** States in which an action is not over. */
const UNDER_WAY: ReadonlySet<Claim['actionState']> = new Set(['pending', 'calling', 'unknown']);

/** What a sequence rule puts before the candidate, where it goes ahead in this round or is still under way: it waits for it, or is too early. */
export function succeeds(candidate: Candidate, board: Board): Standing | undefined {
  for (const { rule, why, after, otherwise } of candidate.after) {
    const first = firstOf(after, candidate, board);
    if (!first) continue;
    const detail = `${first.party.agent}'s ${first.party.action} on ${first.leaf} has to be over first.`;
    return {
      candidate,
      verdict: otherwise === 'deny' ? 'denied' : 'deferred',
      reasons: [{ rule, why, detail }],
      displaces: [],
      clash: { class: 'sequence', with: [first.party] },
      ...(otherwise === 'deny' ? {} : { wakesOn: first.wakesOn }),
    };
  }
  return undefined;
}

function firstOf(
  after: readonly string[],
  candidate: Candidate,
  board: Board,
): { party: Party; leaf: string; wakesOn: string } | undefined {
  for (const leaf of candidate.leaves) {
    const admitted = board.admittedOn(leaf).find((other) => after.includes(other.type.type));
    if (admitted) return { party: partyOf(admitted), leaf, wakesOn: admitted.id };
    const claim = board
      .claimsOn(leaf)
      .find(
        (held) => after.includes(held.layer.action) && (held.owner === 'escalation' || UNDER_WAY.has(held.actionState)),
      );
    if (claim) return { party: holderOf(claim), leaf, wakesOn: claim.action ?? claim.claim };
  }
  return undefined;
}

/**
 * A wish that a redundancy rule calls the same as another: the stronger one of the round stays, and what was granted
 * lately is not granted again. Behind one that waits for a person it waits too.
 */
export function superfluous(
  candidate: Candidate,
  standingWith: (key: string) => Standing | undefined,
  board: Board,
  setting: Setting,
): Standing | undefined {
  for (const { rule, why, key, withinMs } of candidate.same) {
    const stronger = standingWith(key);
    if (stronger) {
      const { agent, type, target } = stronger.candidate;
      const detail = `${agent}'s ${type.type} on ${target} is the same wish.`;
      return redundant(candidate, { rule, why, detail }, partyOf(stronger.candidate));
    }
    if (withinMs === 0) continue;
    const claim = setting.around.sameSince(key, setting.since(withinMs));
    if (!claim || board.isGone(claim)) continue;
    const waiting = claim.owner === 'escalation';
    const detail = waiting
      ? `The same wish waits for a person's ruling (${claim.layer.action} on ${claim.resource}).`
      : `${claim.owner}'s ${claim.layer.action} on ${claim.resource} was granted on ${claim.from}.`;
    const standing = redundant(candidate, { rule, why, detail }, holderOf(claim));
    return waiting && claim.action ? { ...standing, verdict: 'deferred', wakesOn: claim.action } : standing;
  }
  return undefined;
}

function redundant(candidate: Candidate, finding: Finding, other: Party): Standing {
  return {
    candidate,
    verdict: 'denied',
    reasons: [finding],
    displaces: [],
    clash: { class: 'redundant', with: [other] },
  };
}
