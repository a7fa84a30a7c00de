import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import type { Sql } from '../connect.ts';
import { takeDueActions } from '../executor/due-actions.ts';
import { inStores } from '../transaction.ts';
import { revokeActions } from './outcome.ts';

const STORE = 'shop';
const START = '2026-11-21T10:00:00.000Z';

describe('revocations of one batch', () => {
  let database: TestDatabase;
  let coordinator: Sql;
  let executor: Sql;
  before(async () => {
    database = await createDatabase();
    coordinator = database.open('coordinator');
    executor = database.open('executor');
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'sandbox', 'replay', ${START}, 1, 'live', 'GBP', 'UTC')`;
  });
  beforeEach(async () => {
    await database.sql`delete from actions`;
    for (const action of ['a', 'b'])
      await database.sql`insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, correlation, depth)
        values (${STORE}, ${action}, ${action === 'a' ? 'order.hold' : 'order.tag'}, 'orders', '{}', ${[`order:${action}`]}, '[]', 'order:9', ${START}, 'pending',
          '0197a1b2-0000-7000-8000-000000000001', 1)`;
  });
  after(() => database.close());

  const wanted = ['a', 'b'].map((action) => ({ store: STORE, action, reason: 'preempted' }));
  const revoke = () => inStores(coordinator, [STORE], (tx) => revokeActions(tx, wanted));
  const states = async () =>
    (await database.sql`select state, reason from actions order by action`).map(({ state, reason }) => [state, reason]);

  test('are made together, also where one is wanted twice', async () => {
    const twice = await inStores(coordinator, [STORE], (tx) => revokeActions(tx, [...wanted, wanted[0]!]));
    assert.deepEqual([...twice].toSorted(), ['a', 'b']);
    assert.deepEqual(await states(), [
      ['revoked', 'preempted'],
      ['revoked', 'preempted'],
    ]);
  });

  test('none is made where one of the actions is being called already', async () => {
    await database.sql`update actions set state = 'calling' where action = 'b'`;
    assert.deepEqual([...(await revoke())], []);
    assert.deepEqual(await states(), [
      ['pending', null],
      ['calling', null],
    ]);
  });

  test('none is made where one of the actions is taken meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const taking = inStores(executor, [STORE], async (tx) => {
      assert.equal((await takeDueActions(tx, 'executor@test', ['order.tag'], 1)).length, 1);
      taken.resolve();
      await gate.promise;
    });
    await Promise.race([taken.promise, taking]);
    const revoking = revoke();
    await Promise.race([revoking, sleep(200)]);
    gate.resolve();
    await taking;
    assert.deepEqual([...(await revoking)], []);
    assert.deepEqual(await states(), [
      ['pending', null],
      ['calling', null],
    ]);
  });
});
