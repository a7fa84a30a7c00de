import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HOUR_MS, MINUTE_MS, plus } from '#shared/kernel/time.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { takeWokenTimers } from '#shared/store/coordinator/timers.ts';
import { inStores } from '#shared/store/transaction.ts';
import { Desk } from './desk.ts';
import { DeskStage, EPOCH } from './fixtures/desk-stage.ts';
import { TimerDesk } from './timers.ts';

describe('timers', () => {
  let stage: DeskStage;
  before(async () => {
    stage = await DeskStage.open();
  });
  after(() => stage.close());

  /** A live store whose coordinator's clock is ahead of Postgres's by so much. */
  async function live(aheadMs = 0): Promise<{ store: string; desk: Desk; timers: TimerDesk }> {
    const store = await stage.store();
    await stage.desk(store);
    return { store, ...(await again(store, aheadMs)) };
  }

  /** As after a restart of the coordinator. */
  async function again(store: string, aheadMs = 0): Promise<{ desk: Desk; timers: TimerDesk }> {
    await stage.database.sql`update stores set clock_kind = 'live' where store = ${store}`;
    const clocks = { ...systemClocks, nowMs: () => Date.now() + aheadMs };
    const row = { ...stage.row(store), clock_kind: 'live', clock: new Date(0).toISOString() } as const;
    const desk = new Desk(row, EPOCH, { ...stage.deps(), clocks });
    await desk.restore();
    return { desk, timers: new TimerDesk(desk) };
  }

  async function set(store: string, timers: Readonly<Record<string, string>>, wakesOn?: string): Promise<void> {
    const { sql } = stage.database;
    for (const [timer, due] of Object.entries(timers)) {
      const ref = { ...(wakesOn ? { wakesOn } : {}), event: { data: { agent: 'pricing', intent: timer } } };
      await sql`insert into timers (store, timer, due, kind, ref)
        values (${store}, ${timer}, ${due}, 'intent.due', ${sql.json(ref)})`;
    }
  }

  const fired = async (store: string) =>
    (
      await stage.database
        .sql`select data->>'intent' as intent from events where store = ${store} and type = 'intent.due' order by seq`
    ).map(({ intent }) => intent);

  const NOW = new Date().toISOString();

  test('that are due at once become events in the order of their times', async () => {
    const { store, timers } = await live();
    await set(store, { third: plus(NOW, -1), second: plus(NOW, -2 * HOUR_MS), first: plus(NOW, -3 * HOUR_MS) });
    await timers.fire();
    assert.deepEqual(await fired(store), ['first', 'second', 'third']);
  });

  test('that wait for the same end are taken in the order of their times', async () => {
    const { store } = await live();
    await set(store, { third: plus(NOW, HOUR_MS), second: plus(NOW, MINUTE_MS), first: NOW }, 'action');
    const woken = await inStores(stage.coordinator, [store], (tx) => takeWokenTimers(tx, store, ['action']));
    assert.deepEqual(
      woken.map(({ timer }) => timer),
      ['first', 'second', 'third'],
    );
  });

  test('are due when the clock of Postgres says so, which gives their events the time', async () => {
    const { store, timers } = await live(HOUR_MS);
    await set(store, { 'not-yet': plus(NOW, 30 * MINUTE_MS), due: plus(NOW, -MINUTE_MS) });
    assert.equal(await timers.fire(), true);
    assert.deepEqual(await fired(store), ['due']);
    assert.equal(await timers.fire(), false);
    await stage.database.sql`update timers set due = ${NOW} where store = ${store} and timer = 'not-yet'`;
    assert.equal(await timers.fire(), true);
    assert.deepEqual(await fired(store), ['due', 'not-yet']);
  });

  describe('of a live store that was told of the end of a replay', () => {
    const schedules = async (store: string) =>
      (
        await stage.database.sql`select timer from timers where store = ${store} and recurs is not null order by timer`
      ).map(({ timer }) => timer);

    test('recur as before, and no clock is moved to them', async () => {
      const { store } = await live();
      await (await again(store)).timers.fire();
      const before = await schedules(store);
      assert.ok(before.length > 0);
      await stage.happen(store, { type: 'replay.ended', subject: `store:${store}`, data: {} });
      await set(store, { ahead: plus(NOW, 5 * HOUR_MS) });
      const { desk, timers } = await again(store);
      while (await desk.collect([]));
      await stage.pass(desk);
      const [row] = await stage.database.sql`select head from stores where store = ${store}`;
      assert.deepEqual([desk.position, desk.rounds.size], [row!.head, 0], 'nothing else keeps it from draining');
      await timers.fire();
      assert.equal(await timers.drain(), false);
      assert.ok(desk.clock < plus(NOW, HOUR_MS));
      assert.deepEqual(await schedules(store), before);
      assert.deepEqual(await fired(store), []);
    });

    test('are set again where an end had taken them away', async () => {
      const { store, timers } = await live();
      await timers.fire();
      const before = await schedules(store);
      await stage.happen(store, { type: 'replay.ended', subject: `store:${store}`, data: {} });
      await stage.database.sql`delete from timers where store = ${store}`;
      await (await again(store)).timers.fire();
      assert.deepEqual(await schedules(store), before);
    });
  });
});
