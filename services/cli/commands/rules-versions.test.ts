import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { ruleSetHash } from '#shared/runtime/rule-files.ts';
import { digestOf, Seed } from '../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../test/browser/stage.ts';
import { Api } from '../api.ts';
import { helpOf } from '../arguments.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { rulesActivate, rulesRollback } from './rules-activate.ts';
import { rulesShadow } from './rules-shadow.ts';
import { rulesHistory, rulesStatus } from './rules-status.ts';

const OLD = digestOf('old');
const NEW = digestOf('rules');
const FLOOR = ruleFile(
  '  - { id: floor, kind: guardrail, on: sku, assert: projected.margin >= 15%, else: deny, whenUnknown: deny, why: A floor. }',
);

describe('commands about versions of rules', () => {
  let stage: Stage;
  let seed: Seed;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-cli-rules-'));
    stage = await openStage();
    seed = new Seed(stage.database.sql);
    await seed.openStore();
    for (const hash of [OLD, NEW])
      await stage.database.sql`insert into rule_sets (hash, files, findings) values (${hash}, '{}', '[]')`;
    await happened('rules.activated', { hash: OLD, by: 'on-save', how: 'first' });
    await happened('rules.activated', { hash: NEW, previous: OLD, by: 'LM', how: 'activate', note: 'spring' });
    await holds(NEW, []);
  });
  after(async () => {
    await stage.close();
    await rm(folder, { recursive: true, force: true });
  });

  const happened = (type: string, data: Record<string, unknown>) =>
    seed.happen({ type, subject: 'store:sandbox', data, source: 'coordinator' });
  const holds = (hash: string | null, faults: string[]) => stage.database.sql`
    insert into rule_candidates (store, hash, faults) values ('sandbox', ${hash}, ${stage.database.sql.json(faults)})
    on conflict (store) do update set hash = excluded.hash, faults = excluded.faults`;

  async function run(command: Command, operands: string[] = [], options: Record<string, string | boolean> = {}) {
    let text = '';
    const output = new Output(options.json === true, { write: (part) => (text += part) }, { write: () => {} });
    const code = await command.run({ operands, options, api: new Api(stage.operatorUrl), output });
    return { code, text, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
  }

  /** Plays the coordinator: a request that has no answer yet is answered with this event. */
  async function answering(
    type: string,
    data: Record<string, unknown>,
    stop = Date.now() + 10_000,
  ): Promise<Record<string, unknown>> {
    for (; Date.now() < stop; await wait(20)) {
      const [asked] = await stage.database.sql`
        select id, data from events asked where type = 'rules.requested'
          and not exists (select from events answer where answer.cause = asked.id::text)`;
      if (!asked) continue;
      const { id } = await happened(type, { by: 'x', ...data });
      await stage.database.sql`update events set cause = ${asked.id} where id = ${id}`;
      return asked.data;
    }
    throw new Error('nobody asked');
  }

  test('status tells what is in force and what the folder holds, and fails on a fault', async () => {
    const same = await run(rulesStatus);
    assert.equal(same.code, EXIT.done);
    assert.match(same.text, new RegExp(`in force\\s+${NEW.slice(0, 12)}.*activated by LM`));
    assert.match(same.text, /folder\s+the same/);
    await holds(OLD, []);
    assert.match((await run(rulesStatus)).text, /folder\s+\w{12}.*waits for "rules activate"/);
    await holds(null, ['money.yaml:7:5: unknown key "asert". Did you mean "assert"?']);
    const faulty = await run(rulesStatus, [], { json: true });
    assert.equal(faulty.code, EXIT.failed);
    assert.deepEqual([faulty.last().ok, faulty.last().stores[0].candidate.faults.length], [false, 1]);
    assert.match((await run(rulesStatus)).text, /money\.yaml:7:5: unknown key "asert"\. Did you mean "assert"\?/);
    await assert.rejects(run(rulesStatus, [], { store: 'nowhere' }), /no store "nowhere"/);
  });

  test('activate asks for what the folder holds, waits and tells; a faulty folder is refused with its fault', async () => {
    await assert.rejects(run(rulesActivate), /money\.yaml:7:5/);
    await holds(OLD, []);
    const [done, asked] = await Promise.all([
      run(rulesActivate, [], { json: true, by: 'LM', note: 'summer' }),
      answering('rules.activated', { hash: OLD, previous: NEW, how: 'activate' }),
    ]);
    assert.deepEqual(asked, { want: 'activate', hash: OLD, by: 'LM', note: 'summer' });
    assert.equal(done.code, EXIT.done);
    assert.deepEqual([done.last().ok, done.last().hash, done.last().store], [true, OLD, 'sandbox']);
  });

  test('activating what is in force already is no failure', async () => {
    const { code, text } = await run(rulesActivate);
    assert.deepEqual([code, text.trim()], [EXIT.done, `Rule set ${OLD.slice(0, 12)} is in force already.`]);
  });

  test('a hash by its beginning; an unknown one is not found; what the coordinator refuses fails in its words', async () => {
    const [back, asked] = await Promise.all([
      run(rulesRollback, [NEW.slice(0, 8)]),
      answering('rules.activated', { hash: NEW, previous: OLD, how: 'rollback', pinned: true }),
    ]);
    assert.equal(asked.hash, NEW);
    assert.match(back.text, /in force in sandbox from event \d+ on, and pinned/);
    await assert.rejects(run(rulesRollback, ['0123456789']), /No rule set begins with 0123456789/);
    await assert.rejects(run(rulesRollback, ['nonsense']), /not the hash of a rule set/);
    const [refused] = await Promise.all([
      run(rulesRollback),
      answering('rules.refused', { want: 'rollback', reason: 'There is no earlier rule set to go back to.' }),
    ]);
    assert.deepEqual(
      [refused.code, refused.text.trim()],
      [EXIT.failed, 'Not done: There is no earlier rule set to go back to.'],
    );
  });

  test('a coordinator that does not come to it is told, and the request stands', async () => {
    const { code, text } = await run(rulesRollback, [], { wait: '0' });
    assert.equal(code, EXIT.failed);
    assert.match(text, /has not come to it within 0 s/);
    assert.equal((await answering('rules.refused', { want: 'rollback', reason: 'late' })).want, 'rollback');
    await assert.rejects(run(rulesRollback, [], { wait: 'soon' }), UsageError);
  });

  test('history lists activations with their decisions', async () => {
    const event = await seed.happen({ type: 'order.flagged', subject: 'order:1' });
    await seed.judge(event, [
      { agent: 'orders', action: 'order.hold', resource: 'order:1', verdict: 'granted', rule: 'x', detail: 'y' },
    ]);
    const { text } = await run(rulesHistory);
    assert.match(text, /rolled back by x, pinned/);
    assert.match(text, /activated by LM: spring/);
    const { history } = (await run(rulesHistory, [], { json: true, limit: '2' })).last();
    assert.deepEqual(
      history.map((row: { hash: string; decisions: number }) => [row.hash, row.decisions]),
      [
        [NEW, 1],
        [OLD, 0],
      ],
    );
    await assert.rejects(run(rulesHistory, [], { limit: '0' }), UsageError);
  });

  test('shadow sends a folder after looking at it, and tells its faults without asking anybody', async () => {
    await writeFile(join(folder, 'shop.yaml'), TEST_SHOP);
    await writeFile(join(folder, 'money.yaml'), FLOOR.replace('assert:', 'asert:'));
    const bad = await run(rulesShadow, [folder]);
    assert.equal(bad.code, EXIT.failed);
    assert.match(bad.text, /money\.yaml:2:\d+: .*Did you mean "assert"/);
    await writeFile(join(folder, 'money.yaml'), FLOOR);
    const hash = ruleSetHash({ 'shop.yaml': TEST_SHOP, 'money.yaml': FLOOR });
    const [good, asked] = await Promise.all([run(rulesShadow, [folder]), answering('rules.shadowed', { hash })]);
    assert.deepEqual([asked.want, asked.hash], ['shadow', hash]);
    const [request] = await stage.database.sql`select max(seq) as seq from events where type = 'rules.requested'`;
    assert.match(good.text, new RegExp(`${hash.slice(0, 12)} is tried in sandbox from event ${request!.seq + 1} on`));
    await assert.rejects(run(rulesShadow, ['./no-such-folder']), UsageError);
  });

  test('the report sums up by agent, verdict, rule and money; off ends it', async () => {
    await assert.rejects(run(rulesShadow, ['report']), /No rule set has been tried/);
    const begun = await happened('rules.shadowed', { hash: OLD });
    await stage.database.sql`insert into shadow_runs (store, seq, rule_set, rounds, decisions, faults, last_fault)
      values ('sandbox', ${begun.seq}, ${OLD}, 9, 3, 1, 'round 7: no')`;
    const event = await seed.happen({ type: 'order.flagged', subject: 'order:2' });
    const intents = await seed.judge(event, [
      { agent: 'pricing', action: 'price.set', resource: 'sku:A', verdict: 'granted', rule: 'margin', detail: 'y' },
      { agent: 'pricing', action: 'price.set', resource: 'sku:B', verdict: 'granted', rule: 'margin', detail: 'y' },
    ]);
    for (const intent of intents)
      await stage.database
        .sql`insert into shadow_decisions (store, seq, intent, rule_set, verdict, rule, reasons, live_verdict, live_rule, impact, live_impact)
        values ('sandbox', ${event.seq}, ${intent}, ${OLD}, 'denied', 'floor', '[]', 'granted', 'margin',
          '{"revenueMinor":0,"marginMinor":0,"cashMinor":0}', '{"revenueMinor":1000,"marginMinor":250,"cashMinor":0}')`;
    const { text } = await run(rulesShadow, ['report']);
    // The request itself is judged by the old set alone: the first round that is tried is the next one.
    assert.match(text, new RegExp(`was tried in sandbox from event ${begun.seq + 1} on and goes on`));
    assert.match((await run(rulesStatus)).text, new RegExp(`tried\\s+\\w{12}  since event ${begun.seq + 1}:`));
    assert.match(text, /9 rounds judged, 3 decisions, 2 would have been different/);
    assert.match(text, /1 fault; the last: round 7: no/);
    assert.match(text, /2\s+pricing\s+price\.set\s+granted \(margin\)\s+denied \(floor\)\s+-£20\.00\s+-£5\.00/);
    const { total, groups } = (await run(rulesShadow, ['report'], { json: true })).last();
    assert.deepEqual([total.decisions, total.revenueMinor, groups.length], [2, -2_000, 1]);
    const [off] = await Promise.all([run(rulesShadow, ['off']), answering('rules.shadowed', { previous: OLD })]);
    assert.match(off.text, /is not tried any more/);
  });

  test('several stores are never guessed among; a replay is not meant', async () => {
    await new Seed(stage.database.sql, 'replay-abc').openStore('replay');
    assert.equal((await run(rulesHistory, [], { json: true })).last().store, 'sandbox');
    await new Seed(stage.database.sql, 'second').openStore();
    await assert.rejects(run(rulesHistory), /Name the store with --store/);
    assert.equal((await run(rulesHistory, [], { json: true, store: 'second' })).last().store, 'second');
    await assert.rejects(run(rulesHistory, [], { store: 'third' }), /no store "third"/);
  });

  test('each has help with examples and exit codes', () => {
    for (const command of [rulesActivate, rulesRollback, rulesHistory, rulesShadow, rulesStatus]) {
      const help = helpOf(command);
      assert.match(help, /Examples\n {2}npx parley rules /, command.name);
      assert.match(help, /Exit codes: 0 /, command.name);
    }
  });
});
