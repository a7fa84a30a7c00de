import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { createDatabase } from '#shared/testing/database.ts';
import { putTestStore } from '#shared/testing/stores.ts';
import { whatIsOpen } from './drained.ts';

describe('a store is at rest', async () => {
  const database = await createDatabase();
  after(() => database.close());
  const { sql } = database;
  await putTestStore(sql, 'shop', { clockKind: 'replay' });

  const unknownSeenAgainIn = async (seconds: number) => {
    await sql`delete from actions`;
    await sql`
      insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, next_look_at, correlation, depth)
      values ('shop', 'a', 'stock.correct', 'inventory', '{}', array['sku:A'], '[]', 'sku:A', now(), 'unknown',
        clock_timestamp() + ${seconds} * interval '1 second', ${randomUUID()}, 0)`;
    return await whatIsOpen(sql, 'shop');
  };

  test('when nothing has happened', async () => assert.deepEqual(await whatIsOpen(sql, 'shop'), {}));

  test('not while an unknown end is looked at soon', async () =>
    assert.deepEqual(await unknownSeenAgainIn(30), { unknownActions: 1 }));

  test('when the looks have not cleared it up, and the next one is far away', async () =>
    assert.deepEqual(await unknownSeenAgainIn(120), {}));
});
