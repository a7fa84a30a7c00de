import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Desk } from './desk.ts';
import { answerTo, DeskStage, EPOCH, priced } from './fixtures/desk-stage.ts';
import { judgeReady } from './judge-ready.ts';

const LOST = { reason: 'lease-lost' };

describe('a holder whose lease has moved on', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  afterEach(() => moveTo(EPOCH));
  after(() => stage.close());

  const moveTo = (epoch: number) => stage.database.sql`update leases set epoch = ${epoch}`;
  const count = async (store: string, table: 'answers' | 'rounds' | 'decisions' | 'claims' | 'actions') =>
    (await stage.database.sql`select 1 from ${stage.database.sql(table)} where store = ${store}`).length;
  const head = async (store: string) =>
    (await stage.database.sql`select head from stores where store = ${store}`).map((row) => Number(row.head))[0];

  test('opens no round, keeps no answer and acknowledges none; its successor does', async () => {
    const store = await stage.store('A');
    const desk = await stage.desk(store);
    const event = await stage.happen(store);
    desk.feed.offer(event);
    const message = answerTo(event, [priced('A', 950)]);
    const before = await count(store, 'rounds');
    await moveTo(EPOCH + 1);
    await assert.rejects(desk.collect([message]), LOST);
    await assert.rejects(desk.settleDoubt(), LOST, 'nor does it find out where the table stands');
    assert.equal(message.acked, false);
    assert.deepEqual([await count(store, 'answers'), await count(store, 'rounds')], [0, before]);
    const next = new Desk(stage.row(store), EPOCH + 1, stage.deps());
    await next.restore();
    await stage.pass(next, [message]);
    assert.equal(message.acked, true);
    assert.equal(await count(store, 'decisions'), 1);
  });

  test('writes no verdict, no claim, no action and no event; its successor judges the round, once', async () => {
    const store = await stage.store('A');
    const desk = await stage.desk(store);
    const event = await stage.happen(store);
    desk.watermark = event.seq;
    await desk.collect([]);
    await desk.collect([answerTo(event, [priced('A', 950)])]);
    const before = await head(store);
    await moveTo(EPOCH + 1);
    await assert.rejects(judgeReady(desk), LOST);
    for (const table of ['decisions', 'claims', 'actions'] as const) assert.equal(await count(store, table), 0, table);
    assert.equal(await head(store), before);
    const next = new Desk(stage.row(store), EPOCH + 1, stage.deps());
    await next.restore();
    await stage.pass(next);
    for (const table of ['decisions', 'claims', 'actions'] as const) assert.equal(await count(store, table), 1, table);
  });
});
