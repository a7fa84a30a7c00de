import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ActionLoop } from './action-loop.ts';
import { tellRevocations } from './look-after.ts';
import { actionRow, type Bench, openBench, START, STORE, seedAction } from './testing/bench.ts';

const hold = (order: string) => ({
  type: 'order.hold',
  leaves: [`order:${order}`],
  params: { order, handle: `orders-${order}`, holdReason: 'fraud', note: 'signals' },
});
const tag = (order: string) => ({ type: 'order.tag', leaves: [`order:${order}`], params: { order, tag: order } });

describe('a store that only watches', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  beforeEach(async () => {
    await bench.database.sql`delete from actions`;
    await bench.database.sql`delete from openings`;
    await bench.database.sql`update stores set mode = 'watch', clock = ${START}`;
  });
  after(() => bench.close());

  const work = async () => {
    const deps = bench.life();
    const loop = new ActionLoop(deps, () => [STORE]);
    await loop.tick();
    const stop = new AbortController();
    stop.abort();
    await loop.run(stop.signal);
    await tellRevocations([STORE], deps);
  };
  const open = (agent: string, action: string) =>
    bench.database.sql`insert into openings (store, agent, action) values (${STORE}, ${agent}, ${action})`;
  const ends = async (...actions: string[]) => {
    const rows = await Promise.all(actions.map((action) => actionRow(bench.database, action)));
    return rows.map(({ state, reason }) => (reason === null ? state : `${state}: ${reason}`));
  };

  test('carries out what has been opened and nothing else', async () => {
    const areas = [
      ['*', '*', 'done', 'done'],
      ['orders', '*', 'done', 'done'],
      ['*', 'order.tag', 'revoked: watch', 'done'],
      ['orders', 'order.hold', 'done', 'revoked: watch'],
      ['pricing', '*', 'revoked: watch', 'revoked: watch'],
      ['*', 'price.set', 'revoked: watch', 'revoked: watch'],
    ] as const;
    for (const [n, [agent, action, held, tagged]] of areas.entries()) {
      await bench.database.sql`delete from actions`;
      await bench.database.sql`delete from openings`;
      await open(agent, action);
      await seedAction(bench.database, { action: 'h', ...hold(String(n)) });
      await seedAction(bench.database, { action: 't', ...tag('7') });
      await work();
      assert.deepEqual(await ends('h', 't'), [held, tagged], `${agent} ${action}`);
    }
  });

  test('what was not carried out is not made up for when its area is opened later, or the store goes live', async () => {
    await seedAction(bench.database, { action: 'missed', ...tag('1') });
    await work();
    await open('*', '*');
    await work();
    await bench.database.sql`update stores set mode = 'live'`;
    await work();
    assert.deepEqual(await ends('missed'), ['revoked: watch']);
    assert.equal(bench.store.effectsOf('missed'), 0);
  });

  test('what waits for its time waits, and is carried out when its area is open by then', async () => {
    await seedAction(bench.database, { action: 'planned', ...tag('2'), notBefore: '2026-11-21T10:00:01.000Z' });
    await work();
    assert.deepEqual(await ends('planned'), ['pending']);
    await open('orders', 'order.tag');
    await bench.database.sql`update stores set clock = '2026-11-21T10:00:02.000Z'`;
    await work();
    assert.deepEqual(await ends('planned'), ['done']);
  });

  test('no customer gets mail, until that is opened', async () => {
    const notice = (action: string) =>
      seedAction(bench.database, {
        action,
        type: 'notice.send',
        leaves: ['customer:5'],
        params: { customer: '5', topic: 'delay', subject: 'Your order', text: 'late' },
      });
    await notice('unsent');
    await work();
    assert.deepEqual([await ends('unsent'), bench.mail.left.length], [['revoked: watch'], 0]);
    await open('*', 'notice.send');
    await notice('sent');
    await work();
    assert.deepEqual([await ends('sent'), bench.mail.left.length], [['done'], 1]);
  });

  test('what the coordinator takes back had been carried out, and needs no opening', async () => {
    await seedAction(bench.database, { action: 'a.undo', ...tag('3') });
    await bench.database.sql`update actions set agent = 'coordinator'`;
    await work();
    assert.deepEqual(await ends('a.undo'), ['done']);
  });
});
