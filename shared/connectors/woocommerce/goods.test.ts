import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { UnknownOutcomeError } from '#shared/kernel/errors.ts';
import type { StoreAction } from '../connector.ts';
import { storeAction } from '../testing/contract.ts';
import type { FakeWoo } from '../testing/woocommerce/fake-woo.ts';
import { inTime, refused, withWoo, wooAction } from '../testing/woocommerce/with-woo.ts';
import { lifecycleOf, ownSaleOf } from './marks.ts';

const at = '2026-11-21T10:00:00.000Z';
const launch = (leaves: ResourceKey[], more: object = {}) =>
  wooAction('promotion.launch', leaves, {
    target: 'category:x',
    discountBasisPoints: 1_500,
    startsAt: at,
    endsAt: '2036-11-28T10:00:00.000Z',
    title: 'Week',
    combines: false,
    ...more,
  });
const reprice = (sku: string, priceMinor: number, expectedMinor: number) =>
  wooAction('price.set', [`sku:${sku}`], { sku, priceMinor, currency: 'GBP' }, { expectedMinor });
const pause = (sku: string) => wooAction('promotion.pause', [`sku:${sku}`], { target: `sku:${sku}` });
const correct = (sku: string, level: number, expected: number) =>
  wooAction('stock.correct', [`sku:${sku}`], { sku, level, expected });

describe('prices in WooCommerce', () => {
  test(
    'a variation is written to under its product, and only it',
    withWoo(async (shop, connector) => {
      await connector.execute(reprice('C-RED', 1_100, 1_000), inTime());
      assert.deepEqual(
        ['C-RED', 'C-BLUE'].map((sku) => shop.product(sku).regular_price),
        ['11.00', '10.00'],
      );
      assert.ok(shop.requests.at(-1)!.endsWith('/products/30/variations/31'));
    }),
  );

  test(
    'our own sale keeps its share when the list price moves, in the same write',
    withWoo(async (shop, connector) => {
      shop.given({ running: ['A'] });
      await connector.execute(reprice('A', 400, 255), inTime());
      const { regular_price, sale_price, price, meta_data } = shop.product('A');
      assert.deepEqual([regular_price, sale_price, price], ['4.00', '3.40', '3.40']);
      assert.equal(ownSaleOf(meta_data, 340)?.title, 'Candle week #abcdef');
      assert.equal(shop.effectsOf(reprice('A', 400, 255).action), 1);
    }),
  );

  test(
    'a price in another currency than the shop counts in is refused',
    withWoo(async (shop, connector) => {
      const action = { ...reprice('A', 2_990, 2_550), params: { sku: 'A', priceMinor: 2_990, currency: 'KWD' } };
      const before = shop.product('A').regular_price;
      await refused(connector.execute(action, inTime()), 'bad-input');
      assert.equal(shop.product('A').regular_price, before);
    }),
  );

  test(
    "a person's sale keeps its amount, and no list price ends it",
    withWoo(async (shop, connector) => {
      shop.product('A').sale_price = '2.00';
      await connector.execute(reprice('A', 300, 255), inTime());
      assert.equal(shop.product('A').sale_price, '2.00');
      await refused(connector.execute(reprice('A', 190, 300), inTime()), 'store-conflict');
      assert.equal(shop.product('A').regular_price, '3.00');
    }),
  );
});

