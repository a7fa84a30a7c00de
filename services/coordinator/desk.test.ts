import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { insertAnswers } from '#shared/store/coordinator/rounds.ts';
import { fence } from '#shared/store/leases.ts';
import { inStores } from '#shared/store/transaction.ts';
import { SERVICE } from './deps.ts';
import { Desk } from './desk.ts';
import { answerTo, DeskStage, EPOCH, forgetful, PARTITION, priced } from './fixtures/desk-stage.ts';
import { judgeReady } from './judge-ready.ts';
import { readAnswerMessage } from './take-answers.ts';

describe("the coordinator's desk after a transaction whose outcome is unknown", () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  const open = async (...skus: string[]) => {
    const store = await stage.store(...skus);
    const line = forgetful(stage.coordinator);
    const desk = await stage.desk(store, stage.deps(line.sql));
    return { store, line, desk };
  };
  const decided = async (store: string) =>
    (await stage.database.sql`select seq, verdict from decisions where store = ${store} order by seq, intent`).map(
      ({ seq, verdict }) => `${seq} ${verdict}`,
    );
  const rounds = async (store: string) =>
    (await stage.database.sql`select seq, answers, closed_as from rounds where store = ${store} and seq > 1`).map(
      ({ seq, answers, closed_as }) => `${seq} ${answers} ${closed_as}`,
    );

  test('an answer that was taken in all the same is judged: it comes again and is known', async () => {
    const { store, line, desk } = await open('A');
    const event = await stage.happen(store);
    desk.feed.offer(event);
    await desk.collect([]);
    line.loseNext();
    const message = answerTo(event, [priced('A', 950)]);
    await assert.rejects(desk.collect([message]), /connection lost/);
    assert.equal(message.acked, false);
    await stage.pass(desk, [message]);
    assert.equal(message.acked, true);
    assert.deepEqual(await decided(store), ['2 granted']);
    assert.deepEqual(await rounds(store), ['2 1 complete']);
  });

  test('an event whose round was opened all the same waits for its answer', async () => {
    const { store, line, desk } = await open('A');
    const event = await stage.happen(store);
    desk.feed.offer(event);
    line.loseNext();
    await assert.rejects(desk.collect([]), /connection lost/);
    await stage.pass(desk);
    assert.deepEqual([...desk.rounds.get(event.seq)!.missing], ['pricing']);
    await stage.pass(desk, [answerTo(event, [priced('A', 950)])]);
    assert.deepEqual(await decided(store), ['2 granted']);
  });

  test('a round that was judged all the same is not judged again, and the next one is', async () => {
    const { store, line, desk } = await open('A', 'B');
    const first = await stage.happen(store);
    desk.watermark = 99;
    await desk.collect([answerTo(first, [priced('A', 950)])]);
    line.loseNext();
    await assert.rejects(judgeReady(desk), /connection lost/);
    assert.deepEqual(await decided(store), ['2 granted']);
    const second = await stage.happen(store, { subject: 'sku:B' });
    await stage.pass(desk, [answerTo(second, [priced('B', 950)])]);
    assert.deepEqual(await decided(store), ['2 granted', `${second.seq} granted`]);
    assert.equal(desk.rounds.size, 0);
  });

  test('the table is read only when a transaction that is still under way has ended', async () => {
    const { store, desk } = await open('A');
    const event = await stage.happen(store);
    desk.feed.offer(event);
    await desk.collect([]);
    const message = answerTo(event, [priced('A', 950)]);
    const agents = new Map(
      stage
        .deps()
        .agents()
        .map((row) => [row.agent, row]),
    );
    const taken = readAnswerMessage(message.subject, message.text(), agents);
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const underWay = inStores(stage.coordinator, [store], async (tx) => {
      await fence(tx, SERVICE, PARTITION, EPOCH);
      assert.ok('row' in taken);
      await insertAnswers(tx, [taken.row]);
      begun.resolve();
      await gate.promise;
    });
    await begun.promise;
    const next = new Desk(stage.row(store), EPOCH, stage.deps());
    const restored = next.restore();
    await Promise.race([restored, sleep(1_000)]);
    gate.resolve();
    await underWay;
    await restored;
    assert.equal(next.rounds.get(event.seq)?.answers.length, 1);
  });
});
