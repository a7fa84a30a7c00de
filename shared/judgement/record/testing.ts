import type { Answer } from '#shared/contracts/answer.ts';
import { effectsOf } from '../effects.ts';
import { inOrder, judge } from '../resolve.ts';
import { event, policy, skuFacts, world } from '../testing.ts';
import type { Outcome, Proposed } from '../types.ts';
import type { Loaded } from '../world.ts';
import { type KeptPage, type KeptRound, proposedIn } from './again.ts';
import { JUDGEMENT_VERSION } from './reads.ts';
import { Recorder } from './recorder.ts';

export const RULE_SET = 'rules-of-then';

export interface Kept {
  readonly round: KeptRound;
  readonly page: Pick<KeptPage, 'facts' | 'claims' | 'escalations' | 'actions'>;
  readonly outcome: Outcome;
}

/** Intents of an agent as its one answer to event 1. */
export function answersOf(proposed: readonly Proposed[]): KeptRound['answers'] {
  return [...Map.groupBy(proposed, (entry) => entry.agent)].map(([agent, mine]) => ({
    event: event(1).id,
    agent,
    part: 1,
    body: { intents: mine.map((entry) => entry.intent) } as Pick<Answer, 'intents'>,
  }));
}

/** Judges a round through a recorder, and keeps it as the tables would: through JSON, by reference. */
export function keep(answers: KeptRound['answers'], loaded: Partial<Loaded>, rules = policy(), about = event(1)): Kept {
  const around = world(loaded);
  const effects = new Recorder(around);
  const first = effectsOf(about, effects, rules, undefined);
  around.apply(first);
  const verdicts = new Recorder(around);
  const second = judge(about, inOrder(proposedIn(answers, about, () => 0)), verdicts, rules);
  const decisions = [...first.decisions, ...second.decisions].map((decision) => ({
    ...decision,
    inputs: { ...decision.inputs, ruleSet: RULE_SET },
  }));
  const round = {
    seq: about.seq,
    ruleSet: RULE_SET,
    event: about,
    inputs: {
      judgement: JUDGEMENT_VERSION,
      answers: answers.map(({ agent, part }) => [agent, part] as const),
      effects: effects.reads(new Set()),
      verdicts: verdicts.reads(new Set()),
    },
    answers,
    decisions,
  };
  const page = {
    facts: loaded.facts ?? skuFacts('A'),
    claims: [...(loaded.claims ?? []), ...(loaded.earlier ?? [])],
    escalations: loaded.escalations ?? [],
    actions: loaded.actions ?? [],
  };
  return { ...JSON.parse(JSON.stringify({ round, page })), outcome: second } as Kept;
}
