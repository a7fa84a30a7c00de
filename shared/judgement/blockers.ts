import type { ActionType } from '#shared/contracts/actions/define.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Finding } from '#shared/policy/policy.ts';
import { type Board, overlap } from './board.ts';
import { compareRanks, rankOf } from './precedence.ts';
import { prepare } from './prepare.ts';
import { type Clash, holderOf, type Party, partyOf, type Setting, type Standing } from './standing.ts';
import type { Candidate, Claim } from './types.ts';

interface Blocked {
  /** The verdict, where what stands leaves nothing to admit. */
  readonly standing?: Standing;
  /** The leaves that are free, or become so by displacing. */
  readonly leaves: readonly ResourceKey[];
  readonly displaces: readonly Claim[];
  readonly supersedes: readonly string[];
  readonly reasons: readonly Finding[];
  readonly clash?: Clash;
}

type Obstacle =
  | { readonly kind: 'displace'; readonly claim: Claim }
  | { readonly kind: 'wait'; readonly claim: Claim; readonly finding: Finding }
  | {
      readonly kind: 'deny';
      readonly finding: Finding;
      readonly with: Party;
      readonly redundant?: boolean;
    };

/** What stands in the way of a candidate on each of its leaves, and what becomes of it. */
export function blockersOf(candidate: Candidate, board: Board, setting: Setting): Blocked {
  const free: ResourceKey[] = [];
  const displaces: Claim[] = [];
  const obstacles: Obstacle[] = [];
  for (const leaf of candidate.leaves) {
    const found = obstaclesOn(leaf, candidate, board, setting);
    const stops = found.filter((obstacle) => obstacle.kind !== 'displace');
    if (stops.length > 0) obstacles.push(...stops);
    else {
      free.push(leaf);
      for (const obstacle of found) if (obstacle.kind === 'displace') displaces.push(obstacle.claim);
    }
  }
  if (obstacles.length === 0 && displaces.length === 0) return { ...NOTHING, leaves: candidate.leaves };
  const clash = clashOf(obstacles, displaces);
  const reasons = obstacles.flatMap((obstacle) => (obstacle.kind === 'displace' ? [] : [obstacle.finding])).slice(0, 3);
  if (free.length === 0 && candidate.leaves.length > 0)
    return { ...NOTHING, standing: stopped(candidate, obstacles, reasons, clash, setting), reasons };
  // A question that is superseded, and an action that is revoked, end whole, wherever else they hold a key.
  const ended = displaces.filter((claim) => claim.owner === 'escalation' || claim.actionState === 'pending');
  const supersedes = [...new Set(ended.filter((claim) => claim.owner === 'escalation').map((claim) => claim.action!))];
  const whole = [...new Set(ended.flatMap((claim) => claim.action ?? []))].flatMap((holder) =>
    setting.around.claimsOfAction(holder),
  );
  return {
    leaves: free,
    displaces: [...new Set([...displaces, ...whole])],
    supersedes,
    reasons,
    ...(clash ? { clash } : {}),
  };
}

const NOTHING: Blocked = { leaves: [], displaces: [], supersedes: [], reasons: [] };

function stopped(
  candidate: Candidate,
  obstacles: readonly Obstacle[],
  reasons: readonly Finding[],
  clash: Clash | undefined,
  setting: Setting,
): Standing {
  const base = { candidate, reasons, displaces: [], ...(clash ? { clash } : {}) };
  const waits = obstacles.flatMap((obstacle) => (obstacle.kind === 'wait' ? [obstacle.claim] : []));
  if (waits.length < obstacles.length) return { ...base, verdict: 'denied' };
  const last = waits.reduce((a, b) => ((a.to ?? '9') >= (b.to ?? '9') ? a : b));
  if (last.actionState === 'calling' || last.actionState === 'unknown' || last.to === undefined) {
    return { ...base, verdict: 'deferred', wakesOn: last.action ?? last.claim };
  }
  return {
    ...base,
    verdict: 'deferred',
    ...(last.to > setting.now ? { until: last.to } : {}),
    wakesOn: last.action ?? last.claim,
  };
}

function obstaclesOn(leaf: ResourceKey, candidate: Candidate, board: Board, setting: Setting): Obstacle[] {
  const found: Obstacle[] = [];
  for (const other of board.admittedOn(leaf)) {
    if (
      !overlap(other.window, candidate.window) ||
      !excludes(candidate.type, other.type, other.type.type, other.type.hold?.aspect, other.type.hold?.exclusive)
    )
      continue;
    found.push({
      kind: 'deny',
      finding: {
        rule: other.rank.rule,
        why: 'The stronger of two that exclude each other goes first.',
        detail: `${other.agent}'s ${other.type.type} on ${leaf} goes before it.`,
      },
      with: partyOf(other),
    });
  }
  for (const claim of board.claimsOn(leaf)) {
    const obstacle = overlap(claim, candidate.window) ? againstClaim(leaf, candidate, claim, setting) : undefined;
    if (obstacle) found.push(obstacle);
  }
  return found;
}

