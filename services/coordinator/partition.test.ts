import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { partitionOf } from '#shared/bus/subjects.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { SERVICE } from './deps.ts';
import { answerTo, DeskStage, EPOCH, priced } from './fixtures/desk-stage.ts';
import { judgeReady } from './judge-ready.ts';
import { Partition } from './partition.ts';

describe('what Postgres refuses', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
    await stage.database.sql`create table refused (store text, sku text, verdict text, code text)`;
    await stage.database.sql`grant select on refused to public`;
    await stage.database.sql.unsafe(`
      create function refuse() returns trigger language plpgsql as $$ declare why text; begin
        select r.code into why from refused r
          where r.store = new.store and new.params->>'sku' = r.sku and (r.verdict is null or r.verdict = new.verdict);
        if why is not null then raise exception 'not this one' using errcode = why; end if;
        return new;
      end $$;
      create trigger refuse before insert on decisions for each row execute function refuse()`);
  });
  after(() => stage.close());

  const refuse = (store: string, sku: string, verdict: string | null, code = '23514') =>
    stage.database.sql`insert into refused values (${store}, ${sku}, ${verdict}, ${code})`;
  const decided = async (store: string) =>
    (
      await stage.database
        .sql`select params->>'sku' as sku, verdict, rule from decisions where store = ${store} order by seq`
    ).map(({ sku, verdict, rule }) => `${sku} ${verdict} by ${rule}`);
  const letters = async (store: string) =>
    (await stage.database.sql`select kind, ref, reason from dead_letters where store = ${store} order by id`).map(
      ({ kind, ref, reason }) => `${kind} ${ref} ${reason}`,
    );

  const SKUS = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
  /** A desk with one round a SKU, all answered, and nothing judged yet. */
  const answered = async () => {
    const store = await stage.store(...SKUS);
    const desk = await stage.desk(store);
    const messages = [];
    for (const sku of SKUS)
      messages.push(answerTo(await stage.happen(store, { subject: `sku:${sku}` }), [priced(sku, 950)]));
    await desk.collect(messages);
    desk.watermark = 99;
    return { store, desk };
  };

  for (const [name, code] of [
    ['a broken constraint', '23514'],
    ['a value that cannot be kept', '22P05'],
  ] as const)
    test(`${name} costs only its own round: its intents are denied the second time, the others are judged`, async () => {
      const { store, desk } = await answered();
      await refuse(store, 'E', 'granted', code);
      await stage.pass(desk);
      assert.deepEqual(
        await decided(store),
        SKUS.map((sku) => (sku === 'E' ? 'E denied by internal-error' : `${sku} granted by objectives`)),
      );
      assert.deepEqual(await letters(store), ['round 6 internal-error']);
      assert.equal(desk.rounds.size, 0);
    });

  test('a round whose denial is refused too is closed with a dead letter, and holds up nobody', async () => {
    const { store, desk } = await answered();
    await refuse(store, 'A', null);
    await stage.pass(desk);
    assert.deepEqual(
      await decided(store),
      SKUS.slice(1).map((sku) => `${sku} granted by objectives`),
    );
    assert.ok((await letters(store)).includes('round 2 internal-error'));
    const open = await stage.database.sql`select seq from rounds where store = ${store} and closed_as is null`;
    assert.deepEqual([...open], []);
  });

  test('an error that is not of the value is nobody’s fault: the same rounds are tried again', async () => {
    const { store, desk } = await answered();
    await refuse(store, 'E', null, '53400');
    await assert.rejects(judgeReady(desk), /not this one/);
    await stage.database.sql`delete from refused where store = ${store}`;
    await stage.pass(desk);
    assert.equal((await decided(store)).length, SKUS.length);
    assert.deepEqual(await letters(store), []);
  });

  test("one store's error does not skip the stores behind it", async () => {
    const first = await stage.store('A');
    const second = await stage.store('A');
    stage.server.ensure([first, second], []);
    await stage.database.sql.unsafe(`
      create function stop_first() returns trigger language plpgsql as $$ begin
        if new.store = '${first}' then raise exception 'always'; end if; return new; end $$;
      create trigger stop before insert or update on positions for each row execute function stop_first()`);
    const number = partitionOf(first);
    await stage.database.sql`insert into leases (service, partition, holder, epoch, until)
      values (${SERVICE}, ${number}, 'me', ${EPOCH}, now() + interval '1 hour') on conflict do nothing`;
    const partition = new Partition(number, EPOCH, stage.deps());
    for (const store of [first, second]) await partition.seat({ ...stage.row(store), partition: number });
    partition.start();
    try {
      const event = await stage.happen(second);
      const end = Date.now() + 20 * LIMITS.retryPassMs;
      let opened = 0;
      while (opened === 0 && Date.now() < end) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        opened = (await stage.database.sql`select 1 from rounds where event = ${event.id}`).length;
      }
      assert.equal(opened, 1);
    } finally {
      await partition.stop();
    }
  });
});
