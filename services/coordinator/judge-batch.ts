import type { Draft, Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { effectsOf } from '#shared/judgement/effects.ts';
import { giveUp } from '#shared/judgement/give-up.ts';
import { proposedIn } from '#shared/judgement/record/again.ts';
import { inOrder, judge } from '#shared/judgement/resolve.ts';
import type { Outcome, Proposed } from '#shared/judgement/types.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { revokeActions } from '#shared/store/coordinator/outcome.ts';
import type { AgentRow, AnswerRow } from '#shared/store/coordinator/rounds.ts';
import { readEventsById } from '#shared/store/read-events.ts';
import { untilHeld } from './hold-questions.ts';
import { countReplacements, type LoadedBatch, loadBatch } from './load.ts';
import { completeNotes, takeNotes } from './record.ts';
import { RoundFault } from './round-fault.ts';
import type { ShadowBench } from './shadow.ts';
import type { JudgedRound } from './write.ts';

export interface RoundToJudge {
  readonly event: Envelope;
  readonly answers: readonly AnswerRow[];
  /** What the answers are to, where it is not the round's own event: they came late, or in a second part. */
  readonly answered?: Envelope | undefined;
  /** Set when judging it has thrown before: its intents are denied instead of judged. */
  readonly givenUp?: boolean;
}

interface JudgeContext {
  readonly store: string;
  readonly agents: readonly AgentRow[];
  readonly policy: Policy;
  /** Judges the same rounds under a set that is only tried. */
  readonly beside?: ShadowBench | undefined;
}

/**
 * Judges a batch of rounds in `seq` order against one set of surroundings that evolves from round to round. Revocations
 * are the first thing written: where one finds its action no longer pending, the batch is judged again with that action
 * as a fixed boundary.
 */
export async function judgeBatch(
  tx: Transaction,
  rounds: readonly RoundToJudge[],
  context: JudgeContext,
): Promise<JudgedRound[]> {
  const proposals = await proposalsOf(tx, rounds, context.store);
  const judgedNow = async () => {
    context.beside?.begin();
    const loaded = await loadBatch(
      tx,
      {
        store: context.store,
        now: rounds[0]!.event.now,
        agents: context.agents,
        rounds: rounds.map((round) => ({ event: round.event, proposed: proposals.get(round.event.seq) ?? [] })),
      },
      context.policy,
      context.beside,
    );
    return rounds.map((round) => ({
      event: round.event,
      ...judgeRound(round, proposals.get(round.event.seq) ?? [], loaded, context),
    }));
  };
  let judged = await untilHeld(tx, context.store, judgedNow);
  for (let again = 0; again < 3; again++) {
    const wanted = judged.flatMap(({ outcome }) =>
      outcome.revocations.map((revocation) => ({ ...revocation, store: context.store })),
    );
    const born = new Set(judged.flatMap(({ outcome }) => outcome.actions.map((action) => action.action)));
    const standing = wanted.filter((entry) => !born.has(entry.action));
    const revoked = await revokeActions(tx, standing);
    if (standing.every((entry) => revoked.has(entry.action))) return withoutRevokedAtBirth(judged);
    judged = await untilHeld(tx, context.store, judgedNow);
  }
  throw new Error('Actions keep starting while they are being revoked.');
}

/** An action that a later round of its own batch revokes is written as what it is: never to be called. */
function withoutRevokedAtBirth(judged: JudgedRound[]): JudgedRound[] {
  const reasons = new Map(
    judged.flatMap(({ outcome }) => outcome.revocations.map((entry) => [entry.action, entry.reason])),
  );
  return judged.map(({ outcome, ...rest }) => ({
    ...rest,
    outcome: {
      ...outcome,
      actions: outcome.actions.map((action) =>
        reasons.has(action.action) ? { ...action, state: 'revoked', reason: reasons.get(action.action) } : action,
      ),
    },
  }));
}

function judgeRound(
  round: RoundToJudge,
  proposed: readonly Proposed[],
  loaded: LoadedBatch,
  { policy, beside }: JudgeContext,
): Pick<JudgedRound, 'outcome' | 'notes'> {
  const { event, answers, givenUp = false } = round;
  const { world } = loaded;
  const before = loaded.before.get(event.seq);
  const notes = takeNotes({ answers, proposed, before, givenUp }, world);
  if (givenUp) return { outcome: giveUp(proposed), notes };
  try {
    const effects = effectsOf(event, notes.effects, policy, before);
    world.apply(effects);
    const verdicts = judge(event, inOrder(proposed), notes.verdicts, policy);
    completeNotes(notes, event);
    beside?.judge(event, proposed, world, verdicts);
    world.apply(verdicts);
    return { outcome: combine(effects, verdicts), notes };
  } catch (thrown) {
    throw new RoundFault(event.seq, toParleyError(thrown));
  }
}

function combine(first: Outcome, second: Outcome): Outcome {
  const both = { ...first } as Record<string, unknown[]>;
  for (const [key, items] of Object.entries(second)) both[key] = [...(both[key] ?? []), ...items];
  return both as unknown as Outcome;
}

/** The intents of each round's answers, under their derived ids, each with the event that first caused it. */
async function proposalsOf(
  tx: Transaction,
  rounds: readonly RoundToJudge[],
  store: string,
): Promise<Map<number, Proposed[]>> {
  const origins = new Map(
    (
      await readEventsById(
        tx,
        store,
        rounds.flatMap((round) => originOf(round) ?? []),
      )
    ).map((event) => [event.id, event]),
  );
  const replaced = rounds.flatMap((round) =>
    round.answers.flatMap((row) => row.body.intents.flatMap((intent) => intent.replaces ?? [])),
  );
  const chains = await countReplacements(tx, store, replaced);
  return new Map(
    rounds.map((round) => [
      round.event.seq,
      proposedIn(
        round.answers,
        origins.get(originOf(round) ?? '') ?? answeredIn(round),
        (_intent, replaced) => chains.get(replaced) ?? 0,
      ),
    ]),
  );
}

const ADDRESSED = new Set(['intent.due', 'intent.refused', 'claim.broken']);

const answeredIn = ({ event, answered }: RoundToJudge): Envelope => answered ?? event;

/** A re-proposal rests on what first caused it, so that freshness and depth are judged on that. */
function originOf(round: RoundToJudge): string | undefined {
  const event = answeredIn(round);
  return ADDRESSED.has(event.type) ? event.causationid : undefined;
}

/** What agents announced with their answers, as events of their own. What its contract refuses is left out. */
export function announcementsOf(
  rounds: readonly RoundToJudge[],
  agents: readonly AgentRow[],
  newId: () => string,
): Draft[] {
  const manifests = new Map(agents.map((row) => [row.agent, row.manifest]));
  return rounds.flatMap((round) => {
    const { event, answers, givenUp } = round;
    const cause = answeredIn(round);
    if (givenUp || cause.depth >= LIMITS.depth) return [];
    return answers.flatMap((row) =>
      row.body.announcements
        .filter(
          (entry) =>
            manifests.get(row.agent)?.announces.includes(entry.type) &&
            EVENT_TYPES.get(entry.type)?.data.safeParse(entry.data).success,
        )
        .map((entry) => ({
          id: newId(),
          source: row.agent,
          type: entry.type,
          subject: entry.subject,
          time: event.now,
          store: event.store,
          correlationid: cause.correlationid,
          causationid: cause.id,
          depth: cause.depth + 1,
          data: entry.data,
        })),
    );
  });
}
