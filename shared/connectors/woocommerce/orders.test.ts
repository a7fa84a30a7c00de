import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TransientError, UnknownOutcomeError } from '#shared/kernel/errors.ts';
import { actionMark } from '../idempotency.ts';
import type { FakeWoo } from '../testing/woocommerce/fake-woo.ts';
import { inTime, refused, withWoo, wooAction } from '../testing/woocommerce/with-woo.ts';
import { holdsOf, metaText, TAGS_KEY } from './marks.ts';

const order9 = (shop: FakeWoo) => shop.books.orders.get(9)!;
const hold = (handle: string) =>
  wooAction('order.hold', ['order:9'], { order: '9', handle, holdReason: 'fraud', note: 'signals' });
const release = (handle: string) => wooAction('order.release', ['order:9'], { order: '9', handle });
const cancel = (restock = true) =>
  wooAction('order.cancel', ['order:9'], { order: '9', cancelReason: 'fraud', restock });
const refund = (amountMinor: number, more: object = {}) =>
  wooAction('refund.issue', ['order:9'], { order: '9', amountMinor, currency: 'GBP', note: 'late', ...more });

describe('holds in WooCommerce', () => {
  test(
    'two holds, released one after the other: the order comes back to where it was with the last one only',
    withWoo(async (shop, connector) => {
      await connector.execute(hold('fraud'), inTime());
      await connector.execute(hold('stock'), inTime());
      assert.deepEqual(
        holdsOf(order9(shop))
          .map(({ handle }) => handle)
          .sort(),
        ['fraud', 'stock'],
      );
      await connector.execute(release('fraud'), inTime());
      assert.equal(order9(shop).status, 'on-hold');
      await connector.execute(release('stock'), inTime());
      assert.equal(order9(shop).status, 'processing');
      assert.deepEqual(await connector.execute(release('stock'), inTime()), { handle: 'stock', released: 0 });
    }),
  );

  test(
    'an order that a person had put on hold stays there when our hold is released',
    withWoo(async (shop, connector) => {
      order9(shop).status = 'on-hold';
      await connector.execute(hold('fraud'), inTime());
      await connector.execute(release('fraud'), inTime());
      assert.equal(order9(shop).status, 'on-hold');
      assert.deepEqual(await connector.execute(release('somebody-else'), inTime()), {
        handle: 'somebody-else',
        released: 0,
      });
    }),
  );

  test(
    'a person who moves the order on has released it; nothing is turned back',
    withWoo(async (shop, connector) => {
      await connector.execute(hold('fraud'), inTime());
      order9(shop).status = 'completed';
      assert.deepEqual(await connector.execute(release('fraud'), inTime()), { handle: 'fraud', released: 0 });
      assert.equal(order9(shop).status, 'completed');
      await refused(connector.execute(hold('fraud'), inTime()), 'store-conflict');
    }),
  );

  test(
    'an order that waits for its payment is held as soon as that has come, because the payment would lift the hold',
    withWoo(async (shop, connector) => {
      order9(shop).status = 'pending';
      await assert.rejects(connector.execute(hold('fraud'), inTime()), TransientError);
      assert.equal(shop.books.effects.length, 0);
      order9(shop).status = 'processing';
      await connector.execute(hold('fraud'), inTime());
      assert.equal(order9(shop).status, 'on-hold');
    }),
  );
});

describe('tags in WooCommerce', () => {
  test(
    'a tag is one note for people, and stands in a list that webhooks bring back',
    withWoo(async (shop, connector) => {
      const tag = (text: string) => wooAction('order.tag', ['order:9'], { order: '9', tag: text });
      for (const text of ['late', 'vip', 'late']) await connector.execute(tag(text), inTime());
      assert.deepEqual(
        order9(shop).notes.map(({ note, customer_note }) => [note, customer_note]),
        [
          ['Parley: late', false],
          ['Parley: vip', false],
        ],
      );
      assert.equal(metaText(order9(shop).meta_data, TAGS_KEY), 'late,vip');
    }),
  );
});

