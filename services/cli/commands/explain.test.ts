import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KeptRound } from '#shared/judgement/record/again.ts';
import { JUDGEMENT_VERSION } from '#shared/judgement/record/reads.ts';
import { Recorder } from '#shared/judgement/record/recorder.ts';
import { inOrder, judge } from '#shared/judgement/resolve.ts';
import { event, launch, NOW, setPrice, skuFacts, world } from '#shared/judgement/testing.ts';
import { policyOf, rule, ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { Api } from '../api.ts';
import { EXIT } from '../command.ts';
import { Output } from '../output.ts';
import { explain } from './explain.ts';

const RULES =
  rule('kind: guardrail\non: sku\nassert: projected.margin >= 15%\nelse: deny\nwhenUnknown: deny', 'margin-floor') +
  rule('kind: priority\nobjectives: [margin, growth]', 'objectives') +
  rule('kind: threshold\nwhen: impact.revenue > £900,000', 'huge') +
  rule('kind: threshold\nscope: { action: refund.issue }\nwhen: impact.cash > £1', 'refunds');
const FILES = { 'shop.yaml': TEST_SHOP, 'test.yaml': ruleFile(RULES) };
const HASH = ruleSetHash(FILES);

/** What the operator's API would say of a round in which a price cut is granted and a promotion on top of it denied. */
function told() {
  const proposed = [setPrice('pricing', 'A', 800), launch('marketing', 'sku:A', 2_000)];
  const recorder = new Recorder(world());
  const outcome = judge(event(1), inOrder(proposed), recorder, policyOf(RULES));
  const answers = proposed.map(({ agent, intent }) => ({
    event: event(1).id,
    agent,
    part: 1,
    body: { intents: [intent] },
  }));
  const decisions = outcome.decisions.map((decision) => ({
    ...decision,
    inputs: { ...decision.inputs, ruleSet: HASH },
  }));
  const round: KeptRound = {
    seq: 1,
    ruleSet: HASH,
    event: event(1),
    inputs: {
      judgement: JUDGEMENT_VERSION,
      answers: answers.map(({ agent, part }) => [agent, part] as const),
      verdicts: recorder.reads(new Set())!,
    },
    answers,
    decisions,
  };
  const denied = decisions.find(({ verdict }) => verdict === 'denied')!;
  const facts = denied.inputs.facts.map(([resource, attribute, version]) => ({
    resource,
    attribute,
    version,
    value: skuFacts('A').find((fact) => fact.attribute === attribute)?.value ?? null,
    time: NOW,
    event: 'price.changed',
  }));
  const decision = {
    ...denied,
    store: 'shop',
    seq: 1,
    now: NOW,
    said: 'North asks £7.95.',
    more: true,
    causeType: 'competitor.price-changed',
    causeSubject: 'sku:A',
  };
  const others = decisions.filter(({ intent }) => intent !== denied.intent);
  const file = { decision, others, conflicts: outcome.conflicts, facts, claims: [] };
  return { file, page: { rounds: [round], facts: skuFacts('A'), claims: [], escalations: [], actions: [] } };
}

async function run(options: Record<string, boolean>, withRecord = true) {
  let text = '';
  const output = new Output(options.json === true, { write: (part) => (text += part) }, { write: () => {} });
  const { file, page } = told();
  const fetcher = (async (address: string) => {
    const { pathname } = new URL(address);
    if (pathname.startsWith('/api/decisions/')) return Response.json(file);
    if (pathname.startsWith('/api/rules/sets/')) return Response.json({ hash: HASH, files: FILES });
    return withRecord ? Response.json(page) : Response.json({ message: 'There is no such record.' }, { status: 404 });
  }) as unknown as typeof fetch;
  const code = await explain.run({ operands: ['x'], options, api: new Api('http://127.0.0.1:1', fetcher), output });
  return { code, text, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
}

describe('explain', () => {
  test('names the rule that decided with its place, what the others said, and the facts as they were', async () => {
    const { code, text } = await run({});
    assert.equal(code, EXIT.done);
    for (const part of [
      'The agent said\n  North asks £7.95.\n  (and that more may come: a second part is judged',
      'Decided by margin-floor (test.yaml:2, guardrail)',
      'margin-floor: projected margin 6.25 % is below 15 %',
      'Spoke too\n  objectives (test.yaml:9, priority)',
      'Silent, with the first condition that failed\n  huge (test.yaml:13, threshold)\n    impact revenue',
      'is not above £900,000.00',
      '1 other rule about something else (--all shows them)',
      'sku:A price v1 = {"minor":1000, "currency":"GBP"} (price.changed #1,',
      `rule set ${HASH}`,
    ])
      assert.ok(text.includes(part), `${part} in\n${text}`);
  });

  test('is readable on 80 columns', async () => {
    const long = (await run({ all: true })).text
      .split('\n')
      .filter((line) => line.length > 80 && line.includes(' ', 3));
    assert.deepEqual(long, []);
  });

  test('--all shows the rules about something else too', async () => {
    assert.match(
      (await run({ all: true })).text,
      /About something else\n {2}refunds \(test\.yaml:\d+, threshold\)\n {4}it is about refund\.issue/,
    );
  });

  test('as JSON: who won, who lost, who nearly spoke', async () => {
    const { rules, facts } = (await run({ json: true })).last();
    assert.deepEqual([rules.winner.rule, rules.winner.line], ['margin-floor', 2]);
    assert.deepEqual(
      rules.losing.map((one: { rule: string }) => one.rule),
      ['objectives'],
    );
    assert.deepEqual(
      rules.nearMisses.map((one: { rule: string }) => one.rule),
      ['huge'],
    );
    assert.ok(facts.length > 0);
  });

  test('a round without a record is explained by its decision alone, and says so', async () => {
    const { code, text } = await run({}, false);
    assert.equal(code, EXIT.done);
    assert.match(text, /Decided by margin-floor\n[\s\S]*Other rules\n {2}not known: There is no such record\./);
  });
});
