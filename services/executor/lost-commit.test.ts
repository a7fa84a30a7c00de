import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type CalledAction, takeDueActions } from '#shared/store/executor/due-actions.ts';
import { giveBackAction, postponeAction } from '#shared/store/executor/end-action.ts';
import { inStores } from '#shared/store/transaction.ts';
import { actionRow, type Bench, openBench, STORE, seedAction } from './testing/bench.ts';

describe('a commit whose answer was lost is written again', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  beforeEach(async () => {
    await bench.database.sql`delete from actions`;
    const params = { order: '9', tag: 'late' };
    await seedAction(bench.database, { action: 'a', type: 'order.tag', leaves: ['order:9'], params });
  });
  after(() => bench.close());

  const take = async (owner: string): Promise<CalledAction> => {
    const [taken] = await inStores(bench.life().sql, [STORE], (tx) => takeDueActions(tx, owner, ['order.tag'], 1));
    return taken!;
  };
  const postpone = (call: CalledAction) =>
    inStores(bench.life().sql, [STORE], (tx) => postponeAction(tx, call, { reason: 'store-throttled', againInMs: 0 }));
  const giveBack = (call: CalledAction) => inStores(bench.life().sql, [STORE], (tx) => giveBackAction(tx, call));
  const stateNow = async () => (await actionRow(bench.database, 'a')).state;

  test('and does not take the next call of the same action back while it is under way', async () => {
    const first = await take('executor@one');
    await giveBack(first);
    const second = await take('executor@one');
    await giveBack(first);
    assert.equal(await stateNow(), 'calling');
    assert.equal(await postpone(second), true);
    assert.equal(await stateNow(), 'pending');
    await take('executor@other');
    assert.equal(await postpone(second), true, 'it has been postponed: its end is not for this call to write');
    assert.equal(await stateNow(), 'calling');
  });

  test('the last try is not postponed, and its end is still to be written', async () => {
    await bench.database.sql`update actions set attempts = 1_000`;
    assert.equal(await postpone(await take('executor@one')), false);
    assert.equal(await stateNow(), 'calling');
  });
});
