import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { WatchReport } from '#shared/store/pages/watch-report.ts';
import { readOpened } from '#shared/store/setup/openings.ts';
import { Seed } from '../../../test/browser/seed.ts';
import { openStage, type Stage } from '../../../test/browser/stage.ts';
import type { Abilities } from '../abilities.ts';
import { Api } from '../api.ts';
import { type Command, EXIT, UsageError } from '../command.ts';
import { Output } from '../output.ts';
import { explain } from './explain.ts';
import { goLive, storeGoLive } from './store-go-live.ts';
import { storeReport } from './store-report.ts';

describe('a store that watches, as its operator sees it', () => {
  let stage: Stage;
  let intents: string[];
  before(async () => {
    stage = await openStage();
    const { sql } = stage.database;
    const seed = new Seed(sql);
    await seed.openStore();
    await sql`update stores set mode = 'watch'`;
    const price = { params: { sku: 'A', priceMinor: 900, currency: 'GBP' }, resource: 'sku:A' };
    const event = await seed.happen({ type: 'competitor.price-changed', subject: 'sku:A' });
    intents = await seed.judge(
      event,
      [
        { agent: 'pricing', action: 'price.set', verdict: 'granted', rule: 'objectives', detail: 'first', ...price },
        {
          agent: 'marketing',
          action: 'promotion.launch',
          resource: 'sku:A',
          verdict: 'denied',
          rule: 'margin-floor',
          why: 'Nothing is sold below 15 % margin.',
          detail: 'margin 9 %',
        },
      ],
      'indirect',
    );
    const again = {
      agent: 'pricing',
      action: 'price.set',
      verdict: 'denied',
      rule: 'no-op',
      detail: 'already',
      ...price,
    };
    await seed.judge(await seed.happen({ type: 'stock.changed', subject: 'sku:A' }), [again], 'redundant');
    await seed.judge(await seed.happen({ type: 'order.flagged', subject: 'order:1' }), [
      {
        agent: 'orders',
        action: 'order.hold',
        resource: 'order:1',
        verdict: 'granted',
        rule: 'safety',
        detail: 'risk',
      },
    ]);
    const manifests = {
      pricing: ['price.set'],
      marketing: ['promotion.launch'],
      orders: ['order.hold', 'order.cancel'],
    };
    for (const [agent, actions] of Object.entries(manifests))
      await sql`insert into agents (agent, manifest, digest) values (${agent}, ${sql.json({ actions: actions.map((type) => ({ type })) })}, 'd')`;
    await sql`update actions set state = 'revoked', reason = 'watch'`;
    await sql`update actions set params = ${sql.json(price.params)} where type = 'price.set'`;
    const fact = (attribute: string, version: number, value: object) => sql`
      insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values ('sandbox', 'sku:A', ${attribute}, ${sql.json(value as never)}, ${version}, now(), 't', now())`;
    await fact('price', 12, { minor: 1_000, currency: 'GBP' });
    await fact('available', event.seq, { units: 5, level: 5, levelTime: '2026-01-01T00:00:00.000Z', movements: [] });
    await sql`insert into fact_history (store, resource, attribute, value, version, time, source, observed_at, folded)
      values ('sandbox', 'sku:A', 'cost', '{"minor":600,"currency":"GBP"}', 3, now(), 't', now(), 'yes')`;
    await sql`insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values ('sandbox', 'customer:7', 'last-order', '{}', 1, now(), 't', now())`;
    await sql`insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, opened_at)
      values ('sandbox', 'q', 1, 'k', 'i', 'big-refund', '{}', '[]', '[]', 'd', '{}', 'nothing', now(), 'service', now())`;
    await sql`insert into dead_letters (store, id, service, kind, ref, reason, detail, raw)
      values ('sandbox', gen_random_uuid(), 'gateway', 'delivery', 'x', 'unknown-shape', 'no id', '{}')`;
  });
  after(() => stage.close());

  const call = (operands: string[], options: Record<string, string | boolean>) => {
    const said = { text: '', notes: '' };
    const output = new Output(
      options.json === true,
      { write: (part) => (said.text += part) },
      { write: (part) => (said.notes += part) },
    );
    return { said, invocation: { operands, options, api: new Api(stage.operatorUrl), output } };
  };
  const run = async (command: Command, operands: string[], options: Record<string, string | boolean> = {}) => {
    const { said, invocation } = call(operands, options);
    return { code: await command.run(invocation), ...said };
  };
  const last = (text: string) => JSON.parse(text.trim().split('\n').at(-1)!);

  test('the report tells what would have been done, with its money, and what it rests on', async () => {
    const { code, text } = await run(storeReport, ['sandbox'], { json: true });
    const report = last(text) as WatchReport;
    assert.equal(code, EXIT.done);
    const area = (agent: string) => report.areas.find((one) => one.agent === agent)!;
    assert.deepEqual([area('pricing').watched, area('pricing').weighed, area('pricing').open], [1, 1, false]);
    assert.equal(area('pricing').examples[0]?.intent, intents[0]);
    assert.equal(area('orders').watched, 1);
    assert.deepEqual([report.mode, report.changedNothing, report.openings], ['watch', 1, []]);
    assert.deepEqual(
      report.clashes.map(({ winner, loser, end, rule }) => [winner, loser, end, rule]),
      [['pricing price.set', 'marketing promotion.launch', 'denied', 'margin-floor']],
    );
    assert.deepEqual(
      report.questions.map(({ rule, tier, questions, mailed, open }) => [rule, tier, questions, mailed, open]),
      [['big-refund', 'service', 1, 0, 1]],
    );
    assert.deepEqual(
      report.refused.map(({ agent, rule, count }) => [agent, rule, count]),
      [['marketing', 'margin-floor', 1]],
    );
    assert.deepEqual(
      report.missing.map(({ what, missing, of }) => [what, missing, of]),
      [
        ['cost of products', 1, 1],
        ['supplier of products', 1, 1],
        ['category of products', 1, 1],
        ['consent of customers', 1, 1],
      ],
    );
  });

  test('and in plain words', async () => {
    const { text } = await run(storeReport, ['sandbox']);
    for (const part of [
      'sandbox only watches: nothing is carried out',
      'What would have been done',
      /pricing +price\.set +1 +watched/,
      'price £9.00',
      `parley explain ${intents[0]}`,
      'What went ahead of what',
      'What people would have been asked',
      'Nothing is sold below 15 % margin.',
      'cost of products: 1 of 1 missing',
      'unknown-shape',
      'store go-live sandbox',
    ])
      assert.match(text, typeof part === 'string' ? new RegExp(part.replaceAll(/[.?]/g, '\\$&')) : part);
  });

  test('explain and the summary say that the store only watches', async () => {
    const { text } = await run(explain, [intents[0]!]);
    assert.match(text, /action not carried out: the store only watches/);
    const page = await (await fetch(`${stage.operatorUrl}/decisions/${intents[0]}`)).text();
    assert.match(page, /not carried out: the store only watches/);
    assert.match(await (await fetch(`${stage.operatorUrl}/`)).text(), /2 watched/);
  });

  test('a time that cannot be read and a store that is not there are told', async () => {
    await assert.rejects(run(storeReport, ['sandbox'], { since: '7 days' }), UsageError);
    await assert.rejects(run(storeReport, ['sandbax']), /no store "sandbax"/);
    assert.match((await run(storeReport, ['sandbox'], { since: '1h' })).text, /1 +watched/);
  });

  describe('going live', () => {
    const abilities = (granted: boolean): Abilities => ({
      where: 'your settings',
      abilities: [{ can: 'hold orders', scope: 'write_orders', granted, essential: false, actions: ['order.hold'] }],
    });
    const open = async (
      options: Record<string, string | boolean>,
      look: Abilities | string = abilities(true),
      answer: boolean | undefined = undefined,
      store = 'sandbox',
    ) => {
      const { said, invocation } = call([store], options);
      const asked: string[] = [];
      const code = await goLive(
        invocation,
        stage.database.sql,
        async () => look,
        async (question) => {
          asked.push(question);
          return answer ?? assert.fail('nobody was to be asked');
        },
      );
      return { code, asked, ...said, opened: await readOpened(stage.database.sql, 'sandbox') };
    };

    test('shows what the area would have done, asks, and does nothing after a no', async () => {
      const { code, text, asked, opened } = await open({ agents: 'pricing' }, 'no network', false);
      assert.equal(code, EXIT.failed);
      assert.deepEqual(asked, ['Carry these out from now on?']);
      assert.match(text, /carried out from now on: all of\s+pricing\./);
      assert.match(text, /pricing +price\.set +1/);
      assert.deepEqual(opened, { mode: 'watch', openings: [] });
    });

    test('says how it is where nothing changes', async () => {
      const { code, text } = await open({ watch: true });
      assert.equal(code, EXIT.done);
      assert.match(text, /Nothing changes; that is so already:\s+sandbox only watches: nothing is carried out\./);
    });

    test('what the credential does not allow is not opened', async () => {
      const { code, notes, opened } = await open({ agents: 'orders', yes: true }, abilities(false));
      assert.equal(code, EXIT.failed);
      assert.match(notes, /cannot hold orders: add write_orders in your settings/);
      assert.deepEqual(opened, { mode: 'watch', openings: [] });
      const other = await open({ agents: 'pricing', yes: true }, abilities(false));
      assert.equal(other.code, EXIT.done, 'what is not opened is not looked for');
    });

    test('area by area, whole, an area closed, and back', async () => {
      const steps: [Record<string, string | boolean>, string, string[]][] = [
        [{ agents: 'orders', actions: 'order.hold' }, 'watch', ['orders order.hold', 'pricing *']],
        [{}, 'live', []],
        [{ close: true, actions: 'order.cancel' }, 'watch', ['marketing *', 'orders order.hold', 'pricing *']],
        [{ watch: true }, 'watch', []],
      ];
      for (const [options, mode, openings] of steps) {
        const { code, opened } = await open({ ...options, yes: true });
        assert.equal(code, EXIT.done);
        assert.deepEqual(
          [opened?.mode, opened?.openings.map(({ agent, action }) => `${agent} ${action}`)],
          [mode, openings],
        );
      }
      const again = await open({ watch: true, json: true });
      assert.deepEqual([again.code, last(again.text).changed], [EXIT.done, false]);
    });

    test('for machines: one object that says what was opened', async () => {
      const { text } = await open({ agents: 'pricing', json: true, yes: true });
      const { ok, changed, opens, is } = last(text);
      assert.deepEqual([ok, changed, opens], [true, true, [{ agent: 'pricing', action: 'price.set' }]]);
      assert.equal(is.mode, 'watch');
    });

    test('a shop that Parley only reads is not opened', async () => {
      const before = await readOpened(stage.database.sql, 'sandbox');
      await stage.database.sql`update stores set platform = 'bigcommerce' where store = 'sandbox'`;
      await assert.rejects(open({ yes: true }), /bigcommerce, where Parley reads only.*store report sandbox/);
      await stage.database.sql`update stores set platform = 'sandbox' where store = 'sandbox'`;
      assert.deepEqual(await readOpened(stage.database.sql, 'sandbox'), before);
    });

    test('names that are not known are refused with the nearest', async () => {
      await assert.rejects(open({ agents: 'prising', yes: true }), /Did you mean "pricing"/);
      await assert.rejects(open({ yes: true }, abilities(true), undefined, 'sandbax'), /Did you mean "sandbox"/);
      const { invocation } = call(['sandbox'], { watch: true, agents: 'pricing' });
      await assert.rejects(storeGoLive.run(invocation), UsageError);
    });
  });
});
