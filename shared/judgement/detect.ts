import type { Impact } from '#shared/contracts/actions/define.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Standing } from './standing.ts';
import { partyOf } from './standing.ts';
import type { Candidate, Conflict } from './types.ts';

/**
 * The connected components of a round's undecided intents: two are connected when they touch one leaf through a common
 * aspect or a common derived quantity, when they are of one type or one type opposes the other, when a sequence rule puts
 * one before the other, or when a redundancy rule calls them one wish. Components are judged whole, never only as pairs.
 */
export function components(candidates: readonly Candidate[]): Candidate[][] {
  if (candidates.length < 2) return candidates.map((candidate) => [candidate]);
  const parent = candidates.map((_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    parent[index] = root;
    return root;
  };
  const first = new Map<string, number>();
  candidates.forEach((candidate, index) => {
    for (const key of touches(candidate)) {
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else parent[find(index)] = find(other);
    }
  });
  // Two that are named by a third but not by each other do not meet: these lead to intents that are there, and nowhere else.
  candidates.forEach((candidate, index) => {
    for (const key of namesOf(candidate)) {
      const other = first.get(key);
      if (other !== undefined) parent[find(index)] = find(other);
    }
  });
  const groups = new Map<number, Candidate[]>();
  candidates.forEach((candidate, index) => {
    const root = find(index);
    const group = groups.get(root);
    if (group) group.push(candidate);
    else groups.set(root, [candidate]);
  });
  return [...groups.values()];
}

function* touches({ type, leaves, same }: Candidate): Generator<string> {
  for (const leaf of leaves) {
    yield `${leaf} !${type.type}`;
    if (type.hold) yield `${leaf} ${type.hold.aspect}`;
    for (const moved of type.moves) yield `${leaf} ~${moved}`;
  }
  for (const { key } of same) yield `=${key}`;
}

function* namesOf({ type, leaves, after }: Candidate): Generator<string> {
  if (!type.opposes && after.length === 0) return;
  for (const leaf of leaves) {
    for (const opposed of type.opposes ?? []) yield `${leaf} !${opposed}`;
    for (const succession of after) for (const earlier of succession.after) yield `${leaf} !${earlier}`;
  }
}

/** The conflicts that a component's standings show: who could not all hold, in which class, and what decided. */
export function conflictsOf(standings: readonly Standing[], stake: Impact): Conflict[] {
  const conflicts: Conflict[] = [];
  const targets = new Map(standings.map(({ candidate }) => [candidate.id, candidate.target]));
  for (const { candidate, clash, reasons } of standings) {
    if (!clash) continue;
    const members = [partyOf(candidate), ...clash.with].map((party) => ({
      ...party,
      resource: party.resource ?? targets.get(party.id) ?? candidate.target,
    }));
    const rule = reasons[0]?.rule ?? candidate.rank.rule;
    conflicts.push(conflictOf(clash.class, members, rule, stake, candidate));
  }
  return conflicts;
}

export function conflictOf(
  className: Conflict['class'],
  members: Conflict['members'],
  rule: string,
  stake: Impact,
  candidate: Candidate,
): Conflict {
  const key = conflictKey(className, members, rule, candidate.type.hold?.aspect);
  return { class: className, key, instance: `${key} @ ${instanceOf(candidate.leaves)}`, stake, members, rule };
}

/** Class, sorted (agent, action type, aspect), deciding rule: what makes two conflicts alike. */
function conflictKey(
  className: string,
  members: readonly { agent: string; action: string }[],
  rule: string,
  aspect: string | undefined,
): string {
  const parties = [...new Set(members.map((member) => `${member.agent}:${member.action}`))].sort().join('+');
  return `${className} ${parties} ${aspect ?? 'none'} ${rule}`;
}

/** Resources in order, shortened where a group covers many: the count keeps two groups of one first leaf apart. */
export function instanceOf(leaves: readonly ResourceKey[]): string {
  if (leaves.length === 1) return leaves[0]!;
  const sorted = [...leaves].sort();
  return sorted.length <= 8 ? sorted.join(',') : `${sorted.slice(0, 8).join(',')} and ${sorted.length - 8} more`;
}
