import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Finding } from '#shared/policy/policy.ts';
import type { Setting, Standing } from './admit.ts';
import { type Board, overlap } from './board.ts';
import { compareRanks, rankOf } from './prepare.ts';
import type { Candidate, Claim } from './types.ts';

interface Blocked {
  /** The verdict, where what stands leaves nothing to admit. */
  readonly standing?: Standing;
  /** The leaves that are free, or become so by displacing. */
  readonly leaves: readonly ResourceKey[];
  readonly displaces: readonly Claim[];
  readonly reasons: readonly Finding[];
  readonly clash?: Standing['clash'];
}

type Obstacle =
  | { readonly kind: 'displace'; readonly claim: Claim }
  | { readonly kind: 'wait'; readonly claim: Claim; readonly finding: Finding }
  | {
      readonly kind: 'deny';
      readonly finding: Finding;
      readonly with: { id: string; agent: string; action: string };
      readonly redundant?: boolean;
    };

/** What stands in the way of a candidate on each of its leaves, and what becomes of it. */
export function blockersOf(candidate: Candidate, board: Board, setting: Setting): Blocked {
  const free: ResourceKey[] = [];
  const displaces: Claim[] = [];
  const obstacles: Obstacle[] = [];
  for (const leaf of candidate.leaves) {
    const found = obstaclesOn(leaf, candidate, board);
    const stops = found.filter((obstacle) => obstacle.kind !== 'displace');
    if (stops.length > 0) obstacles.push(...stops);
    else {
      free.push(leaf);
      for (const obstacle of found) if (obstacle.kind === 'displace') displaces.push(obstacle.claim);
    }
  }
  const clash = clashOf(obstacles, displaces);
  const reasons = obstacles.flatMap((obstacle) => (obstacle.kind === 'displace' ? [] : [obstacle.finding])).slice(0, 3);
  if (free.length > 0 || candidate.leaves.length === 0)
    return { leaves: free, displaces, reasons, ...(clash ? { clash } : {}) };
  return { standing: stopped(candidate, obstacles, reasons, clash, setting), leaves: [], displaces: [], reasons };
}

function stopped(
  candidate: Candidate,
  obstacles: readonly Obstacle[],
  reasons: readonly Finding[],
  clash: Standing['clash'],
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

function obstaclesOn(leaf: ResourceKey, candidate: Candidate, board: Board): Obstacle[] {
  const found: Obstacle[] = [];
  for (const other of board.admittedOn(leaf)) {
    if (
      !overlap(other.window, candidate.window) ||
      !excludes(candidate, other.type.type, other.type.hold?.aspect, other.type.hold?.exclusive)
    )
      continue;
    found.push({
      kind: 'deny',
      finding: {
        rule: other.rank.rule,
        why: 'The stronger of two that exclude each other goes first.',
        detail: `${other.agent}'s ${other.type.type} on ${leaf} goes before it.`,
      },
      with: { id: other.id, agent: other.agent, action: other.type.type },
    });
  }
  for (const claim of board.claimsOn(leaf)) {
    const obstacle = overlap(claim, candidate.window) ? againstClaim(leaf, candidate, claim) : undefined;
    if (obstacle) found.push(obstacle);
  }
  return found;
}

function againstClaim(leaf: ResourceKey, candidate: Candidate, claim: Claim): Obstacle | undefined {
  const held = { id: claim.claim, agent: claim.owner, action: claim.layer.action };
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
  if (!excludes(candidate, claim.layer.action, claim.aspect, claim.exclusive)) return undefined;
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
  if (claim.owner === 'escalation')
    return candidate.type.protective ? undefined : wait("It waits for a person's ruling.");
  const own = claim.owner === candidate.agent && claim.aspect === candidate.type.hold?.aspect;
  const outranks = own || compareRanks(rankOf(candidate), claim.layer.rank) < 0;
  if (!outranks) return wait('What is promised holds until it ends.');
  if (claim.actionState === 'calling' || claim.actionState === 'unknown')
    return wait('It waits for the outcome of what is being done.');
  return { kind: 'displace', claim };
}

/** Whether two cannot both be in force on one leaf: one takes their common aspect whole, or one of the types opposes the other. */
function excludes(
  candidate: Candidate,
  action: string,
  aspect: string | undefined,
  exclusive: boolean | undefined,
): boolean {
  const { type } = candidate;
  const opposed = type.opposes?.includes(action) || ACTION_TYPES.get(action)?.opposes?.includes(type.type);
  return (
    Boolean(opposed) ||
    (type.hold !== undefined && type.hold.aspect === aspect && (type.hold.exclusive || exclusive === true))
  );
}

function sameLayer(candidate: Candidate, leaf: ResourceKey, claim: Claim): boolean {
  const layer = candidate.type.layer(candidate.params, leaf, { get: () => undefined });
  const keys = Object.keys(layer) as (keyof typeof layer)[];
  return keys.length > 0 && keys.every((key) => key === 'spendMinor' || layer[key] === claim.layer.layer[key]);
}

function clashOf(obstacles: readonly Obstacle[], displaced: readonly Claim[]): Standing['clash'] {
  const others = obstacles.map((obstacle) =>
    obstacle.kind === 'deny'
      ? obstacle.with
      : { id: obstacle.claim.claim, agent: obstacle.claim.owner, action: obstacle.claim.layer.action },
  );
  const all = [
    ...others,
    ...displaced.map((claim) => ({ id: claim.claim, agent: claim.owner, action: claim.layer.action })),
  ];
  if (all.length === 0) return undefined;
  const redundant =
    obstacles.length > 0 && obstacles.every((obstacle) => obstacle.kind === 'deny' && obstacle.redundant);
  return {
    class: redundant ? 'redundant' : 'direct',
    with: [...new Map(all.map((other) => [other.id, other])).values()],
  };
}