function againstClaim(leaf: ResourceKey, candidate: Candidate, claim: Claim, setting: Setting): Obstacle | undefined {
  const held = holderOf(claim);
  if (
    claim.owner === candidate.agent &&
    claim.layer.action === candidate.type.type &&
    (candidate.type.single || sameLayer(candidate, leaf, claim))
  ) {
    return {
      kind: 'deny',
      with: held,
      redundant: true,
      finding: {
        rule: 'no-op',
        why: 'What is already promised is not promised twice.',
        detail: `${claim.claim} holds the same on ${leaf}.`,
      },
    };
  }
  const { action } = claim.layer;
  if (!excludes(candidate.type, setting.around.actionTypes.get(action), action, claim.aspect, claim.exclusive))
    return undefined;
  if (claim.owner === 'person') {
    return {
      kind: 'deny',
      with: held,
      finding: {
        rule: 'respect',
        why: "A person's own change is respected.",
        detail: `Somebody set ${leaf} by hand${claim.to ? `; it stands until ${claim.to}` : ''}.`,
      },
    };
  }
  const wait = (why: string): Obstacle => ({
    kind: 'wait',
    claim,
    finding: {
      rule: 'claim',
      why,
      detail: `${claim.owner}'s ${claim.layer.action} holds ${leaf}${claim.to ? ` until ${claim.to}` : ''}.`,
    },
  });
  if (claim.owner === 'escalation') {
    if (candidate.type.protective) return undefined;
    return outranksAll(candidate, claim, setting)
      ? { kind: 'displace', claim }
      : wait("It waits for a person's ruling.");
  }
  const own = claim.owner === candidate.agent && claim.aspect === candidate.type.hold?.aspect;
  const outranks = own || compareRanks(rankOf(candidate), claim.layer.rank) < 0;
  if (!outranks) return wait('What is promised holds until it ends.');
  if (claim.actionState === 'calling' || claim.actionState === 'unknown')
    return wait('It waits for the outcome of what is being done.');
  return { kind: 'displace', claim };
}

/** Only an open question can be ended, and only by an intent that goes before every one of its members. */
function outranksAll(candidate: Candidate, claim: Claim, { around, now, policy }: Setting): boolean {
  const escalation = around.escalations.get(claim.action ?? '');
  if (escalation?.state !== 'open') return false;
  const rank = rankOf(candidate);
  return escalation.members.every((member) => {
    const prepared = prepare(member, now, around, policy);
    return 'refusal' in prepared || compareRanks(rank, rankOf(prepared.candidate)) < 0;
  });
}

/** Whether two cannot both be in force on one leaf: one takes their common aspect whole, or one of the types opposes the other. */
function excludes(
  type: ActionType,
  other: ActionType | undefined,
  action: string,
  aspect: string | undefined,
  exclusive: boolean | undefined,
): boolean {
  return (
    (type.hold !== undefined && type.hold.aspect === aspect && (type.hold.exclusive || exclusive === true)) ||
    type.opposes?.includes(action) === true ||
    other?.opposes?.includes(type.type) === true
  );
}

export function sameLayer(candidate: Candidate, leaf: ResourceKey, claim: Claim): boolean {
  const layer = candidate.type.layer(candidate.params, leaf, { get: () => undefined });
  // Two mails are not one because each is one contact: what they say is for rules about sameness.
  if (layer.contacts !== undefined) return false;
  const keys = Object.keys(layer) as (keyof typeof layer)[];
  return keys.length > 0 && keys.every((key) => key === 'spendMinor' || layer[key] === claim.layer.layer[key]);
}

function clashOf(obstacles: readonly Obstacle[], displaced: readonly Claim[]): Clash | undefined {
  const all = [
    ...obstacles.flatMap((obstacle) => (obstacle.kind === 'deny' ? [obstacle.with] : [holderOf(obstacle.claim)])),
    ...displaced.map(holderOf),
  ];
  if (all.length === 0) return undefined;
  const redundant =
    obstacles.length > 0 && obstacles.every((obstacle) => obstacle.kind === 'deny' && obstacle.redundant);
  return {
    class: redundant ? 'redundant' : 'direct',
    with: [...new Map(all.map((other) => [other.id, other])).values()],
  };
}
