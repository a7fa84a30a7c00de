import type { Answer } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { answerId, intentId } from '#shared/kernel/ids.ts';
import type { LimitScope, Policy } from '#shared/policy/policy.ts';
import { effectsOf } from '../effects.ts';
import { giveUp } from '../give-up.ts';
import { inOrder, judge } from '../resolve.ts';
import type { Claim, Decision, OpenEscalation, Outcome, Proposed, StandingAction } from '../types.ts';
import type { RoundInputs } from './reads.ts';
import { Recalled, type Sources } from './recalled.ts';

/** A decision as it is kept: what was decided, with the rule set under which it was. */
export type KeptDecision = Omit<Decision, 'inputs'> & {
  readonly inputs: Decision['inputs'] & { readonly ruleSet: string };
};

/** A round as it is kept: its record, and what the record names. */
export interface KeptRound {
  readonly seq: number;
  readonly ruleSet: string;
  readonly inputs: RoundInputs;
  readonly event: Envelope;
  readonly origin?: Envelope | undefined;
  readonly answers: readonly KeptAnswer[];
  readonly decisions: readonly KeptDecision[];
}

interface KeptAnswer {
  readonly event: string;
  readonly agent: string;
  readonly part: number;
  readonly body: Pick<Answer, 'intents'>;
}

/** Some rounds in `seq` order, with everything that they refer to, each once. */
export interface KeptPage {
  readonly rounds: readonly KeptRound[];
  readonly facts: readonly Fact[];
  readonly claims: readonly Claim[];
  readonly escalations: readonly OpenEscalation[];
  readonly actions: readonly StandingAction[];
  /** Where to go on; absent at the end. */
  readonly next?: number | undefined;
}

export function sourcesOf(page: Pick<KeptPage, 'facts' | 'claims' | 'escalations' | 'actions'>): Sources {
  const facts = new Map(page.facts.map((fact) => [`${fact.resource}\n${fact.attribute}\n${fact.version}`, fact]));
  const claims = new Map(page.claims.map((claim) => [claim.claim, claim]));
  const escalations = new Map(page.escalations.map((escalation) => [escalation.escalation, escalation]));
  const actions = new Map(page.actions.map((action) => [action.action, action]));
  return {
    fact: (resource, attribute, version) => facts.get(`${resource}\n${attribute}\n${version}`),
    claim: (id) => claims.get(id),
    escalation: (id) => escalations.get(id),
    action: (id) => actions.get(id),
  };
}

/** The intents of the answers to an event under their derived ids, each with the event on which it rests. */
export function proposedIn(
  answers: readonly KeptAnswer[],
  rests: Envelope,
  replacements: (intent: string, replaced: string) => number,
): Proposed[] {
  return answers.flatMap((answer) =>
    answer.body.intents.map((intent, index) => {
      const id = intentId(answerId(answer.event, answer.agent, answer.part), index);
      return {
        id,
        agent: answer.agent,
        intent,
        event: rests,
        replacements: intent.replaces ? replacements(id, intent.replaces) : 0,
      };
    }),
  );
}

export interface JudgedAgain {
  readonly proposed: readonly Proposed[];
  readonly effects: Outcome | undefined;
  readonly verdicts: Outcome;
  readonly around: Recalled;
  /** What was asked for and is not in the record, or no longer kept. */
  readonly missed: readonly string[];
}

/**
 * Judges a recorded round on what it was judged on, under any rule set. The order of its answers plays no part. Sums
 * towards limits are those of the record, unless `counted` knows better.
 */
export function judgeAgain(
  round: KeptRound,
  policy: Policy,
  sources: Sources,
  counted?: (limit: LimitScope) => number,
): JudgedAgain {
  const { inputs, event } = round;
  const proposed = proposedIn(round.answers, round.origin ?? event, (intent) => inputs.replacements?.[intent] ?? 0);
  const around = new Recalled(inputs.verdicts, sources, counted);
  if (inputs.givenUp) return { proposed, effects: undefined, verdicts: giveUp(inOrder(proposed)), around, missed: [] };
  const before = new Recalled(inputs.effects, sources, counted);
  const effects = effectsOf(event, before, policy, inputs.before);
  const verdicts = judge(event, inOrder(proposed), around, policy);
  return { proposed, effects, verdicts, around, missed: [...before.missed, ...around.missed] };
}

/** Decisions as one text each, by intent: two are equal when their texts are. What is absent and what is null are one. */
export function textsOf(decisions: readonly KeptDecision[]): Map<string, string> {
  return new Map(
    decisions.map((decision) => {
      const said = Object.entries(decision).filter(([name, part]) => KEPT.has(name) && part !== null);
      return [decision.intent, canonicalJson(Object.fromEntries(said) as Json)];
    }),
  );
}

/** The parts of a decision that the table keeps. */
const KEPT: ReadonlySet<string> = new Set([
  'agent',
  'actionType',
  'resource',
  'params',
  'verdict',
  'rule',
  'reasons',
  'inputs',
  'replaces',
  'action',
  'wakesOn',
]);