describe('cancelling in WooCommerce', () => {
  test(
    'pays back what is left, cancels, and the goods are on the shelf again, once',
    withWoo(async (shop, connector) => {
      await connector.execute(refund(565), inTime());
      const outcome = await connector.execute(cancel(), inTime());
      assert.deepEqual(outcome, { paidBackMinor: 1_000 });
      assert.deepEqual(shop.books.provider.money, ['5.65', '10.00']);
      assert.deepEqual([order9(shop).status, shop.level], ['cancelled', 10]);
      assert.deepEqual(await connector.execute(cancel(), inTime()), { already: true });
      assert.equal(shop.level, 10);
    }),
  );

  test(
    'an order that nobody paid is cancelled without money',
    withWoo(async (shop, connector) => {
      Object.assign(order9(shop), { status: 'pending', date_paid_gmt: null });
      await connector.execute(cancel(), inTime());
      assert.deepEqual([order9(shop).status, shop.books.provider.money.length], ['cancelled', 0]);
    }),
  );

  test(
    'money that is on its way back and an order that is not cancelled yet are for a person',
    withWoo(async (shop, connector) => {
      shop.beforeWrite = () => void shop.mishaps.push('refuse');
      await assert.rejects(connector.execute(cancel(), inTime()), UnknownOutcomeError);
      assert.equal((await connector.readBack(cancel(), inTime())).end, 'unknown');
      assert.deepEqual(shop.books.provider.money, ['15.65']);
    }),
  );

  test(
    'what is sent, or would be put on the shelf against our wish, is not cancelled',
    withWoo(async (shop, connector) => {
      await refused(connector.execute(cancel(false), inTime()), 'not-supported');
      order9(shop).status = 'completed';
      await refused(connector.execute(cancel(), inTime()), 'store-conflict');
      assert.equal(shop.books.effects.length, 0);
    }),
  );
});

describe('refunds in WooCommerce', () => {
  test(
    'the mark stands in the reason, and an action refunds once however often it is carried out',
    withWoo(async (shop, connector) => {
      await connector.execute(refund(500), inTime());
      await connector.execute(refund(500), inTime());
      assert.deepEqual(shop.books.provider.money, ['5.00']);
      assert.equal(order9(shop).refunds[0]!.reason, `late [${actionMark(refund(500).action)}]`);
    }),
  );

  test(
    'what cannot be refunded is refused before anything is written',
    withWoo(async (shop, connector) => {
      await refused(connector.execute(refund(1_566), inTime()), 'store-conflict');
      await refused(connector.execute(refund(100, { currency: 'EUR' }), inTime()), 'store-conflict');
      await refused(connector.execute(refund(100, { restock: true }), inTime()), 'not-supported');
      order9(shop).date_paid_gmt = null;
      await refused(connector.execute(refund(100), inTime()), 'store-conflict');
      assert.ok(shop.requests.every((request) => request.startsWith('GET')));
    }),
  );

  test(
    'a payment provider that refuses leaves nothing, and one that was cut off leaves it open',
    withWoo(async (shop, connector) => {
      shop.books.provider.refuses = true;
      await assert.rejects(connector.execute(refund(500), inTime()), UnknownOutcomeError);
      assert.equal((await connector.readBack(refund(500), inTime())).end, 'failed');
      shop.books.provider.refuses = false;
      await connector.execute(refund(500), inTime());
      order9(shop).refunds[0]!.refunded_payment = false;
      assert.equal((await connector.readBack(refund(500), inTime())).end, 'unknown');
      await assert.rejects(connector.execute(refund(500), inTime()), UnknownOutcomeError);
      assert.deepEqual(shop.books.provider.money, ['5.00']);
    }),
  );
});

