import { toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { appendEvents } from '#shared/store/append-events.ts';
import { isRefusedValue } from '#shared/store/connect.ts';
import { closeRounds, countFault, markAnswers } from '#shared/store/coordinator/rounds.ts';
import { writeDeadLetters } from '#shared/store/dead-letters.ts';
import { readHeld } from './asked.ts';
import { SERVICE } from './deps.ts';
import type { Desk } from './desk.ts';
import { announcementsOf, judgeBatch, type RoundToJudge } from './judge-batch.ts';
import { hasEffect, type OpenRound } from './open-round.ts';
import { publishDecisions } from './publish.ts';
import { answerRequest } from './requests.ts';
import { RoundFault } from './round-fault.ts';
import { keepShadow, shadowBench } from './shadow.ts';
import { writeOutcomes } from './write.ts';

/** How often judging a round may throw before its intents are denied. One whose denials are refused too is only closed. */
const FAULTS_MAX = 2;

/**
 * Judges the rounds of one store that are ready, in `seq` order, at most so many a transaction. A round that is not
 * ready holds back those behind it. True when any was judged, or was found to be at fault.
 */
export async function judgeReady(desk: Desk): Promise<boolean> {
  const ready = readyRounds(desk);
  if (ready.length === 0) return false;
  try {
    await judgeThem(desk, ready);
  } catch (thrown) {
    const fault = faultOf(thrown, ready);
    if (fault) await afterFault(desk, fault, ready);
    else if (isRefusedValue(thrown)) narrow(desk, thrown, ready);
    else throw thrown;
  }
  return true;
}

/** The round that is at fault, where it is known: it has thrown, or Postgres refuses what was to be written of it alone. */
function faultOf(thrown: unknown, ready: readonly OpenRound[]): RoundFault | undefined {
  if (thrown instanceof RoundFault) return thrown;
  return ready.length === 1 && isRefusedValue(thrown)
    ? new RoundFault(ready[0]!.event.seq, toParleyError(thrown))
    : undefined;
}

/** Postgres refuses something of a batch and does not say of which round: half as many next time, until it is one. */
function narrow(desk: Desk, thrown: unknown, ready: readonly OpenRound[]): void {
  const most = Math.ceil(ready.length / 2);
  desk.narrowed = { upTo: ready.at(-1)!.event.seq, most };
  desk.deps.logger.warn(
    { err: thrown, store: desk.store, rounds: ready.length, most },
    'what was to be written of a batch of rounds is refused: fewer next time',
  );
}

/** How many rounds a transaction may judge now. What made it fewer lies at or before a known place. */
function mostAtOnce(desk: Desk): number {
  const first = desk.rounds.keys().next().value;
  if (desk.narrowed && first !== undefined && first > desk.narrowed.upTo) desk.narrowed = undefined;
  return desk.narrowed?.most ?? LIMITS.roundsPerVerdict;
}

function readyRounds(desk: Desk): OpenRound[] {
  const ready: OpenRound[] = [];
  const nowMs = desk.deps.clocks.nowMs();
  const most = mostAtOnce(desk);
  let hash: string | undefined;
  for (const round of desk.rounds.values()) {
    if (ready.length === most || !isReady(desk, round, nowMs)) break;
    const mine = desk.rules.hashAt(round.event.seq);
    if (hash !== undefined && mine !== hash) break;
    // A round that has thrown is judged alone, so that it takes nobody with it.
    if (round.faults > 0 && ready.length > 0) break;
    hash = mine;
    ready.push(round);
    // What a person asks of the rules counts from the next round on.
    if (round.faults > 0 || isRequest(round)) break;
  }
  return ready;
}

/** Everybody expected has answered, or patience has run out; with intents not before the watermark has passed the event. */
function isReady(desk: Desk, round: OpenRound, nowMs: number): boolean {
  const passed = desk.watermark >= round.event.seq;
  if (passed) round.judgeableAtMs ??= nowMs;
  for (const agent of round.missing) if (!desk.deps.liveness.isWaitedFor(agent, nowMs)) settle(round, agent);
  const patience = desk.kind === 'live' ? LIMITS.patienceMs : LIMITS.patienceReplayMs;
  if (round.missing.size > round.dropped.size) {
    if (round.judgeableAtMs === undefined || nowMs - round.judgeableAtMs < patience) return false;
    for (const agent of round.missing) desk.deps.liveness.exhaust(agent);
  }
  return passed || !needsFacts(round);
}

/** An agent that is silent, or has let a round wait in vain, is no longer waited for, but stays among the missing, so that the round is closed as `settled`. */
function settle(round: OpenRound, agent: string): void {
  round.dropped.add(agent);
}

const isRequest = ({ event }: OpenRound) => event.type === 'rules.requested';

/** A request about the rules rests on no fact: a rollback does not wait for context. */
function needsFacts(round: OpenRound): boolean {
  return (hasEffect(round.event) && !isRequest(round)) || round.answers.some((row) => row.body.intents.length > 0);
}

async function judgeThem(desk: Desk, ready: readonly OpenRound[]): Promise<void> {
  const { store, deps } = desk;
  const agents = deps.agents();
  const hash = desk.rules.hashAt(ready[0]!.event.seq);
  const { events, judged, answered } = await desk.transact(async (tx) => {
    const policy = await desk.rules.policy(tx, hash);
    const rounds: RoundToJudge[] = [];
    for (const round of ready) {
      const { answers, answered } = await readHeld(tx, round.event);
      const givenUp = round.faults >= FAULTS_MAX;
      rounds.push({ event: round.event, answers: [...round.answers, ...answers], answered, givenUp });
    }
    const busy = rounds.filter(
      (round, index) =>
        ready[index]!.faults <= FAULTS_MAX &&
        (needsFacts(ready[index]!) || round.answers.some((row) => row.body.intents.length > 0)),
    );
    const beside = await shadowBench(desk, tx, ready[0]!.event.seq);
    const judged = busy.length > 0 ? await judgeBatch(tx, busy, { store, agents, policy, beside }) : [];
    await keepShadow(desk, tx, beside);
    const caused =
      judged.length > 0
        ? await writeOutcomes(tx, judged, {
            store,
            ruleSet: hash,
            maxMailsPerDay: policy.shop.maxMailsPerDay,
            newId: deps.clocks.newId,
          })
        : [];
    await markAnswers(
      tx,
      rounds.filter((round) => round.answers.length > 0).map((round) => round.event.id),
      'judged',
    );
    await closeRounds(
      tx,
      ready.map((round, index) => ({
        store,
        seq: round.event.seq,
        missing: [...round.missing],
        answers: rounds[index]!.answers.length,
        rule_set: hash,
      })),
    );
    const answered = [];
    for (const round of ready.filter((entry) => isRequest(entry) && entry.faults < FAULTS_MAX))
      answered.push(await answerRequest(desk, tx, round.event));
    const drafts = [
      ...announcementsOf(rounds, agents, deps.clocks.newId),
      ...caused,
      ...answered.map(({ draft }) => draft),
    ];
    return { events: await appendEvents(tx, store, drafts), judged, answered };
  });
  for (const { remember } of answered) remember();
  for (const event of events) if (event.type === 'rules.activated') desk.activated(event);
  for (const round of ready) {
    desk.rounds.delete(round.event.seq);
    if (round.event.type === 'replay.ended') desk.replayEndedAt = round.event.seq;
  }
  desk.timersChanged ||= judged.some(({ outcome }) => outcome.timers.length > 0);
  desk.announce(events);
  publishDecisions(judged, store, deps);
}

/** What was in the batch before the fault is judged next time without it; the fault itself is counted, and in the end given up. */
async function afterFault(desk: Desk, fault: RoundFault, ready: readonly OpenRound[]): Promise<void> {
  const { store, deps } = desk;
  const round = ready.find((entry) => entry.event.seq === fault.seq);
  deps.logger.error({ err: fault, store, seq: fault.seq }, 'judging a round failed');
  await desk.transact(async (tx) => {
    const faults = await countFault(tx, store, fault.seq);
    if (round) round.faults = faults;
    if (faults < FAULTS_MAX) return;
    await writeDeadLetters(tx, [
      {
        store,
        id: deps.clocks.newId(),
        service: SERVICE,
        kind: 'round',
        ref: String(fault.seq),
        reason: 'internal-error',
        detail: fault.message,
        raw: { event: round?.event.id },
      },
    ]);
  });
}
