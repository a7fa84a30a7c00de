import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FakeWoo } from '#shared/connectors/testing/woocommerce/fake-woo.ts';
import { saleOf } from '#shared/connectors/woocommerce/marks.ts';
import { seal } from '#shared/runtime/seal.ts';
import { ActionLoop } from './action-loop.ts';
import { lookAtUnknown, ownUpToAbandoned } from './look-after.ts';
import {
  type ActionSeed,
  actionRow,
  type Bench,
  openBenchOf,
  START,
  STORE,
  seedAction,
  toldEnds,
  WOOCOMMERCE,
} from './testing/bench.ts';

describe('a WooCommerce shop, from the row of an action to its end', () => {
  let bench: Bench<FakeWoo>;
  before(async () => {
    bench = await openBenchOf(WOOCOMMERCE);
  });
  after(() => bench.close());

  const work = async () => {
    const loop = new ActionLoop(bench.life(), () => [STORE]);
    await loop.tick();
    const stop = new AbortController();
    stop.abort();
    await loop.run(stop.signal);
  };
  const carryOut = async (seed: ActionSeed) => {
    await seedAction(bench.database, seed);
    await work();
    return actionRow(bench.database, seed.action);
  };
  const lookNow = async () => {
    await bench.database.sql`
      update actions set next_look_at = clock_timestamp() - interval '1 second', call_by = clock_timestamp() - interval '1 second'
      where state = 'unknown'`;
    await lookAtUnknown([STORE], bench.life());
  };
  const price = (action: string, sku: string, priceMinor: number, beforeMinor: number): ActionSeed => ({
    action,
    type: 'price.set',
    leaves: [`sku:${sku}`],
    params: { sku, priceMinor, currency: 'GBP' },
    inverse: [{ action: 'price.set', params: { sku, priceMinor: beforeMinor, currency: 'GBP' } }],
  });
  const refund = (action: string, amountMinor: number): ActionSeed => ({
    action,
    type: 'refund.issue',
    leaves: ['order:9'],
    params: { order: '9', amountMinor, currency: 'GBP', note: 'late' },
  });

  test('a price is set, and one that a person has changed meanwhile is not', async () => {
    const row = await carryOut(price('p1', 'A', 299, 255));
    assert.deepEqual([row.state, row.outcome], ['done', { priceMinor: 299, before: 255 }]);
    assert.equal(bench.store.product('A').regular_price, '2.99');
    assert.deepEqual(await toldEnds(bench.database, 'p1'), ['action.done']);
    bench.store.product('B').regular_price = '5.00';
    const late = await carryOut(price('p2', 'B', 450, 400));
    assert.deepEqual([late.state, late.reason], ['failed', 'store-conflict']);
    assert.equal(bench.store.product('B').regular_price, '5.00');
  });

  test('a refund whose answer got lost is looked for and found, and the money went once', async () => {
    bench.store.mishaps.push('drop-answer');
    assert.equal((await carryOut(refund('r1', 100))).state, 'unknown');
    await work();
    await lookNow();
    assert.equal((await actionRow(bench.database, 'r1')).state, 'done');
    assert.deepEqual(bench.store.books.provider.money, ['1.00']);
    assert.deepEqual(await toldEnds(bench.database, 'r1'), ['action.unknown', 'action.done']);
  });

  test('a refund whose request got lost ends as failed, and is not sent again', async () => {
    bench.store.mishaps.push('drop-request');
    assert.equal((await carryOut(refund('r2', 200))).state, 'unknown');
    await lookNow();
    await work();
    assert.equal((await actionRow(bench.database, 'r2')).state, 'failed');
    assert.deepEqual(bench.store.books.provider.money, ['1.00']);
  });

  test('killed while the shop refunds: the next life finds the refund by its mark', async () => {
    await carryOut(refund('r3', 300));
    await bench.database.sql`
      update actions set state = 'calling', owner = 'executor@test', call_by = clock_timestamp() + interval '20 seconds', ended_at = null
      where action = 'r3'`;
    await ownUpToAbandoned([STORE], true, bench.life());
    await lookAtUnknown([STORE], bench.life());
    assert.equal((await actionRow(bench.database, 'r3')).state, 'done');
    assert.deepEqual(bench.store.books.provider.money, ['1.00', '3.00']);
  });

  test('the sale that comes back in a webhook shows what the action has written down', async () => {
    await carryOut({
      action: 'launch',
      type: 'promotion.launch',
      leaves: ['sku:A', 'sku:C-RED'],
      params: {
        target: 'category:candles',
        discountBasisPoints: 1_500,
        startsAt: START,
        endsAt: '2036-11-28T10:00:00.000Z',
        title: 'Week',
        combines: false,
      },
      writes: [{ resource: 'sku:A', attribute: 'promotions', value: { title: 'Week', discountBasisPoints: 1_500 } }],
    });
    const [row] = await bench.database.sql`select state, writes from actions where action = 'launch'`;
    const { title, discountBasisPoints } = saleOf(bench.store.product('A'), 'GBP')!;
    assert.deepEqual([row!.state, row!.writes[0].value], ['done', { title, discountBasisPoints }]);
  });

  test('a hold waits for the payment of its order', async () => {
    const order = bench.store.books.orders.get(9)!;
    order.status = 'pending';
    const params = { order: '9', handle: 'orders-1', holdReason: 'fraud', note: 'signals' };
    const row = await carryOut({ action: 'hold', type: 'order.hold', leaves: ['order:9'], params });
    assert.equal(row.state, 'pending');
    order.status = 'processing';
    await bench.database.sql`update actions set next_look_at = null where action = 'hold'`;
    await work();
    assert.equal((await actionRow(bench.database, 'hold')).state, 'done');
    assert.equal(order.status, 'on-hold');
  });

  test('what the platform cannot do fails with that reason, and a key that was taken away with its own', async () => {
    const split = { order: '9', later: [{ sku: 'B', units: 1 }] };
    const row = await carryOut({ action: 'split', type: 'order.split', leaves: ['order:9'], params: split });
    assert.deepEqual([row.state, row.reason], ['failed', 'not-supported']);
    const stranger = JSON.stringify({ key: 'ck_other', secret: 'cs_other' });
    const sealed = seal(bench.master, `credential:${STORE}:woocommerce`, Buffer.from(stranger));
    await bench.database.sql`update credentials set sealed = ${sealed}`;
    const refused = await carryOut(price('p3', 'A', 310, 299));
    assert.deepEqual([refused.state, refused.reason], ['failed', 'not-permitted']);
    assert.ok(!JSON.stringify(refused).includes('cs_other'));
  });
});
