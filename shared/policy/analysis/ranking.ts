import type { RuledIntent } from '../policy.ts';
import type { Ground } from './ground.ts';

/** The rule whose list gives a wish its rank among objectives or agents: the narrowest that takes it in. */
export function rankedBy(intent: RuledIntent, list: 'objectives' | 'agents', ground: Ground): string | undefined {
  const key = list === 'objectives' ? 'objectiveRank' : 'agentRank';
  return ground.rules
    .filter(({ rule: { compiled } }) => compiled.actions === undefined || compiled.actions.includes(intent.action))
    .toSorted((a, b) => b.rule.compiled.narrowness - a.rule.compiled.narrowness)
    .find(({ rule: { compiled } }) => compiled[key]?.(intent) !== undefined)?.id;
}

/** Which of two wishes goes first by rank, and by which rule; undefined where they are equal in all of them. */
export function strongerOf<Wish extends { readonly intent: RuledIntent }>(
  a: Wish,
  b: Wish,
  ground: Ground,
): { readonly winner: Wish; readonly loser: Wish; readonly rule: string } | undefined {
  const [first, second] = [ground.policy.precedence(a.intent), ground.policy.precedence(b.intent)];
  const order = first.temporal - second.temporal || first.objective - second.objective || first.agent - second.agent;
  if (order === 0) return undefined;
  const [winner, loser] = order < 0 ? [a, b] : [b, a];
  const list = first.objective === second.objective ? 'agents' : 'objectives';
  const ranking = first.temporal === second.temporal ? rankedBy(winner.intent, list, ground) : 'what was planned first';
  return { winner, loser, rule: ranking ?? 'none' };
}