describe('sales in WooCommerce', () => {
  test(
    'a list of leaves is one window on each: simple products in one call, variations of a product in another',
    withWoo(async (shop, connector) => {
      const action = launch(['sku:A', 'sku:B', 'sku:C-RED', 'sku:C-BLUE', 'sku:STRANGER']);
      const outcome = await connector.execute(action, inTime());
      assert.deepEqual(outcome, { products: 4, skipped: ['sku:STRANGER'] });
      const { sale_price, date_on_sale_from_gmt, date_on_sale_to_gmt, price } = shop.product('A');
      assert.deepEqual(
        [sale_price, date_on_sale_from_gmt, date_on_sale_to_gmt, price],
        ['2.17', '2026-11-21T10:00:00', '2036-11-28T10:00:00', '2.17'],
      );
      assert.deepEqual(
        shop.requests.filter((request) => !request.startsWith('GET')).map((request) => request.split('/v3')[1]),
        ['/products/batch', '/products/30/variations/batch'],
      );
      assert.equal((await connector.readBack(action, inTime())).end, 'done');
    }),
  );

  test(
    'a leaf in the sale of somebody else is left out, and told; when all are, nothing is launched',
    withWoo(async (shop, connector) => {
      shop.product('A').sale_price = '2.00';
      const outcome = await connector.execute(launch(['sku:A', 'sku:B']), inTime());
      assert.deepEqual(outcome, { products: 1, skipped: ['sku:A'] });
      assert.equal(shop.product('A').sale_price, '2.00');
      await refused(connector.execute({ ...launch(['sku:A', 'sku:B']), action: 'next' }, inTime()), 'store-conflict');
    }),
  );

  test(
    'a sale that is over makes room, though the shop has not cleared it up yet',
    withWoo(async (shop, connector) => {
      Object.assign(shop.product('A'), { sale_price: '2.00', date_on_sale_to_gmt: '2020-01-01T00:00:00' });
      assert.deepEqual(await connector.execute(launch(['sku:A']), inTime()), { products: 1 });
      assert.equal(shop.product('A').sale_price, '2.17');
    }),
  );

  test(
    'a launch of many goes in batches; what was cut off is unknown, a look sees a part, and the rest can be added',
    withWoo(async (shop, connector) => {
      const ids: Record<string, { product: string; variant: string; inventoryItem: string }> = {};
      for (let id = 100; id < 160; id++) {
        shop.books.products.set(id, { ...shop.product('A'), id, sku: `S${id}`, meta_data: [] });
        ids[`sku:S${id}`] = { product: `${id}`, variant: `${id}`, inventoryItem: `${id}` };
      }
      const leaves = Object.keys(ids) as ResourceKey[];
      const action = storeAction('promotion.launch', leaves, launch([]).params, {}, ids);
      let writes = 0;
      shop.beforeWrite = () => {
        writes += 1;
        if (writes === 1) shop.mishaps.push('drop-request');
      };
      await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
      assert.deepEqual(await connector.readBack(action, inTime()), {
        end: 'unknown',
        detail: 'The store shows a part of it',
      });
      shop.beforeWrite = undefined;
      assert.deepEqual(await connector.execute(action, inTime()), { products: 60 });
      assert.equal((await connector.readBack(action, inTime())).end, 'done');
      assert.equal(shop.effectsOf(action.action), 3, '25 of 60 at once, and no leaf twice');
    }),
  );

  test(
    'one leaf that the shop refuses among others leaves the whole unknown, all of them are a refusal',
    withWoo(async (shop, connector) => {
      shop.beforeWrite = () => void shop.books.products.delete(12);
      await assert.rejects(connector.execute(launch(['sku:A', 'sku:B']), inTime()), UnknownOutcomeError);
      shop.beforeWrite = () => {
        shop.books.products.delete(31);
        shop.books.products.delete(32);
      };
      const other = { ...launch(['sku:C-RED', 'sku:C-BLUE']), action: 'other' };
      await refused(connector.execute(other, inTime()), 'not-found');
    }),
  );

  test(
    "a person's sale is not ended by us, and neither is one of ours whose price a person has changed",
    withWoo(async (shop, connector) => {
      shop.given({ running: ['A'] });
      shop.product('A').sale_price = '1.99';
      await refused(connector.execute(pause('A'), inTime()), 'not-permitted');
      assert.equal(shop.product('A').sale_price, '1.99');
      assert.deepEqual(await connector.execute(pause('B'), inTime()), { stopped: 0 });
    }),
  );

  test(
    'ending by title ends only what was launched under it, and takes window and mark away',
    withWoo(async (shop, connector) => {
      shop.given({ running: ['A'] });
      const end = (title: string) => wooAction('promotion.end', ['sku:A'], { target: 'sku:A', title });
      assert.deepEqual(await connector.execute(end('Other'), inTime()), { stopped: 0 });
      assert.deepEqual(await connector.execute(end('Candle week'), inTime()), { stopped: 1 });
      const { sale_price, date_on_sale_to_gmt, price, meta_data } = shop.product('A');
      assert.deepEqual([sale_price, date_on_sale_to_gmt, price], ['', null, '2.55']);
      assert.equal(ownSaleOf(meta_data, 217), undefined);
    }),
  );
});

