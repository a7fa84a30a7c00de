import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Fact } from '#shared/contracts/facts.ts';
import { proposedIn } from '#shared/judgement/record/again.ts';
import { JUDGEMENT_VERSION } from '#shared/judgement/record/reads.ts';
import { Recorder } from '#shared/judgement/record/recorder.ts';
import { inOrder, judge } from '#shared/judgement/resolve.ts';
import { claim, setPrice, skuFacts, world } from '#shared/judgement/testing.ts';
import { compileRuleSet } from '#shared/policy/compile.ts';
import { lookInto, ruleSetHash, SHARED } from '#shared/runtime/rule-files.ts';
import { readEventsAt } from '#shared/store/read-events.ts';
import { freshId, Seed } from '../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../test/browser/stage.ts';
import { Api } from '../api.ts';
import { type Command, EXIT, type ExitCode } from '../command.ts';
import { Output } from '../output.ts';
import { auditRecompute } from './audit-recompute.ts';
import { explain } from './explain.ts';
import { rulesBacktest } from './rules-backtest.ts';
import { rulesPropose } from './rules-propose.ts';

const DIFFERS: ExitCode = 4;
const STORE = 'sandbox';

describe('what was recorded, against the operator API', () => {
  let stage: Stage;
  let files: Record<string, string>;
  let hash: string;
  let folder: string;
  /** The intent of each round, in order. */
  const intents: string[] = [];

  before(async () => {
    stage = await openStage();
    folder = mkdtempSync(join(tmpdir(), 'parley-rules-'));
    files = { ...(await lookInto('rules')).sets.get(SHARED)! };
    hash = ruleSetHash(files);
    const { sql } = stage.database;
    const seed = new Seed(sql, STORE);
    await seed.openStore();
    await sql`insert into rule_sets (hash, files, findings) values (${hash}, ${sql.json(files)}, '[]')`;
    await seed.happen({ type: 'rules.activated', subject: `store:${STORE}`, source: 'coordinator', data: { hash } });
    for (const [sku, priceMinor] of [
      ['A', 950],
      ['B', 990],
      ['C', 980],
    ] as const)
      intents.push(await judgeRound(seed, sku, priceMinor));
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stage.close();
  });

  /** A round of one wish, judged under the shipped rules and written as the services write it. */
  async function judgeRound(seed: Seed, sku: string, priceMinor: number): Promise<string> {
    const { sql } = stage.database;
    const { seq, id } = await seed.happen({ type: 'competitor.price-changed', subject: `sku:${sku}` });
    const [event] = await sql.begin((tx) => readEventsAt(tx, STORE, [seq]));
    const facts = skuFacts(sku).map((fact): Fact => ({ ...fact, version: seq, time: event!.time }));
    const held = claim({
      claim: `x/sku:${sku}/promotion`,
      resource: `sku:${sku}`,
      aspect: 'promotion',
      exclusive: false,
      owner: 'marketing',
      layer: { action: 'promotion.launch', layer: { discountBasisPoints: 500 }, intent: 'x', rank: [1, 5, 4] },
    });
    for (const fact of facts)
      await sql`insert into fact_history (store, resource, attribute, value, version, time, source, observed_at, folded)
        values (${STORE}, ${fact.resource}, ${fact.attribute}, ${sql.json(fact.value as never)}, ${fact.version}, ${fact.time}, 'test', now(), 'yes')`;
    await sql`insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer)
      values (${STORE}, ${held.claim}, ${held.resource}, 'promotion', tstzrange(${held.from}, null), false, 'marketing', ${sql.json(held.layer as never)})`;
    const body = { intents: [setPrice('pricing', sku, priceMinor).intent] };
    await sql`insert into answers (event, agent, part, store, seq, body, digest, standing) values (${id}, 'pricing', 1, ${STORE}, ${seq}, ${sql.json(body as never)}, 'd', 'judged')`;
    return writeRound(event!, { facts, claims: [held] }, body);
  }

  async function writeRound(
    event: Envelope,
    around: Parameters<typeof world>[0],
    body: Parameters<typeof proposedIn>[0][number]['body'],
  ): Promise<string> {
    const { sql } = stage.database;
    const compiled = compileRuleSet(files, hash);
    assert.ok('policy' in compiled);
    const recorder = new Recorder(world(around));
    const proposed = inOrder(proposedIn([{ event: event.id, agent: 'pricing', part: 1, body }], event, () => 0));
    const [decision] = judge(event, proposed, recorder, compiled.policy).decisions;
    const inputs = { judgement: JUDGEMENT_VERSION, answers: [['pricing', 1]], verdicts: recorder.reads(new Set()) };
    await sql`insert into round_inputs (store, seq, rule_set, inputs) values (${STORE}, ${event.seq}, ${hash}, ${sql.json(inputs as never)})`;
    const { intent, agent, actionType, resource, params, verdict, rule, reasons, action = null } = decision!;
    assert.equal(verdict, 'granted', JSON.stringify(decision));
    await sql`insert into decisions (store, intent, seq, agent, action_type, resource, params, verdict, rule, reasons, inputs, action, now)
      values (${STORE}, ${intent}, ${event.seq}, ${agent}, ${actionType}, ${resource}, ${sql.json(params as never)}, ${verdict}, ${rule},
        ${sql.json(reasons as never)}, ${sql.json({ ...decision!.inputs, ruleSet: hash } as never)}, ${action}, ${event.now})`;
    await sql`insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, correlation, depth)
      values (${STORE}, ${intent}, ${actionType}, ${agent}, ${sql.json(params as never)}, ${[resource]}, '[]', ${resource}, now(), 'done', ${event.id}, 1)`;
    return intent;
  }

  async function run(command: Command, operands: string[] = [], options: Record<string, string | boolean> = {}) {
    let text = '';
    let notes = '';
    const output = new Output(
      options.json === true,
      { write: (part) => (text += part) },
      { write: (part) => (notes += part) },
    );
    const code = await command.run({ operands, options, api: new Api(stage.operatorUrl), output });
    return { code, text, notes, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
  }

  test('every decision comes out as it is kept', async () => {
    const { code, last } = await run(auditRecompute, [], { json: true });
    assert.deepEqual(last(), {
      ok: true,
      rounds: 3,
      decisions: 3,
      unrecorded: 0,
      otherwise: 0,
      equal: true,
      first: null,
      firstOtherwise: null,
    });
    assert.equal(code, EXIT.done);
  });

  test('what the agent said is told with the decision, and whether that was all', async () => {
    const { reason } = setPrice('pricing', 'A', 950).intent;
    const told = await run(explain, [intents[0]!]);
    assert.ok(told.text.includes(`The agent said\n  ${reason}`), told.text);
    assert.doesNotMatch(told.text, /more may come/);
    await stage.database
      .sql`update answers set body = body || '{"more": true}' where event::text = ${intents[0]!.slice(0, 36)}`;
    assert.match((await run(explain, [intents[0]!])).text, /more may come/);
  });

  test('only what was asked for is looked at', async () => {
    const { last } = await run(auditRecompute, [], { json: true, store: STORE, from: '3', to: '3' });
    assert.deepEqual([last().rounds, last().decisions], [1, 1]);
    await assert.rejects(run(auditRecompute, [], { store: 'nowhere' }), /There are: sandbox/);
    await assert.rejects(run(auditRecompute, [], { from: 'x' }), { name: 'UsageError' });
    await assert.rejects(run(auditRecompute, [], { from: '3', to: '2' }), /nothing between them/);
  });

  const cost = (minor: number) =>
    stage.database
      .sql`update fact_history set value = jsonb_set(value, '{minor}', ${minor}::text::jsonb) where resource = 'sku:B' and attribute = 'cost'`;
  const plants: readonly [string, () => PromiseLike<unknown>, () => PromiseLike<unknown>, number, RegExp][] = [
    ['a changed fact', () => cost(985), () => cost(600), 1, /verdict: kept "granted"/],
    [
      'a changed decision',
      () =>
        stage.database
          .sql`update decisions set params = jsonb_set(params, '{priceMinor}', '991') where intent = ${intents[1]!}`,
      () =>
        stage.database
          .sql`update decisions set params = jsonb_set(params, '{priceMinor}', '990') where intent = ${intents[1]!}`,
      1,
      /params: kept .*991.*now .*990/,
    ],
    [
      'a claim that is gone',
      () => stage.database.sql`update claims set claim = 'y' where resource = 'sku:C'`,
      () => stage.database.sql`update claims set claim = 'x/sku:C/promotion' where resource = 'sku:C'`,
      2,
      /x\/sku:C\/promotion/,
    ],
    [
      'a changed rule set',
      () => stage.database.sql`update rule_sets set files = jsonb_set(files, '{money.yaml}', '"changed"')`,
      () => stage.database.sql`update rule_sets set files = ${stage.database.sql.json(files)}`,
      0,
      /the kept files of rule set/,
    ],
  ];
  for (const [name, plant, undo, which, words] of plants) {
    test(`${name} is named, and nothing else`, async () => {
      await plant();
      try {
        const { code, last } = await run(auditRecompute, [], { json: true });
        assert.equal(code, DIFFERS);
        assert.deepEqual([last().equal, last().rounds, last().first.intent], [false, which, intents[which]]);
        assert.match(last().first.differs, words);
        const { text } = await run(auditRecompute);
        assert.ok(text.includes(intents[which]!), text);
      } finally {
        await undo();
      }
      assert.equal((await run(auditRecompute)).code, EXIT.done);
    });
  }

  test('what another version of the judgement decided otherwise is told apart, and the rest is looked at all the same', async () => {
    const { sql } = stage.database;
    const judgedBy = (version: number) =>
      sql`update round_inputs set inputs = jsonb_set(inputs, '{judgement}', ${version}::text::jsonb)
        where seq = (select seq from decisions where intent = ${intents[0]!})`;
    const [{ rule: granted } = { rule: '' }] = await sql<
      { rule: string }[]
    >`select rule from decisions where intent = ${intents[0]!}`;
    await judgedBy(0);
    assert.equal((await run(auditRecompute)).code, EXIT.done, 'it comes out the same all the same');
    await sql`update decisions set rule = 'of-then' where intent = ${intents[0]!}`;
    try {
      const { code, last } = await run(auditRecompute, [], { json: true });
      assert.equal(code, EXIT.otherVersion);
      assert.deepEqual([last().equal, last().decisions, last().otherwise, last().first], [false, 2, 1, null]);
      assert.equal(last().firstOtherwise.intent, intents[0]);
      const { text } = await run(auditRecompute);
      assert.match(text, /judged by version 0 of the judgement, and this is version \d+; rule: kept "of-then"/);
      assert.match(text, /1 decisions are of rounds that another version/);
    } finally {
      await sql`update decisions set rule = ${granted} where intent = ${intents[0]!}`;
      await judgedBy(JUDGEMENT_VERSION);
    }
  });

  test('a decision without a record is told of', async () => {
    const seed = new Seed(stage.database.sql, STORE);
    const event = await seed.happen({ type: 'order.flagged', subject: 'order:1' });
    await seed.judge(event, [
      { agent: 'orders', action: 'order.hold', resource: 'order:1', verdict: 'granted', rule: 'r', detail: 'd' },
    ]);
    const { code, text } = await run(auditRecompute);
    assert.equal(code, EXIT.done);
    assert.match(text, /1 decisions have no record/);
  });

  test('a backtest under the same rules changes nothing, under others it says what', async () => {
    const same = (await run(rulesBacktest, ['rules'], { json: true })).last();
    assert.deepEqual([same.decisions, same.changed, same.hash], [3, 0, hash]);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    writeFileSync(
      join(folder, 'new.yaml'),
      'rules:\n  - id: no-prices\n    kind: autonomy\n    scope: { action: price.set }\n    mode: off\n    why: Prices stay.\nend: true\n',
    );
    const { code, last } = await run(rulesBacktest, [folder], { json: true });
    assert.equal(code, EXIT.done);
    assert.equal(last().changed, 3);
    assert.deepEqual(
      [last().groups[0].to, last().groups[0].toRule, last().groups[0].decisions],
      ['denied', 'no-prices', 3],
    );
    assert.deepEqual(last().groups[0].examples.toSorted(), intents.toSorted());
    assert.ok(last().before.revenueMinor > 0, 'what was done is weighed');
    assert.deepEqual([last().after.revenueMinor, last().groups[0].revenueMinor], [0, -last().before.revenueMinor]);
    const { text } = await run(rulesBacktest, [folder], { days: '30' });
    assert.match(text, /3 would have been different/);
    assert.match(text, /is not known/);
    writeFileSync(join(folder, 'new.yaml'), 'rules: [');
    assert.equal((await run(rulesBacktest, [folder], { json: true })).code, 3);
  });

  test('nothing to propose writes nothing, and says so', async () => {
    const target = join(folder, 'nothing.proposed');
    const { notes } = await run(rulesPropose, [], { write: target });
    assert.match(notes, /nothing to write: .*nothing\.proposed was not made/);
    assert.ok(!existsSync(target));
  });

  test('rulings of people become a proposal with its backtest, which is written only where nothing reads it', async () => {
    const { sql } = stage.database;
    const features = {
      class: 'limit',
      rule: 'big-refund',
      aspect: 'refund',
      measure: 'cashMinor',
      stake: 14_000,
      option: 'proposed',
      carriedOut: [0],
      parties: [{ agent: 'support', action: 'refund.issue', objective: 'customer-care' }],
    };
    for (const by of ['ann', 'ann', 'ben', 'default'])
      await sql`insert into rulings (store, escalation, by, option, key, instance, now, features)
        values (${STORE}, ${freshId()}, ${by}, 'proposed', 'k', 'i', now(), ${sql.json(features)})`;
    const [{ rule: granted } = { rule: '' }] = await sql<
      { rule: string }[]
    >`select rule from decisions where intent = ${intents[0]!}`;
    const { code, last } = await run(rulesPropose, [], { json: true });
    assert.equal(code, EXIT.done);
    const [proposal] = last().proposals;
    assert.deepEqual(
      [last().rulings, last().proposals.length, proposal.rule, proposal.kind],
      [3, 1, 'big-refund', 'threshold'],
    );
    assert.match(proposal.yaml, /impact\.cash > £140/);
    assert.equal(proposal.backtest.decisions, 3);
    // Decided under another set than the one in force now: what was different then is no change that the proposal makes.
    await sql`update decisions set rule = 'of-then' where intent = ${intents[0]!}`;
    const again = (await run(rulesPropose, [], { json: true })).last();
    await sql`update decisions set rule = ${granted} where intent = ${intents[0]!}`;
    assert.deepEqual(again.proposals[0].backtest, proposal.backtest);
    const target = join(folder, 'from-rulings.proposed');
    const { text } = await run(rulesPropose, [], { write: target });
    assert.match(text, /Rests on 3 rulings, 0 against/);
    assert.match(readFileSync(target, 'utf8'), /takes the place of the rule at money\.yaml:\d+/);
    await assert.rejects(run(rulesPropose, [], { write: target }), /is there already/);
    await assert.rejects(run(rulesPropose, [], { write: join(folder, 'x.yaml') }), /does not end in \.yaml/);
    assert.ok(!existsSync(join(folder, 'x.yaml')));
  });
});
