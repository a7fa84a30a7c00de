import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EchoAction } from '#shared/store/deliveries/echo-actions.ts';
import { echoOf, mustWaitFor } from './echo.ts';
import type { Said } from './topic.ts';

const said = (type: string, subject: string, data: Record<string, unknown>): Said =>
  ({ type, subject, time: '2026-02-01T10:00:00.000Z', data }) as Said;

const action = (
  resource: string,
  attribute: string,
  value: unknown,
  changes: Partial<EchoAction> = {},
): EchoAction => ({
  store: 'shop',
  action: 'act-1',
  writes: [{ resource: resource as 'sku:A', attribute, value }],
  recent: true,
  endedAt: '2026-02-01T00:00:00.000Z',
  underWay: false,
  correlation: 'c',
  depth: 1,
  ...changes,
});

const price = said('price.changed', 'sku:A', { minor: 200, currency: 'GBP' });
const promotion = (active: boolean) =>
  said('promotion.changed', 'sku:A', {
    promotion: '14',
    title: 'Autumn',
    discountBasisPoints: 1_500,
    startsAt: 'x',
    active,
  });
const described = said('product.changed', 'sku:A', {
  title: 'Heart',
  product: '1',
  variant: '2',
  inventoryItem: '3',
  lifecycle: 'archived',
});

const refunded = (minor: number) =>
  said('order.refunded', 'order:1', { refund: '9', currency: 'GBP', minor, lines: [] });

describe('an event is the echo of an action that wrote what it shows', () => {
  const cases: [string, Said, EchoAction, boolean][] = [
    ['a price', price, action('sku:A', 'price', { minor: 200, currency: 'GBP' }), true],
    ['another price', price, action('sku:A', 'price', { minor: 201, currency: 'GBP' }), false],
    ['the same price of another SKU', price, action('sku:B', 'price', { minor: 200, currency: 'GBP' }), false],
    ['in another store', price, action('sku:A', 'price', { minor: 200, currency: 'GBP' }, { store: 'other' }), false],
    [
      'while its outcome is open',
      price,
      action('sku:A', 'price', { minor: 200, currency: 'GBP' }, { underWay: true }),
      false,
    ],
    ['a level of stock', said('stock.changed', 'sku:A', { level: 7 }), action('sku:A', 'stock', 7), true],
    ['our refund', refunded(500), action('order:1', 'refunded', 500), true],
    ['a refund of another amount', refunded(501), action('order:1', 'refunded', 500), false],
    ['another level', said('stock.changed', 'sku:A', { level: 6 }), action('sku:A', 'stock', 7), false],
    [
      'a promotion launched',
      promotion(true),
      action('sku:A', 'promotions', { title: 'Autumn', discountBasisPoints: 1_500 }),
      true,
    ],
    [
      'another promotion',
      promotion(true),
      action('sku:A', 'promotions', { title: 'Winter', discountBasisPoints: 1_500 }),
      false,
    ],
    ['a promotion ended', promotion(false), action('sku:A', 'promotions', null), true],
    ['a promotion that runs is not the end of one', promotion(true), action('sku:A', 'promotions', null), false],
    ['an archived product', described, action('sku:A', 'lifecycle', 'archived'), true],
    [
      'a hold',
      said('order.held', 'order:1', { handle: 'h', held: true, holdReason: 'other' }),
      action('order:1', 'held', { handle: 'h', held: true }),
      true,
    ],
    [
      'a hold of somebody else',
      said('order.held', 'order:1', { handle: 'x', held: true }),
      action('order:1', 'held', { handle: 'h', held: true }),
      false,
    ],
    [
      'a cancellation',
      said('order.cancelled', 'order:1', { cancelReason: 'fraud', restocked: true, totalMinor: 1, lines: [] }),
      action('order:1', 'cancelled', true),
      true,
    ],
    [
      'a sale never is',
      said('order.placed', 'order:1', { name: '#1', currency: 'GBP', totalMinor: 1, lines: [] }),
      action('order:1', 'placed', true),
      false,
    ],
  ];
  for (const [name, event, written, expected] of cases) {
    test(name, () => assert.equal(echoOf(event, 'shop', [written]) !== undefined, expected));
  }
});

describe('a delivery waits for the outcome of an action that is under way', () => {
  const open = action('sku:A', 'price', { minor: 999, currency: 'GBP' }, { underWay: true });

  test('on the key that it shows, whatever the value', () =>
    assert.equal(mustWaitFor([price], 'shop', [open])?.action, 'act-1'));
  test('not on another attribute', () => {
    assert.equal(mustWaitFor([said('stock.changed', 'sku:A', { level: 1 })], 'shop', [open]), undefined);
  });
  test('not when the call can no longer be under way', () => {
    assert.equal(mustWaitFor([price], 'shop', [{ ...open, underWay: false }]), undefined);
  });
  test('not in another store', () => assert.equal(mustWaitFor([price], 'other', [open]), undefined));
});

describe('an echo that comes late', () => {
  const write = { ...action('sku:A', 'price', { minor: 200, currency: 'GBP' }), recent: false };
  const shown = (time: string): Said => ({
    type: 'price.changed',
    subject: 'sku:A',
    time,
    data: { minor: 200, currency: 'GBP' },
  });
  const ended = { ...write, endedAt: '2026-02-01T10:00:00.000Z' };

  test('is one when what it shows is dated by the action', () => {
    assert.equal(echoOf(shown('2026-02-01T10:00:02.000Z'), 'shop', [ended])?.action, ended.action);
  });

  test('is none when somebody set the same price another time', () => {
    assert.equal(echoOf(shown('2026-02-01T14:00:00.000Z'), 'shop', [ended]), undefined);
  });
});