describe('what a WooCommerce shop says of a write that it has not carried out', () => {
  const both = launch(['sku:A', 'sku:B']);
  const lie = (shown: object) => ({ isAfter: false, says: () => JSON.stringify(shown) });
  const goes = (action: StoreAction, shown: (shop: FakeWoo) => object) =>
    withWoo(async (shop, connector) => {
      if (action.type === 'promotion.pause') shop.given({ running: ['A'] });
      shop.mishaps.push(lie(shown(shop)));
      await assert.rejects(connector.execute(action, inTime()), UnknownOutcomeError);
      assert.equal((await connector.readBack(action, inTime())).end, 'failed');
    });

  test(
    'a batch that answers for nothing of it',
    goes(both, () => ({ update: [] })),
  );
  test(
    'a batch that answers for one of two',
    goes(both, (shop) => ({ update: [shop.product('A')] })),
  );
  test(
    'a batch that shows both as they were',
    goes(both, (shop) => ({ update: [shop.product('A'), shop.product('B')] })),
  );
  test(
    'one that shows another',
    goes(pause('A'), (shop) => shop.product('B')),
  );
  test(
    'a sale that is shown to go on',
    goes(pause('A'), (shop) => shop.product('A')),
  );
  test(
    'a price that is shown as it was',
    goes(reprice('A', 400, 255), (shop) => shop.product('A')),
  );
  test(
    'a price that is not shown',
    goes(reprice('A', 400, 255), () => ({ id: 11 })),
  );
  test(
    'a level that is not shown',
    goes(correct('A', 4, 7), () => ({ id: 11 })),
  );
  test(
    'a product that is shown to be on sale still',
    goes(wooAction('product.archive', ['sku:A'], { sku: 'A' }), (shop) => shop.product('A')),
  );
});

test(
  'a look that is answered with something else is asked again, not believed',
  withWoo(async (shop, connector) => {
    const action = reprice('A', 400, 255);
    await connector.execute(action, inTime());
    for (const text of ['{}', '[]', 'null']) {
      shop.said.push({ status: 200, text });
      assert.equal((await connector.readBack(action, inTime())).end, 'done');
    }
  }),
);

describe('stock in WooCommerce', () => {
  test(
    'what is sold between our look and our write stays sold',
    withWoo(async (shop, connector) => {
      shop.beforeWrite = () => {
        shop.level -= 1;
      };
      const outcome = await connector.execute(correct('A', 4, 7), inTime());
      assert.deepEqual([shop.level, outcome], [3, { level: 4, shown: 3 }]);
    }),
  );

  test(
    'a shop that keeps its level has refused, whatever it answers',
    withWoo(async (shop, connector) => {
      const kept = JSON.stringify(shop.product('A'));
      shop.said.push({ status: 200, text: kept }, { status: 200, text: kept });
      await refused(connector.execute(correct('A', 4, 7), inTime()), 'store-refused');
    }),
  );

  test(
    'an item that is not counted by itself is not corrected',
    withWoo(async (shop, connector) => {
      await refused(connector.execute(correct('C-BLUE', 4, 9), inTime()), 'store-conflict');
      shop.product('A').manage_stock = false;
      await refused(connector.execute(correct('A', 4, 7), inTime()), 'not-found');
    }),
  );
});

describe('archiving in WooCommerce', () => {
  const archive = (sku: string, ids = wooAction('x', [], {}).facts) =>
    wooAction('product.archive', [`sku:${sku}`], { sku }, { facts: ids });

  test(
    'a product becomes a draft, a variation is switched off, and both are known as archived',
    withWoo(async (shop, connector) => {
      await connector.execute(archive('A'), inTime());
      await connector.execute(archive('C-RED'), inTime());
      assert.deepEqual(
        ['A', 'C-RED', 'C-BLUE'].map((sku) => [shop.product(sku).status, lifecycleOf(shop.product(sku))]),
        [
          ['draft', 'archived'],
          ['private', 'archived'],
          ['publish', 'active'],
        ],
      );
    }),
  );

  test(
    'a product with variations is not archived for one of them',
    withWoo(async (shop, connector) => {
      const whole = { product: '30', variant: '30', inventoryItem: '30' };
      const action = storeAction('product.archive', ['sku:C'], { sku: 'C' }, {}, { 'sku:C': whole });
      await refused(connector.execute(action, inTime()), 'not-permitted');
      assert.equal(shop.product('C').status, 'publish');
    }),
  );
});
