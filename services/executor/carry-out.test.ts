import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import { takeDueActions } from '#shared/store/executor/due-actions.ts';
import { inStores } from '#shared/store/transaction.ts';
import { carryOut } from './carry-out.ts';
import { deadlineIn } from './deps.ts';
import { actionRow, type Bench, openBench, STORE, seedAction } from './testing/bench.ts';

/** So long may a call be tried. */
const CALL_MS = 200;

describe('the last of many tries', () => {
  let bench: Bench;
  before(async () => {
    bench = await openBench();
  });
  after(() => bench.close());

  const lastTry = async (action: string) => {
    const deps = bench.life();
    const params = { order: '9', handle: action, holdReason: 'fraud', note: 'signals' };
    await bench.database.sql`delete from actions`;
    await seedAction(bench.database, { action, type: 'order.hold', leaves: ['order:9'], params });
    await bench.database.sql`update actions set attempts = ${LIMITS.actionTries - 1}`;
    const [taken] = await inStores(deps.sql, [STORE], (tx) => takeDueActions(tx, deps.owner, ['order.hold'], 1));
    bench.store.mishaps.push(...Array<'throttle'>(20).fill('throttle'));
    await carryOut(taken!, deadlineIn(CALL_MS, deps.clocks), deps);
    bench.store.mishaps.length = 0;
    return await actionRow(bench.database, action);
  };

  test('ends as failed where the store shows nothing of the action', async () => {
    assert.deepEqual((({ state, reason }) => [state, reason])(await lastTry('none')), ['failed', 'store-throttled']);
  });

  test('ends as unknown where the store shows a part of it, and as done where all of it is there', async () => {
    const [first] = bench.store.books.parts;
    bench.store.books.parts.push({ id: `${first!.id}9`, status: 'OPEN', holds: [], lines: [] });
    first!.holds.push({ id: 'hold-part', handle: 'part' });
    assert.equal((await lastTry('part')).state, 'unknown');
    for (const part of bench.store.books.parts) part.holds.push({ id: `hold-all-${part.id}`, handle: 'all' });
    assert.equal((await lastTry('all')).state, 'done');
  });
});
