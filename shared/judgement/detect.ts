import type { ResourceKey } from '#shared/contracts/resource.ts';
import type { Standing } from './admit.ts';
import { addImpacts } from './prepare.ts';
import type { Candidate, Conflict } from './types.ts';

/**
 * The connected components of a round's undecided intents: two are connected when they touch one leaf through a common
 * aspect, a common derived quantity, or because their types oppose each other. Components are judged whole, never only
 * as pairs.
 */
export function components(candidates: readonly Candidate[]): Candidate[][] {
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
  const groups = new Map<number, Candidate[]>();
  candidates.forEach((candidate, index) => {
    const root = find(index);
    groups.set(root, [...(groups.get(root) ?? []), candidate]);
  });
  return [...groups.values()];
}

function* touches(candidate: Candidate): Generator<string> {
  const { type } = candidate;
  for (const leaf of candidate.leaves) {
    if (type.hold) yield `${leaf} ${type.hold.aspect}`;
    for (const moved of type.moves) yield `${leaf} ~${moved}`;
    yield `${leaf} !${type.type}`;
    for (const opposed of type.opposes ?? []) yield `${leaf} !${opposed}`;
  }
}

/** The conflicts that a component's standings show: who could not all hold, in which class, and what decided. */
export function conflictsOf(standings: readonly Standing[]): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const standing of standings) {
    if (!standing.clash) continue;
    const { candidate, clash } = standing;
    const members = [
      { id: candidate.id, agent: candidate.agent, action: candidate.type.type, resource: candidate.target },
      ...clash.with.map((other) => ({
        ...other,
        resource: standings.find((entry) => entry.candidate.id === other.id)?.candidate.target ?? candidate.target,
      })),
    ];
    const rule = standing.reasons[0]?.rule ?? candidate.rank.rule;
    const key = conflictKey(clash.class, members, rule, candidate.type.hold?.aspect);
    const others = standings.filter((entry) => clash.with.some((other) => other.id === entry.candidate.id));
    conflicts.push({
      class: clash.class,
      key,
      instance: `${key} @ ${instanceOf(candidate.leaves)}`,
      stake: addImpacts([candidate.ruled.impact, ...others.map((entry) => entry.candidate.ruled.impact)]),
      members,
      rule,
    });
  }
  return conflicts;
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
  const sorted = [...leaves].sort();
  return sorted.length <= 8 ? sorted.join(',') : `${sorted.slice(0, 8).join(',')} and ${sorted.length - 8} more`;
}
