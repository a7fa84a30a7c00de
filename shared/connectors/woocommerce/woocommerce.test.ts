import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { CASES, connectorContract } from '../testing/contract.ts';
import { FAKE_WOO_KEY, FakeWoo, WOO_IDS } from '../testing/woocommerce/fake-woo.ts';
import { connectWoo, inTime, refused, withWoo, wooAction } from '../testing/woocommerce/with-woo.ts';
import { WOOCOMMERCE_OPERATIONS } from './woocommerce.ts';

/** Decided like everything else; the platform has no place for it. */
const REFUSED = ['order.split', 'order.upgrade', 'shipping.offer', 'feed.push', 'reorder.place', 'reorder.cancel'];

connectorContract({
  name: 'woocommerce',
  ids: WOO_IDS,
  fake: () => new FakeWoo(),
  connect: (shop) => connectWoo(shop),
  refuses: REFUSED,
  calls: {
    'order.cancel': { all: 2, afterFirst: 'unknown' },
    'credit.give': { all: 2, afterFirst: 'unknown' },
    'order.tag': { all: 2, afterFirst: 'done' },
  },
  callsOfLong: {
    'promotion.launch': { all: 12, afterFirst: 'unknown' },
    'promotion.pause': { all: 12, afterFirst: 'unknown' },
    'promotion.end': { all: 12, afterFirst: 'unknown' },
  },
});

const tag = wooAction('order.tag', ['order:9'], { order: '9', tag: 'late' });
const price = wooAction('price.set', ['sku:A'], { sku: 'A', priceMinor: 299, currency: 'GBP' }, { expectedMinor: 255 });

describe('the WooCommerce driver', () => {
  test('carries out or refuses every action type but the mails, and each has a case in the contract', () => {
    const types = [...ACTION_TYPES.keys()].filter((type) => type !== 'notice.send' && type !== 'campaign.send');
    assert.deepEqual([...WOOCOMMERCE_OPERATIONS.keys(), ...REFUSED].sort(), types.sort());
    const cases = new Set(CASES.map(({ type }) => type));
    assert.deepEqual(
      [...WOOCOMMERCE_OPERATIONS.keys()].filter((type) => !cases.has(type)),
      ['stock.reserve'],
    );
  });

  test(
    'what it cannot do is said in words of its own, not as a missing entry',
    withWoo(async (_shop, connector) => {
      for (const type of REFUSED) {
        await assert.rejects(
          connector.execute(wooAction(type, ['sku:A'], {}), inTime()),
          /^PermanentError: WooCommerce (?!cannot carry out)/,
        );
      }
    }),
  );

  test(
    'a wrong key is not permitted, and neither key nor secret is in what is told of it',
    withWoo(async (shop) => {
      const stranger = connectWoo(shop, { key: 'ck_stranger', secret: 'cs_very-secret' });
      await assert.rejects(stranger.execute(tag, inTime()), (thrown: Error & { reason?: string }) => {
        assert.equal(thrown.reason, 'not-permitted');
        assert.ok(!/cs_very|ck_stranger|Basic/.test(`${thrown.message} ${JSON.stringify(thrown)} ${thrown.cause}`));
        return true;
      });
    }),
  );

  test(
    'a product that the shop does not have is not found, whether it is read or written to',
    withWoo(async (shop, connector) => {
      shop.books.products.delete(11);
      await refused(connector.execute(price, inTime()), 'not-found');
      shop.said.push({ status: 200, text: JSON.stringify({ id: 11, regular_price: '2.55', meta_data: [] }) });
      await refused(connector.execute(price, inTime()), 'not-found');
    }),
  );

  test(
    'what the shop says of a refusal is told, without its markup',
    withWoo(async (shop, connector) => {
      const text = JSON.stringify({ code: 'woocommerce_rest_x', message: '<strong>Error:</strong> no', data: {} });
      shop.said.push({ status: 400, text });
      await assert.rejects(connector.execute(tag, inTime()), /: Error: no \(woocommerce_rest_x\)$/);
    }),
  );
});

describe('what a WordPress host may answer instead of the API', () => {
  const page = { status: 200, text: '<html>Log in</html>' };
  /** Before a tag is written, the notes and the order are read. */
  const looks = ['[]', '{"id":9,"meta_data":[]}'].map((text) => ({ status: 200, text }));

  test(
    'a page where JSON should be: a look is tried again, a write is unknown',
    withWoo(async (shop, connector) => {
      shop.said.push(page);
      await connector.execute(tag, inTime());
      assert.equal(shop.effectsOf(tag.action), 2);
      const [look] = shop.requests;
      assert.match(look!, /^GET /);
      const again = { ...tag, action: 'again', params: { order: '9', tag: 'other' } };
      shop.said.push(...looks, page);
      await assert.rejects(connector.execute(again, inTime()), UnknownOutcomeError);
    }),
  );

  test(
    'a byte order mark before JSON is overlooked',
    withWoo(async (shop, connector) => {
      shop.said.push({ status: 200, text: '\uFEFF[]' });
      await connector.execute(tag, inTime());
      assert.equal(shop.effectsOf(tag.action), 2);
    }),
  );

  test(
    'a proxy that lost PHP in the middle of a write answers 503 without a time: unknown, not sent again',
    withWoo(async (shop, connector) => {
      shop.said.push(...looks, { status: 503, text: 'Backend fetch failed' });
      await assert.rejects(connector.execute(tag, inTime()), UnknownOutcomeError);
      assert.equal(shop.requests.filter((request) => request.startsWith('POST')).length, 1);
    }),
  );

  test(
    'a redirect is not followed, and the key goes nowhere else',
    withWoo(async (shop, connector) => {
      shop.said.push({ status: 301, text: '', headers: { location: `${shop.url}/elsewhere` } });
      await refused(connector.execute(tag, inTime()), 'store-refused');
      assert.equal(shop.requests.length, 1);
    }),
  );

  test(
    'a shop that asks for minutes of patience is left in peace, by every action',
    withWoo(async (shop, connector) => {
      shop.said.push({ status: 503, text: '', headers: { 'retry-after': '600' } });
      await assert.rejects(connector.execute(tag, inTime()), TransientError);
      await assert.rejects(connector.execute(price, inTime()), TransientError);
      assert.equal(shop.requests.length, 1);
    }),
  );

  test(
    'a cache before the shop does not hide what was written',
    withWoo(async (shop, connector) => {
      shop.cache = new Map();
      assert.equal((await connector.readBack(price, inTime())).end, 'failed');
      shop.mishaps.push('drop-answer');
      await assert.rejects(connector.execute(price, inTime()), UnknownOutcomeError);
      await sleep(2);
      assert.equal((await connector.readBack(price, inTime())).end, 'done');
    }),
  );

  test(
    'a shop that is too slow may have done it: unknown, and a look finds it',
    withWoo(async (shop, connector) => {
      const hasty = connectWoo(shop, FAKE_WOO_KEY, 400);
      shop.beforeWrite = () => {
        shop.delayMs = 600;
      };
      await assert.rejects(hasty.execute(price, inTime()), UnknownOutcomeError);
      await sleep(700);
      shop.delayMs = 0;
      assert.deepEqual([shop.effectsOf(price.action), (await connector.readBack(price, inTime())).end], [1, 'done']);
    }),
  );

  test(
    'keys are never in an address',
    withWoo(async (shop, connector) => {
      await connector.execute(tag, inTime());
      await connector.execute(price, inTime());
      assert.ok(shop.requests.every((request) => !/ck_|cs_|consumer/.test(request)));
    }),
  );
});
