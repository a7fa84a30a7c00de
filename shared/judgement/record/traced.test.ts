import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RuleTrace } from '#shared/policy/policy.ts';
import { policyOf, rule } from '#shared/policy/testing.ts';
import { inOrder, judge } from '../resolve.ts';
import { claim, event, launch, setPrice, skuFacts, world } from '../testing.ts';
import type { Claim, Proposed } from '../types.ts';
import { type KeptRound, sourcesOf } from './again.ts';
import { JUDGEMENT_VERSION } from './reads.ts';
import { Recorder } from './recorder.ts';
import { traceAgain } from './traced.ts';

const RULES =
  rule('kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny', 'floor') +
  rule('kind: priority\nobjectives: [margin, growth]', 'objectives') +
  rule('kind: temporal\nquiet: 22:00-07:00\nscope: { action: [price.set, promotion.launch] }', 'night') +
  rule('kind: threshold\nwhen: impact.revenue > £900,000', 'huge') +
  rule('kind: threshold\nscope: { action: refund.issue }\nwhen: impact.cash > £1', 'refunds');
const policy = policyOf(RULES);

/** Judges wishes through a recorder, and asks the rules again what they made of one of them. */
function traced(proposed: readonly Proposed[], about: Proposed, claims: readonly Claim[] = []) {
  const facts = skuFacts('A');
  const recorder = new Recorder(world({ facts, claims: [...claims] }));
  const outcome = judge(event(1), inOrder([...proposed]), recorder, policy);
  const answers = proposed.map(({ agent, intent }) => ({
    event: event(1).id,
    agent,
    part: 1,
    body: { intents: [intent] },
  }));
  const round = {
    seq: 1,
    ruleSet: 'then',
    event: event(1),
    inputs: {
      judgement: JUDGEMENT_VERSION,
      answers: answers.map(({ agent, part }) => [agent, part] as const),
      verdicts: recorder.reads(new Set())!,
    },
    answers,
    decisions: outcome.decisions.map((decision) => ({ ...decision, inputs: { ...decision.inputs, ruleSet: 'then' } })),
  } satisfies KeptRound;
  const kept = JSON.parse(JSON.stringify({ round, page: { facts, claims, escalations: [], actions: [] } }));
  const traces = traceAgain(kept.round, about.id, policy, sourcesOf(kept.page));
  const decided = outcome.decisions.find(({ intent }) => intent === about.id);
  return { decided, of: (id: string): RuleTrace | undefined => traces?.find((trace) => trace.rule === id), traces };
}

describe('what the rules made of an intent of a recorded round', () => {
  const cut = setPrice('pricing', 'A', 800);
  const sale = launch('marketing', 'sku:A', 2_000);

  test('the guardrail that denied it spoke, with the figure that what was admitted before made of it', () => {
    const { decided, of } = traced([cut, sale], sale);
    assert.equal(decided?.verdict, 'denied');
    assert.equal(decided?.rule, 'floor');
    assert.equal(of('floor')?.outcome, 'spoke');
    assert.match(of('floor')?.detail ?? '', /projected margin 6\.25 % is below 15 %/);
    assert.deepEqual([of('floor')?.file, of('floor')?.line], ['test.yaml', 2]);
  });

  test('what was admitted after it plays no part', () => {
    assert.equal(traced([cut, sale], cut).of('floor')?.outcome, 'silent');
  });

  test('a claim in force plays its part', () => {
    const held = claim({
      resource: 'sku:A',
      aspect: 'promotion',
      exclusive: false,
      owner: 'marketing',
      layer: { action: 'promotion.launch', layer: { discountBasisPoints: 2_000 }, intent: 'old', rank: [0, 0, 0] },
    });
    assert.match(traced([cut], cut, [held]).of('floor')?.detail ?? '', /6\.25 %/);
  });

  test('a near miss names the first condition that failed; a rule about something else says so', () => {
    const { of } = traced([cut], cut);
    assert.equal(of('huge')?.outcome, 'silent');
    assert.match(of('huge')?.detail ?? '', /impact revenue £[\d,.]+ is not above £900,000/);
    assert.equal(of('night')?.outcome, 'silent');
    assert.equal(of('refunds')?.outcome, 'outside');
    assert.equal(of('objectives')?.outcome, 'spoke');
  });

  test('what was refused before any rule was asked has no trace', () => {
    const strange = { ...cut, intent: { ...cut.intent, action: 'price.sett' } };
    assert.equal(traced([strange], strange).traces, undefined);
  });
});
