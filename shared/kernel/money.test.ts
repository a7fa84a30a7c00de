import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  afterDiscount,
  BASIS_POINTS,
  decimalsOf,
  decimalText,
  formatMoney,
  marginBasisPoints,
  nearestMinor,
  parseMinor,
  priceForMargin,
  roundedMinor,
  shareOf,
} from './money.ts';

const minor = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
const price = fc.integer({ min: 1, max: 1_000_000_000 });
const currency = fc.constantFrom('GBP', 'EUR', 'JPY', 'KWD', 'XYZ');
const share = fc.integer({ min: 0, max: BASIS_POINTS });

describe('amounts', () => {
  test('survive their own text, in currencies of none, two and three decimals', () => {
    fc.assert(
      fc.property(minor, currency, (amount, code) => assert.equal(parseMinor(decimalText(amount, code), code), amount)),
    );
    assert.deepEqual(['JPY', 'GBP', 'KWD'].map(decimalsOf), [0, 2, 3]);
    // A shop in Dakar has no hundredths to set prices or to pay back in, and one in Amman thousandths.
    assert.deepEqual(['XOF', 'UGX', 'PYG', 'JOD', 'IQD', 'LYD'].map(decimalsOf), [0, 0, 0, 3, 3, 3]);
    assert.deepEqual([parseMinor('1500', 'XOF'), parseMinor('1.234', 'JOD')], [1_500, 1_234]);
  });

  test('are read as people and platforms write them', () => {
    for (const [text, code, amount] of [
      ['2.55', 'GBP', 255],
      ['-11062.06', 'GBP', -1_106_206],
      ['3', 'GBP', 300],
      ['3.5', 'GBP', 350],
      ['3.5000', 'GBP', 350],
      [' 7 ', 'JPY', 7],
      ['-0.00', 'GBP', 0],
    ] as const)
      assert.ok(Object.is(parseMinor(text, code), amount), text);
  });

  test('with more decimals than their currency has are rounded half away from zero, the same for all', () => {
    assert.deepEqual(
      ['150', '2.5500', '2.5549', '2.555', '0.999', '-5.00', '-2.555', '-0.001'].map((text) =>
        roundedMinor(text, 'GBP'),
      ),
      [15_000, 255, 255, 256, 100, -500, -256, 0],
    );
    assert.deepEqual([roundedMinor('149.6', 'JPY'), roundedMinor('1.2345', 'KWD')], [150, 1_235]);
    assert.equal(nearestMinor('2.5549999999999997', 'GBP'), 255, 'a float as PHP writes it');
    for (const none of ['', 'free', null, undefined]) assert.equal(roundedMinor(none, 'GBP'), undefined);
    assert.throws(() => nearestMinor('free', 'GBP'), /Not an amount/);
  });

  test('that are no amounts are refused', () => {
    for (const text of ['', 'x', '1e3', '1,000', '1.', '.5', '--1', 'NaN', 'Infinity', '1.005', '12345678901234'])
      assert.throws(() => parseMinor(text, 'GBP'), /bad-input|Not an amount|more decimals/, text);
    assert.throws(() => parseMinor('1.5', 'JPY'), /more decimals than JPY/);
  });

  test('read well', () => {
    assert.equal(formatMoney(123_450, 'GBP'), '£1,234.50');
    assert.equal(formatMoney(-300, 'GBP'), '-£3.00');
    assert.equal(formatMoney(1_200, 'CHF'), '12.00 CHF');
    assert.equal(formatMoney(1_234_567, 'JPY'), '1,234,567 JPY');
    assert.equal(formatMoney(5, 'EUR'), '€0.05');
  });
});

describe('shares', () => {
  test('round half away from zero, the same on both sides of it', () => {
    assert.deepEqual(
      [shareOf(333, 1_500), shareOf(-333, 1_500), shareOf(1, 5_000), shareOf(-1, 5_000)],
      [50, -50, 1, -1],
    );
    fc.assert(
      fc.property(minor, share, (amount, points) => shareOf(-amount, points) === (-shareOf(amount, points) || 0)),
    );
  });

  test('and what they leave make up the whole', () => {
    fc.assert(
      fc.property(price, share, (amount, points) => {
        const left = afterDiscount(amount, points);
        assert.ok(left >= 0 && left <= amount);
        assert.equal(left + shareOf(amount, points), amount);
      }),
    );
  });
});

describe('margins', () => {
  test('the smallest price for a margin keeps it, and one less does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 0, max: 9_900 }), (cost, points) => {
        const floor = priceForMargin(cost, points);
        assert.ok(marginBasisPoints(floor, cost) >= points);
        assert.ok(marginBasisPoints(floor - 1, cost) < points);
      }),
    );
  });

  test('of everything have no price, and a price of nothing has no margin', () => {
    assert.throws(() => priceForMargin(100, BASIS_POINTS), /no price/);
    assert.equal(marginBasisPoints(0, 100), -BASIS_POINTS);
    assert.equal(marginBasisPoints(-5, 0), -BASIS_POINTS);
  });
});
