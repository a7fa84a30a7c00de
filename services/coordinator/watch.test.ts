import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setPrice } from '#shared/judgement/testing.ts';
import type { Proposed } from '#shared/judgement/types.ts';
import { inStores } from '#shared/store/transaction.ts';
import type { Desk } from './desk.ts';
import { answerTo, DeskStage, priced } from './fixtures/desk-stage.ts';
import { worthAsking } from './worth-asking.ts';

describe('a store that only watches', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  const watching = async () => {
    const store = await stage.store('A');
    await stage.database.sql`update stores set mode = 'watch' where store = ${store}`;
    return store;
  };
  /** One event, and what pricing wants on it. */
  const wishes = async (store: string, desk: Desk, priceMinor: number) => {
    const event = await stage.happen(store);
    await stage.pass(desk, [answerTo(event, [priced('A', priceMinor)])]);
    const [row] = await stage.database
      .sql`select intent, verdict, rule from decisions where store = ${store} and seq = ${event.seq}`;
    return { action: row!.intent as string, decided: `${row!.verdict} by ${row!.rule}` };
  };
  /** As the executor ends it when its time has come. */
  const revoke = async (store: string, desk: Desk, action: string, reason: string) => {
    await stage.database.sql`update actions set state = 'revoked', reason = ${reason} where action = ${action}`;
    const data = { action, actionType: 'price.set', agent: 'pricing', leaves: ['sku:A'], actionReason: reason };
    desk.announce([await stage.happen(store, { type: 'action.revoked', subject: `store:${store}`, data })]);
    await stage.pass(desk);
  };
  const claims = async (store: string) =>
    (
      await stage.database.sql`
        select ended_as, (extract(epoch from upper(during) - lower(during)) / 86400)::float8 as days from claims where store = ${store} order by claim`
    ).map(({ ended_as, days }) => [ended_as, days]);

  test('holds what it would have done for a week, and the same wish again is no second change', async () => {
    const store = await watching();
    const desk = await stage.desk(store);
    const first = await wishes(store, desk, 950);
    assert.match(first.decided, /^granted/);
    await revoke(store, desk, first.action, 'watch');
    assert.deepEqual(await claims(store), [[null, 7]]);
    assert.equal((await wishes(store, desk, 950)).decided, 'denied by no-op');
  });

  test('another value the same day waits as it would in a live store', async () => {
    const store = await watching();
    const desk = await stage.desk(store);
    await revoke(store, desk, (await wishes(store, desk, 950)).action, 'watch');
    assert.equal((await wishes(store, desk, 940)).decided, 'deferred by one-price-a-day');
  });

  test('what was revoked for another reason holds nothing', async () => {
    const store = await watching();
    const desk = await stage.desk(store);
    await revoke(store, desk, (await wishes(store, desk, 950)).action, 'expired');
    assert.deepEqual(await claims(store), [['revoked', null]]);
    assert.match((await wishes(store, desk, 950)).decided, /^granted/);
  });

  describe('people get mail about a question only where somebody may carry the answer out', () => {
    const cases: readonly [name: string, mode: string, openings: readonly [string, string][], mailed: boolean][] = [
      ['a live store', 'live', [], true],
      ['nothing is open', 'watch', [], false],
      [
        'another area is open',
        'watch',
        [
          ['orders', '*'],
          ['*', 'promotion.launch'],
        ],
        false,
      ],
      ['the agent is open', 'watch', [['pricing', '*']], true],
      ['the action is open', 'watch', [['*', 'price.set']], true],
    ];
    for (const [name, mode, openings, mailed] of cases)
      test(name, async () => {
        const store = await watching();
        const { sql } = stage.database;
        await sql`update stores set mode = ${mode} where store = ${store}`;
        for (const [agent, action] of openings)
          await sql`insert into openings (store, agent, action) values (${store}, ${agent}, ${action})`;
        const members: Proposed[] = [setPrice('pricing', 'A', 950)];
        await sql`insert into escalations (store, escalation, seq, key, instance, rule, question, options, members, digest, stake, default_option, deadline, tier, opened_at)
          values (${store}, 'old', 1, 'k', 'i', 'r', '{}', '[]', ${sql.json(members as never)}, 'd', '{}', 'nothing', now(), 't', now())`;
        const reminder = { escalation: 'old', recipients: ['a@shop.example'] };
        const asked = await inStores(stage.coordinator, [store], (tx) =>
          worthAsking(tx, store, { escalations: [{ members }], reminders: [reminder] }),
        );
        assert.deepEqual([asked.escalations.length, asked.reminders.length], mailed ? [1, 1] : [0, 0]);
      });
  });
});
