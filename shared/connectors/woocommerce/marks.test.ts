import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { afterDiscount } from '#shared/kernel/money.ts';
import {
  archivedMeta,
  couponOf,
  couponPromotion,
  holdMeta,
  holdsOf,
  lifecycleOf,
  ownSaleOf,
  saleMeta,
  saleOf,
  stoppedMeta,
} from './marks.ts';

const sale = {
  mark: 'parley-0123456789abcdef',
  title: "Candle 'week' & more \\ 15% #1a2b3c",
  discountBasisPoints: 1_500,
  saleMinor: 217,
  startsAt: '2026-11-21T10:00:00.000Z',
  endsAt: '2026-11-28T10:00:00.000Z',
};
const product = (more: object) => ({
  regular_price: '2.55',
  sale_price: '2.17',
  date_on_sale_from_gmt: null,
  date_on_sale_to_gmt: '2026-11-28T10:00:00',
  meta_data: [saleMeta(sale)],
  ...more,
});

describe('marks in a WooCommerce store', () => {
  test('a sale of ours is known again with title, share and beginning, which the platform does not keep', () => {
    const shown = saleOf(product({}), 'GBP')!;
    assert.deepEqual(
      [shown.title, shown.discountBasisPoints, shown.startsAt, shown.endsAt, shown.own?.mark],
      [sale.title, 1_500, sale.startsAt, sale.endsAt, sale.mark],
    );
  });

  test('any launch comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 9_900 }),
        fc.integer({ min: 100, max: 1_000_000 }),
        (title, discountBasisPoints, regularMinor) => {
          const saleMinor = afterDiscount(regularMinor, discountBasisPoints);
          if (saleMinor === regularMinor) return;
          const written = { ...sale, title: title.toWellFormed(), discountBasisPoints, saleMinor };
          const text = (minor: number) => (minor / 100).toFixed(2);
          const meta_data = [saleMeta(written)];
          const shown = saleOf({ regular_price: text(regularMinor), sale_price: text(saleMinor), meta_data }, 'GBP');
          assert.deepEqual(shown?.own, written);
          assert.equal(shown?.discountBasisPoints, discountBasisPoints);
        },
      ),
    );
  });

  test("a sale price that somebody has changed is theirs, whatever the mark says; so is a share on another's list price", () => {
    assert.equal(saleOf(product({ sale_price: '1.99' }), 'GBP')?.own, undefined);
    assert.equal(saleOf(product({ regular_price: '4.34' }), 'GBP')?.discountBasisPoints, 5_000);
    assert.equal(saleOf(product({ meta_data: [] }), 'GBP')?.title, undefined);
  });

  test('no sale: none is written, or none that is cheaper', () => {
    for (const more of [{ sale_price: '' }, { sale_price: null }, { sale_price: '2.55' }, { regular_price: '' }]) {
      assert.equal(saleOf(product(more), 'GBP'), undefined);
    }
  });

  test('what plugins or people leave in our keys is no mark', () => {
    for (const value of ['', 'x', 'mark=a', { mark: 'a' }, null, 'mark=a&saleMinor=217&startsAt=now&endsAt=then']) {
      assert.equal(ownSaleOf([{ key: '_parley_sale', value }], 217), undefined);
    }
    assert.equal(ownSaleOf([saleMeta(sale), stoppedMeta('parley-later')], 217), undefined, 'the newest counts');
  });

  test('holds count while the order is on hold, each by its handle', () => {
    const meta_data = [holdMeta('orders-1', 'processing'), holdMeta('x', ''), { key: 'other', value: 'y' }];
    assert.deepEqual(holdsOf({ status: 'on-hold', meta_data }), [{ handle: 'orders-1', before: 'processing' }]);
    assert.deepEqual(holdsOf({ status: 'processing', meta_data }), []);
    assert.deepEqual(holdsOf({ status: 'on-hold' }), []);
  });

  test('a draft with our mark is archived; published again it is active', () => {
    const meta_data = [archivedMeta('parley-1')];
    assert.equal(lifecycleOf({ status: 'draft', meta_data }), 'archived');
    assert.equal(lifecycleOf({ status: 'private', meta_data }), 'archived');
    assert.equal(lifecycleOf({ status: 'publish', meta_data }), 'active');
    assert.equal(lifecycleOf({ status: 'draft' }), 'draft');
    assert.equal(lifecycleOf({ status: 'private' }), 'archived');
    assert.equal(lifecycleOf({ status: 'trash' }), 'archived');
  });

  test('a promotion id says whether it is a coupon', () => {
    assert.equal(couponOf(couponPromotion(77)), '77');
    assert.equal(couponOf('sale-11'), undefined);
  });
});
