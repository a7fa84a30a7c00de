import { readLeaf } from '#shared/contracts/leaf-facts.ts';
import { projectOnto } from '#shared/contracts/projection.ts';
import { type Instant, toInstant, toMs } from '#shared/kernel/time.ts';
import type { GuardrailInput, Policy, RuleTrace, TraceInput } from '#shared/policy/policy.ts';
import { Board } from '../board.ts';
import { byPrecedence } from '../precedence.ts';
import { prepare } from '../prepare.ts';
import type { Candidate, Conflict, Surroundings } from '../types.ts';
import { judgeAgain, type KeptRound } from './again.ts';
import type { Sources } from './recalled.ts';

/** Of a wish for a whole category, so many leaves are looked at one by one. */
const LEAVES_MAX = 50;

/**
 * What every rule makes of one intent of a recorded round, on what it was judged on: the facts, the claims, and what was
 * admitted before it. Undefined where the intent could not be judged at all (unknown action, outside its manifest).
 */
export function traceAgain(
  round: KeptRound,
  intent: string,
  policy: Policy,
  sources: Sources,
): readonly RuleTrace[] | undefined {
  const { proposed, around, verdicts } = judgeAgain(round, policy, sources);
  const { now } = round.event;
  const candidates = proposed.flatMap((one) => {
    const prepared = prepare(one, now, around, policy);
    return 'candidate' in prepared ? [prepared.candidate] : [];
  });
  const mine = candidates.find((candidate) => candidate.id === intent);
  if (!mine) return undefined;
  const board = new Board(around, now);
  for (const candidate of admittedBefore(mine, candidates, round)) board.admit(candidate, []);
  const conflict = verdicts.conflicts.find(({ members }) => members.some(({ id }) => id === intent));
  return policy.trace(inputOf(mine, board, conflict, now, around, policy));
}

/** The stronger ones of the round that were let through, with the parameters that they were let through with. */
function admittedBefore(mine: Candidate, candidates: readonly Candidate[], round: KeptRound): readonly Candidate[] {
  const through = new Map(
    round.decisions
      .filter(({ verdict }) => verdict === 'granted' || verdict === 'adjusted' || verdict === 'merged')
      .map((decision) => [decision.intent, decision.params as Candidate['params']]),
  );
  return candidates
    .filter((other) => other.id !== mine.id && through.has(other.id) && byPrecedence(other, mine) < 0)
    .map((other) => ({ ...other, params: through.get(other.id)! }));
}

function inputOf(
  mine: Candidate,
  board: Board,
  conflict: Conflict | undefined,
  now: Instant,
  around: Surroundings,
  policy: Policy,
): TraceInput {
  const { ruled, leaves, type } = mine;
  const since = toInstant(toMs(now) - policy.dampingMs);
  const [first] = leaves;
  const changes = first && type.hold ? around.changesOn(first, type.hold.aspect, since) : [];
  return {
    intent: ruled,
    leaves: leaves.slice(0, LEAVES_MAX).map((leaf) => leafInput(leaf, mine, board, now, around)),
    threshold: {
      intent: ruled,
      conflict: conflict && {
        class: conflict.class,
        stake: conflict.stake,
        agents: conflict.members.map(({ agent }) => agent),
        actions: conflict.members.map(({ action }) => action),
      },
      counted: (limit) => around.counted(limit),
      now,
    },
    changes,
    now,
  };
}

/** The leaf as it would be with everything in force, everything admitted before, and this. */
function leafInput(
  leaf: Candidate['target'],
  { type, params, window }: Candidate,
  board: Board,
  now: Instant,
  around: Surroundings,
): GuardrailInput {
  const upon = board.layersOn(leaf, window);
  const layers = [...upon.map(({ layer }) => layer), type.layer(params, leaf, around.facts)];
  return {
    leaf,
    category: around.category(leaf),
    actions: [...upon.map(({ action }) => action), type.type],
    projected: projectOnto(readLeaf(leaf, around.facts, now), layers),
    now,
  };
}
