import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import type { Candidate } from './types.ts';

export function rankOf(candidate: Candidate): readonly number[] {
  return [candidate.rank.temporal, candidate.rank.objective, candidate.rank.agent];
}

/** Below zero where `a` goes before `b`. */
export function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? Number.MAX_SAFE_INTEGER) - (b[index] ?? Number.MAX_SAFE_INTEGER);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The order of admission: temporal precedence, objective rank, agent rank, stake, event `seq`, agent name, digest. A
 * total order over distinct intents in which neither arrival time nor a random id takes part.
 */
export function byPrecedence(a: Candidate, b: Candidate): number {
  return (
    a.rank.temporal - b.rank.temporal ||
    a.rank.objective - b.rank.objective ||
    a.rank.agent - b.rank.agent ||
    stakeOf(b) - stakeOf(a) ||
    a.event.seq - b.event.seq ||
    compareText(a.agent, b.agent) ||
    (a.id === b.id ? 0 : compareText(digestOf(a), digestOf(b))) ||
    compareText(a.id, b.id)
  );
}

function stakeOf(candidate: Candidate): number {
  const { revenueMinor, marginMinor, cashMinor } = candidate.ruled.impact;
  return Math.max(revenueMinor, marginMinor, cashMinor);
}

/** Written only for the few that everything else leaves equal. */
function digestOf(candidate: Candidate): string {
  return canonicalJson(candidate.intent as unknown as Json);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * The same order, but what a sequence rule puts first is judged first, so that who has to wait for it sees whether it
 * goes ahead. Rules that put each other first leave the order as it is.
 */
export function inSequence(ordered: readonly Candidate[]): readonly Candidate[] {
  if (ordered.every((candidate) => candidate.after.length === 0)) return ordered;
  const placed = new Set<Candidate>();
  const seen = new Set<Candidate>();
  const place = (candidate: Candidate) => {
    if (seen.has(candidate)) return;
    seen.add(candidate);
    for (const other of ordered) if (comesAfter(candidate, other)) place(other);
    placed.add(candidate);
  };
  for (const candidate of ordered) place(candidate);
  return [...placed];
}

function comesAfter(candidate: Candidate, other: Candidate): boolean {
  return (
    candidate !== other &&
    candidate.after.some((succession) => succession.after.includes(other.type.type)) &&
    candidate.leaves.some((leaf) => other.leaves.includes(leaf))
  );
}
