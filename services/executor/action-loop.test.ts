import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { ActionLoop } from './action-loop.ts';
import { Connectors } from './connectors.ts';
import { actionRow, type Bench, openBench, STORE, seedAction } from './testing/bench.ts';

const BULK_PLACES = LIMITS.actionsAtOnce - LIMITS.actionsKeptForUrgent;

describe('the places of the executor', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  beforeEach(async () => {
    await bench.database.sql`delete from actions`;
    bench.store.delayMs = 0;
  });
  after(() => bench.close());

  const tagOn = (order: string, ...actions: string[]) =>
    Promise.all(
      actions.map((action) =>
        seedAction(bench.database, {
          action,
          type: 'order.tag',
          leaves: [`order:${order}`],
          params: { order, tag: action },
        }),
      ),
    );
  const inState = async (state: string) =>
    (await bench.database.sql`select action from actions where state = ${state} order by action`).map(
      (row) => row.action as string,
    );
  const named = (prefix: string) => Array.from({ length: BULK_PLACES }, (_, n) => `${prefix}-${n}`);
  const drained = (loop: ActionLoop) => {
    const stop = new AbortController();
    stop.abort();
    return loop.run(stop.signal);
  };

  test('an action that waits for another on its leaf has its place already', async () => {
    await tagOn('9', ...named('first'));
    bench.store.delayMs = 20;
    const loop = new ActionLoop(bench.life(), () => [STORE]);
    await loop.tick();
    for (const other of named('other')) await tagOn(other, other);
    await loop.tick();
    assert.ok(loop.busy);
    assert.deepEqual(await inState('pending'), named('other').toSorted(), 'no place was free for these');
    await drained(loop);
  });

  test('the drain waits for the whole chain on a leaf, one call after the other', async () => {
    await tagOn('9', 'a', 'b', 'c');
    bench.store.delayMs = 20;
    const loop = new ActionLoop(bench.life(), () => [STORE]);
    await loop.tick();
    await drained(loop);
    assert.deepEqual(await inState('done'), ['a', 'b', 'c']);
    assert.deepEqual(
      ['a', 'b', 'c'].map((action) => bench.store.effectsOf(action)),
      [1, 1, 1],
    );
  });

  test('what waits for its turn at the signal is given back untouched, and carried out by the next life', async () => {
    await tagOn('9', 'd', 'e', 'f');
    bench.store.delayMs = 200;
    const stop = new AbortController();
    const loop = new ActionLoop(bench.life(), () => [STORE]);
    const sent = bench.store.sent.length;
    const running = loop.run(stop.signal);
    // From here on the first call waits for its answer, and the others for the first.
    while (bench.store.sent.length === sent) await sleep(1);
    stop.abort();
    await running;
    assert.equal(loop.busy, false);
    const [done, ...waiting] = [...(await inState('done')), ...(await inState('pending'))];
    assert.equal(bench.store.effectsOf(done!), 1, 'what had begun is finished');
    assert.equal(waiting.length, 2);
    for (const action of waiting) {
      assert.equal(bench.store.effectsOf(action), 0);
      assert.equal((await actionRow(bench.database, action)).attempts, 0, 'it was no try');
    }
    const next = new ActionLoop(bench.life(), () => [STORE]);
    await next.tick();
    await drained(next);
    assert.deepEqual(await inState('done'), ['d', 'e', 'f']);
  });

  test('an action waits while another call on one of its leaves is under way, whoever made it', async () => {
    const tagged = (action: string, leaves: string[], more: object = {}) =>
      seedAction(bench.database, {
        action,
        type: 'order.tag',
        leaves,
        params: { order: action, tag: action },
        ...more,
      });
    await tagged('theirs', ['order:20', 'order:21'], { state: 'calling', owner: 'executor@other' });
    await tagged('same-leaf', ['order:21', 'order:22']);
    await tagged('other-leaf', ['order:22']);
    const loop = new ActionLoop(bench.life(), () => [STORE]);
    await loop.tick();
    await drained(loop);
    assert.deepEqual([await inState('done'), await inState('pending')], [['other-leaf'], ['same-leaf']]);
    await bench.database.sql`update actions set state = 'done' where action = 'theirs'`;
    const next = new ActionLoop(bench.life(), () => [STORE]);
    await next.tick();
    await drained(next);
    assert.deepEqual(await inState('pending'), []);
    assert.equal(bench.store.effectsOf('same-leaf'), 1);
  });

  test('a store that does not answer is left alone, its actions keep their tries, mails go, and one call finds it back', async () => {
    const clocks = { ...systemClocks, aheadMs: 0, nowMs: () => Date.now() + clocks.aheadMs };
    const logger = createLogger('executor', 'silent');
    const deps = { ...bench.life(), connectors: new Connectors({ master: bench.master, clocks, logger }) };
    const work = async () => {
      const loop = new ActionLoop(deps, () => [STORE]);
      await loop.tick();
      await drained(loop);
    };
    const dueNow = () => bench.database.sql`update actions set next_look_at = null where state = 'pending'`;
    bench.store.mishaps.push(...Array<'unavailable'>(50).fill('unavailable'));
    for (const order of ['a', 'b', 'c']) await tagOn(order, order);
    await work();
    assert.deepEqual(deps.connectors.unavailable, [STORE]);
    await dueNow();
    const mail = { customer: '6', topic: 'delay', subject: 'Late', text: 'Late' };
    await seedAction(bench.database, { action: 'mail', type: 'notice.send', leaves: ['customer:6'], params: mail });
    await work();
    assert.deepEqual([await inState('done'), await inState('pending')], [['mail'], ['a', 'b', 'c']]);
    for (const action of ['a', 'b', 'c']) assert.equal((await actionRow(bench.database, action)).attempts, 1);
    bench.store.mishaps.length = 0;
    clocks.aheadMs = LIMITS.circuitOpenMs;
    await work();
    assert.deepEqual(await inState('done'), ['a', 'mail'], 'one goes to see');
    await work();
    assert.deepEqual([await inState('done'), deps.connectors.unavailable], [['a', 'b', 'c', 'mail'], []]);
  });
});
