import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { saleOf } from '../../woocommerce/marks.ts';
import { shownOrder } from './woo-answers.ts';
import { newWooBooks } from './woo-books.ts';

const SAMPLES = new URL('../../../../../shared/data/webhooks/woocommerce/', import.meta.url);
const sample = (name: string) => JSON.parse(readFileSync(new URL(name, SAMPLES), 'utf8')).body;
const strangeTo = (body: object, shown: object) => Object.keys(shown).filter((key) => !(key in body));

describe('the fake WooCommerce shop, against bodies of real ones', {
  skip: !existsSync(SAMPLES) && 'needs ../shared/data',
}, () => {
  test('has no field that a real product or order does not have', () => {
    const { products, orders } = newWooBooks();
    assert.deepEqual(strangeTo(sample('product.created.json'), products.get(11)!), []);
    const order = sample('order.retrieve.json');
    assert.deepEqual(strangeTo(order, shownOrder(orders.get(9)!)), []);
    assert.deepEqual(strangeTo(order.line_items[0], orders.get(9)!.line_items[0]!), []);
    assert.equal(typeof order.total, typeof orders.get(9)!.total);
  });

  test('the fields that a coupon is made of are those of a real coupon', () => {
    const fields = ['code', 'discount_type', 'amount', 'date_expires', 'individual_use', 'exclude_sale_items'];
    const limits = [
      'product_ids',
      'usage_limit',
      'usage_limit_per_user',
      'email_restrictions',
      'description',
      'meta_data',
    ];
    assert.deepEqual(
      strangeTo(sample('coupon.created.json'), Object.fromEntries([...fields, ...limits].map((key) => [key, 0]))),
      [],
    );
  });

  test("a real shop's sale is read as one, and as nobody's of ours", () => {
    const sale = saleOf(sample('product.created.json'), 'XOF')!;
    assert.deepEqual([sale.discountBasisPoints, sale.own, sale.endsAt], [2_500, undefined, undefined]);
    assert.equal(saleOf(sample('product.created_docs.json'), 'USD'), undefined);
  });
});
