import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import type { AgentRow, AnswerRow } from '#shared/store/coordinator/rounds.ts';

/** A round that waits for answers, as the holder of its partition keeps it. */
export interface OpenRound {
  readonly event: Envelope;
  readonly missing: Set<string>;
  /** Those of the missing that are no longer waited for. */
  readonly dropped: Set<string>;
  readonly answers: AnswerRow[];
  /** Wall time at which it could first have been judged: from then on patience runs. */
  judgeableAtMs: number | undefined;
  /** How often each agent has been idle while it owed this answer. */
  readonly idle: Map<string, number>;
  faults: number;
}

export function openRound(event: Envelope, expected: readonly string[], faults = 0): OpenRound {
  return {
    event,
    missing: new Set(expected),
    dropped: new Set(),
    answers: [],
    judgeableAtMs: undefined,
    idle: new Map(),
    faults,
  };
}

/** Types whose round changes something even when nobody answers. */
const EFFECTIVE = new Set([
  'action.done',
  'action.failed',
  'action.revoked',
  'rules.requested',
  'ruling.given',
  'escalation.due',
  'answer.late',
  'answer.more',
  'replay.ended',
]);

/**
 * Types that show what people may have changed by hand, with the attribute. Only what nobody but people and our own
 * actions can move is here: a sale moves stock and a carrier moves fulfilment.
 */
export const PEOPLE_CHANGE: Readonly<Record<string, string>> = {
  'price.changed': 'price',
  'product.changed': 'lifecycle',
};

export function hasEffect(event: Envelope): boolean {
  if (EFFECTIVE.has(event.type) || EVENT_TYPES.get(event.type)?.voids !== undefined) return true;
  return event.type in PEOPLE_CHANGE && event.addressee !== 'nobody';
}

/** Who is expected to answer: the addressee where there is one, otherwise all agents in force that answer the type, of those that are alive. */
export function expectedAgents(
  event: Envelope,
  agents: readonly AgentRow[],
  isAlive: (agent: AgentRow) => boolean,
): string[] {
  if (event.addressee === 'nobody' || event.depth > 8) return [];
  return agents
    .filter(
      (row) =>
        !row.paused &&
        row.manifest.answers.includes(event.type) &&
        (event.addressee === undefined || row.agent === event.addressee),
    )
    .filter(isAlive)
    .map((row) => row.agent);
}
