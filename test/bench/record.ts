import { type KeptRound, sourcesOf } from '#shared/judgement/record/again.ts';
import { Backtest } from '#shared/judgement/record/backtest.ts';
import { JUDGEMENT_VERSION } from '#shared/judgement/record/reads.ts';
import { recompute } from '#shared/judgement/record/recompute.ts';
import { Recorder } from '#shared/judgement/record/recorder.ts';
import { inOrder, judge } from '#shared/judgement/resolve.ts';
import { skuFacts } from '#shared/judgement/testing.ts';
import type { World } from '#shared/judgement/world.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { claimOn, type Round, roundOn, worldOf } from './core.ts';
import { round } from './figures.ts';

const ROUNDS = 1_000;
const PASSES = 12;
const US = 1_000;
const NONE: ReadonlySet<string> = new Set();

/**
 * What recording costs a round beside judging it, how large a record is, and how many decisions a second a backtest and a
 * recomputation judge again from records, fact look-ups included.
 */
export function recordFigures(policy: Policy): object {
  const world = worldOf(ROUNDS);
  const rounds = Array.from({ length: ROUNDS }, (_, n) => roundOn(n));
  const alone = microseconds(rounds, (one) => judge(one.event, one.proposed, world, policy));
  const noted = microseconds(rounds, (one) => judge(one.event, one.proposed, new Recorder(world), policy));
  const notes = rounds.map((one) => notesOf(one, world, policy));
  const written = microseconds(notes, (one) => JSON.stringify(one.reads(NONE)));
  const kept = rounds.map((one) => keptOf(one, world, policy));
  const bytes = kept.reduce((sum, one) => sum + JSON.stringify(one.inputs).length, 0) / kept.length;
  const sources = sourcesOf({
    facts: rounds.flatMap((one) => skuFacts(`N${one.event.seq}`)),
    claims: rounds.map((_, n) => claimOn(n)),
    escalations: [],
    actions: [],
  });
  const different = kept.filter((one) => recompute(one, policy, sources)).length;
  if (different > 0) throw new Error(`${different} of ${ROUNDS} records do not come out the same.`);
  let backtest = new Backtest(policy);
  const again = microseconds(kept, (one) => {
    if (one === kept[0]) backtest = new Backtest(policy);
    backtest.add(one, sources);
  });
  const recomputing = microseconds(kept, (one) => recompute(one, policy, sources));
  const decisions = kept.reduce((sum, one) => sum + one.decisions.length, 0) / kept.length;
  return {
    judgingUs: round(alone),
    notingUs: round(noted - alone),
    writingUs: round(written),
    share: round((noted - alone + written) / alone),
    bytesARecord: Math.round(bytes),
    backtestDecisionsPerSecond: Math.round((decisions * US * US) / again),
    recomputedDecisionsPerSecond: Math.round((decisions * US * US) / recomputing),
  };
}

/** The time of one in the best of several passes over all: what else the machine does only ever adds to it. */
function microseconds<One>(all: readonly One[], work: (one: One) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let pass = 0; pass < PASSES; pass++) {
    const started = performance.now();
    for (const one of all) work(one);
    best = Math.min(best, performance.now() - started);
  }
  return (best * US) / all.length;
}

function notesOf({ event, proposed }: Round, world: World, policy: Policy): Recorder {
  const recorder = new Recorder(world);
  judge(event, proposed, recorder, policy);
  return recorder;
}

function keptOf({ event, proposed }: Round, world: World, policy: Policy): KeptRound {
  const recorder = new Recorder(world);
  const outcome = judge(event, inOrder(proposed), recorder, policy);
  const answers = proposed.map(({ agent, intent }) => ({
    event: event.id,
    agent,
    part: 1,
    body: { intents: [intent] },
  }));
  const verdicts = recorder.reads(NONE);
  return JSON.parse(
    JSON.stringify({
      seq: event.seq,
      ruleSet: policy.hash,
      event,
      inputs: { judgement: JUDGEMENT_VERSION, answers: answers.map((one) => [one.agent, 1]), verdicts },
      answers,
      decisions: outcome.decisions.map((one) => ({ ...one, inputs: { ...one.inputs, ruleSet: policy.hash } })),
    }),
  ) as KeptRound;
}
