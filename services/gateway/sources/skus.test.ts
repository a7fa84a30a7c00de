import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { orderBody, productBody } from '../fixtures/bodies.ts';
import { when } from '../fixtures/mapping.ts';

/** What shops write where a SKU belongs, and what cannot be the name of an article. */
const UNUSABLE = {
  'longer than 64 characters': 'A'.repeat(65),
  'with letters beyond ASCII': 'CAFÉ-1',
  'with signs that rules use': 'A,B*',
  'of a blank line': 'A\nB',
};

describe('a SKU', () => {
  for (const [how, sku] of Object.entries(UNUSABLE)) {
    test(`${how} is none: the order comes in, and that line counts as money`, () => {
      const [line] = orderBody().line_items;
      const body = orderBody({ line_items: [line, { ...line, sku, quantity: 2, price: '1.50' }] });
      const [placed] = when('orders/create', body).events;
      assert.deepEqual(placed?.data.lines, [{ sku: '85123A', units: 4, unitMinor: 255 }]);
      assert.equal(placed?.data.otherMinor, 300);
    });

    test(`${how} is none: the other variants of the product come in`, () => {
      const [variant] = productBody().variants;
      const { events } = when('products/update', productBody({ variants: [{ ...variant, id: 1, sku }, variant] }));
      assert.deepEqual([...new Set(events.map((event) => event.subject))], ['sku:85123A']);
      assert.equal(
        when('products/update', productBody({ variants: [{ ...variant, sku }] })).end,
        'ignored: nothing-new',
      );
    });

    test(`${how} is none: the money that was paid back comes in`, () => {
      const line = { quantity: 1, restock_type: 'return' };
      const lines = [sku, '85123A'].map((one) => ({ ...line, line_item: { sku: one } }));
      const body = {
        id: 1,
        order_id: 5001,
        created_at: '2026-02-02T10:00:00Z',
        refund_line_items: lines,
        transactions: [],
      };
      const placed = when('orders/create', orderBody()).events;
      const [refunded] = when('refunds/create', body, placed).events;
      assert.deepEqual(refunded?.data.lines, [{ sku: '85123A', units: 1, restocked: true }]);
    });
  }

  test('of 64 characters, with blanks and signs that are common, is one', () => {
    const sku = 'A b/c.d-e_f+g#1'.padEnd(64, 'x');
    const [line] = orderBody().line_items;
    const [placed] = when('orders/create', orderBody({ line_items: [{ ...line, sku }] })).events;
    assert.deepEqual(placed?.data.lines, [{ sku, units: 4, unitMinor: 255 }]);
  });
});
