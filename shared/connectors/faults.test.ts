import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { faultOfErrors, faultOfStatus, faultOfThrown, faultOfUserErrors, refusalOf } from './faults.ts';
import { idempotencyKey, isPromotionOf, promotionTitle } from './idempotency.ts';
import { splitsOf } from './shopify/fulfilment.ts';

describe('faults', () => {
  test('a write without an answer may have happened, a read has not', () => {
    const reset = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
    assert.equal(faultOfThrown(reset, 'write').retry, 'unknown');
    assert.equal(faultOfThrown(reset, 'read').retry, 'later');
    const refused = Object.assign(new TypeError('fetch failed'), { cause: { errors: [{ code: 'ECONNREFUSED' }] } });
    assert.equal(faultOfThrown(refused, 'write').retry, 'later');
    assert.equal(faultOfThrown(new DOMException('x', 'TimeoutError'), 'write').retry, 'unknown');
  });

  test('statuses', () => {
    const of = (status: number) => `${faultOfStatus(status, 'write').retry} ${faultOfStatus(status, 'write').reason}`;
    assert.deepEqual([302, 401, 404, 409, 422, 429, 500, 502, 503].map(of), [
      'never store-refused',
      'never not-permitted',
      'never not-found',
      'never store-conflict',
      'never store-refused',
      'later store-throttled',
      'unknown store-unavailable',
      'unknown store-unavailable',
      'later store-unavailable',
    ]);
  });

  test("a platform's codes become reasons of the closed list", () => {
    const codes = [
      'CHANGE_FROM_QUANTITY_STALE',
      'TAKEN',
      'PRODUCT_DOES_NOT_EXIST',
      'FULFILLMENT_ORDER_NOT_FOUND',
      'NO_REFUND_PERMISSION',
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
      'MAX_APP_DISCOUNTS',
      'INTERNAL_ERROR',
      'INVALID_REASON',
      'A_CODE_OF_NEXT_YEAR',
      null,
    ];
    assert.deepEqual(codes.map(refusalOf), [
      'store-conflict',
      'store-conflict',
      'not-found',
      'not-found',
      'not-permitted',
      'store-conflict',
      'store-full',
      'open',
      'store-refused',
      'store-refused',
      'store-refused',
    ]);
  });

  test('a request of the same key that is under way leaves the end open', () => {
    assert.equal(
      faultOfUserErrors([{ message: 'x', code: 'IDEMPOTENCY_CONCURRENT_REQUEST' }], 'write').retry,
      'unknown',
    );
    assert.equal(faultOfErrors([{ message: 'Throttled' }], 'write').reason, 'store-throttled');
    assert.equal(
      faultOfErrors([{ message: 'x', extensions: { code: 'INTERNAL_SERVER_ERROR' } }], 'write').retry,
      'unknown',
    );
  });
});

describe('keys', () => {
  test('the key of an action is a UUID and always the same', () => {
    assert.match(idempotencyKey('a'), /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(idempotencyKey('a'), idempotencyKey('a'));
    assert.notEqual(idempotencyKey('a'), idempotencyKey('b'));
  });

  test('a promotion is known by the title that was asked for', () => {
    assert.ok(isPromotionOf(promotionTitle('a', 'Candle "week"'), 'Candle "week"'));
    assert.ok(!isPromotionOf(promotionTitle('a', 'Candle week'), 'Candle'));
  });
});

describe('splits', () => {
  const part = (id: string, lines: [string, number][]) => ({
    id,
    status: 'OPEN',
    lineItems: { nodes: lines.map(([sku, remainingQuantity]) => ({ id: `${id}-${sku}`, sku, remainingQuantity })) },
  });

  test('take what goes later and leave the rest; a part that would go whole is left', () => {
    assert.deepEqual(
      splitsOf(
        [
          part('p', [
            ['A', 3],
            ['B', 2],
          ]),
        ],
        [{ sku: 'B', units: 1 }],
      ),
      [{ fulfillmentOrderId: 'p', fulfillmentOrderLineItems: [{ id: 'p-B', quantity: 1 }] }],
    );
    assert.deepEqual(splitsOf([part('p', [['B', 2]])], [{ sku: 'B', units: 5 }]), []);
  });
});