describe('coupons in WooCommerce', () => {
  const launch = (more: object = {}) =>
    wooAction('promotion.launch', ['sku:A', 'sku:B'], {
      target: 'category:candles',
      discountBasisPoints: 1_250,
      startsAt: '2026-11-21T10:00:00.000Z',
      endsAt: '2036-11-28T10:00:00.000Z',
      title: 'Candle week',
      combines: false,
      code: 'CANDLES',
      ...more,
    });

  test(
    'a discount by code is a coupon on the products, narrowed leaf by leaf and run out with the last',
    withWoo(async (shop, connector) => {
      const { discount } = await connector.execute(launch(), inTime());
      const [coupon] = shop.books.coupons;
      assert.deepEqual(
        [
          discount,
          coupon!.code,
          coupon!.amount,
          coupon!.product_ids,
          coupon!.individual_use,
          coupon!.exclude_sale_items,
        ],
        ['coupon-77', 'candles', '12.50', [11, 12], true, true],
      );
      assert.equal(coupon!.date_expires_gmt, '2036-11-28T10:00:00');
      const pause = (sku: string) =>
        wooAction('promotion.pause', [`sku:${sku}`], { target: `sku:${sku}` }, { discounts: [String(discount)] });
      assert.deepEqual(await connector.execute(pause('A'), inTime()), { stopped: 1 });
      assert.deepEqual(coupon!.product_ids, [12]);
      assert.equal((await connector.readBack(pause('A'), inTime())).end, 'done');
      assert.deepEqual(await connector.execute(pause('B'), inTime()), { stopped: 1 });
      assert.deepEqual(coupon!.product_ids, [12], 'without products it would be good for everything');
      assert.ok(coupon!.date_expires_gmt! < new Date().toISOString());
    }),
  );

  test(
    "the same launch twice is one coupon, and another's code stays another's",
    withWoo(async (shop, connector) => {
      await connector.execute(launch(), inTime());
      assert.equal((await connector.execute(launch(), inTime())).already, true);
      const other = { ...launch(), action: 'other' };
      await refused(connector.execute(other, inTime()), 'store-conflict');
      assert.equal((await connector.readBack(other, inTime())).end, 'failed');
      assert.equal(shop.books.coupons.length, 1);
    }),
  );

  test(
    'a coupon cannot be planned ahead',
    withWoo(async (_shop, connector) => {
      const later = launch({ startsAt: '2036-01-01T00:00:00.000Z' });
      await refused(connector.execute(later, inTime()), 'not-supported');
    }),
  );

  test(
    'goodwill is a voucher for one use of one customer, who is told of it once',
    withWoo(async (shop, connector) => {
      const credit = { customer: '5', amountMinor: 500, currency: 'GBP', note: 'For the delay' };
      const give = wooAction('credit.give', ['customer:5'], { ...credit, order: '9' });
      await connector.execute(give, inTime());
      await connector.execute(give, inTime());
      const [coupon] = shop.books.coupons;
      assert.deepEqual(
        [coupon!.discount_type, coupon!.amount, coupon!.usage_limit, coupon!.email_restrictions],
        ['fixed_cart', '5.00', 1, ['customer5@example.invalid']],
      );
      assert.deepEqual(
        order9(shop).notes.map(({ note, customer_note }) => [note, customer_note]),
        [[`For the delay: a voucher of £5.00 for your next order. Its code: ${coupon!.code}`, true]],
      );
      const told = JSON.stringify(await connector.readBack(give, inTime()));
      assert.ok(!told.includes('example.invalid'), 'no address leaves the shop');
      await refused(connector.execute(wooAction('credit.give', ['customer:5'], credit), inTime()), 'not-supported');
    }),
  );

  test(
    'a customer whom the shop does not know gets no coupon',
    withWoo(async (shop, connector) => {
      const give = (customer: string) =>
        wooAction('coupon.give', [`customer:${customer}`], {
          customer,
          discountBasisPoints: 1_000,
          occasion: 'cart',
          code: 'CART-1',
        });
      await refused(connector.execute(give('77'), inTime()), 'not-found');
      await refused(connector.execute(give('guest-x'), inTime()), 'not-found');
      assert.deepEqual(shop.books.coupons, []);
    }),
  );
});
