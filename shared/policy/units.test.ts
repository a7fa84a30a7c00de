import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { spanWords } from './kinds/temporal-forms.ts';
import {
  durationWords,
  figure,
  parseClockDuration,
  parseClockRange,
  parseClockTime,
  parseDuration,
  parseMoney,
  parsePercent,
  UnitError,
} from './units.ts';

describe('units as people write them', () => {
  const money: readonly [text: string, minor: number][] = [
    ['£5,000', 500_000],
    ['£ 12.50', 1_250],
    ['5000 GBP', 500_000],
    ['1,234,567.89 GBP', 123_456_789],
    ['£0', 0],
    ['  £3 ', 300],
  ];
  for (const [text, minor] of money) test(`money ${text}`, () => assert.equal(parseMoney(text, 'GBP'), minor));

  const noMoney = [
    '5000',
    '£5,00',
    '£5,0000',
    '£',
    '-£5',
    '£5k',
    '€5',
    '5000 EUR',
    '£1.234',
    '£5.000',
    '',
    '£1,000 GBP',
    '£12,34',
  ];
  for (const text of noMoney) {
    test(`no money in pounds: "${text}"`, () => assert.throws(() => parseMoney(text, 'GBP'), UnitError));
  }

  test('an amount in another currency says which one was written and which one is meant', () => {
    assert.throws(() => parseMoney('$20', 'GBP'), /"\$20" is in USD, but the shop trades in GBP/);
    assert.equal(parseMoney('¥500', 'JPY'), 500);
    assert.throws(() => parseMoney('500', 'JPY'), /such as 5,000 JPY or 5000 JPY/);
    assert.throws(() => parseMoney('¥500.00', 'JPY'), /more decimals than JPY has/);
    assert.equal(parseMoney('5.125 KWD', 'KWD'), 5_125);
    assert.throws(() => parseMoney('£5', 'KWD'), /such as 5,000 KWD or 5000 KWD/);
  });

  test('percentages', () => {
    assert.equal(parsePercent('15%'), 1_500);
    assert.equal(parsePercent('2.5 %'), 250);
    for (const text of ['15', '%', '1.234%', '-5%', 'ten %']) assert.throws(() => parsePercent(text), UnitError);
  });

  const durations: readonly [text: string, value: unknown][] = [
    ['90m', { of: 'clock', ms: 5_400_000 }],
    ['24h', { of: 'clock', ms: 86_400_000 }],
    ['1.5 hours', { of: 'clock', ms: 5_400_000 }],
    ['7 days', { of: 'clock', ms: 604_800_000 }],
    ['2 weeks', { of: 'clock', ms: 1_209_600_000 }],
    ['4 business hours', { of: 'business-hours', minutes: 240 }],
    ['2 business days', { of: 'business-days', days: 2 }],
  ];
  for (const [text, value] of durations) test(`duration ${text}`, () => assert.deepEqual(parseDuration(text), value));

  for (const text of ['24', 'h', '1 month', '0h', '-1h', '1.5 business days', '2 business weeks', 'soon', '1hh']) {
    test(`no duration: "${text}"`, () => assert.throws(() => parseDuration(text), UnitError));
  }

  test('business time is refused where only the clock counts', () => {
    assert.throws(() => parseClockDuration('4 business hours'), /has no meaning here/);
  });

  test('times of day', () => {
    assert.equal(parseClockTime('07:00'), 420);
    assert.equal(parseClockTime('24:00'), 1_440);
    assert.deepEqual(parseClockRange('22:00-07:00'), { from: 1_320, to: 420 });
    assert.deepEqual(parseClockRange('09:00 – 17:30'), { from: 540, to: 1_050 });
    for (const text of ['24:01', '7', '07:60', '7:0', 'noon']) assert.throws(() => parseClockTime(text), UnitError);
    for (const text of ['22:00', '22-7', '09:00-09:00', '1:00-2:00-3:00']) {
      assert.throws(() => parseClockRange(text), UnitError);
    }
  });

  test('figures in words', () => {
    assert.equal(figure(123_450, 'money', 'GBP'), '£1,234.50');
    assert.equal(figure(980, 'percent', 'GBP'), '9.8 %');
    assert.equal(figure(3, 'count', 'GBP'), '3');
    assert.equal(durationWords(86_400_000), '24 h');
    assert.equal(durationWords(604_800_000), '7 days');
    assert.equal(durationWords(90_000), '1.5 min');
  });

  test('money that is written back as people write it is read as the same amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999_999 }), (minor) => {
        assert.equal(parseMoney(figure(minor, 'money', 'GBP'), 'GBP'), minor);
      }),
    );
  });

  test('percentages and times that are written in words are read as the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999 }), (basisPoints) => {
        assert.equal(parsePercent(figure(basisPoints, 'percent', 'GBP')), basisPoints);
      }),
    );
    const whole = fc.oneof(
      fc.integer({ min: 1, max: 59 }).map((minutes) => minutes * 60_000),
      fc.integer({ min: 1, max: 48 }).map((hours) => hours * 3_600_000),
      fc.integer({ min: 3, max: 90 }).map((days) => days * 86_400_000),
    );
    fc.assert(fc.property(whole, (ms) => assert.equal(parseClockDuration(durationWords(ms)), ms)));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_439 }), fc.integer({ min: 0, max: 1_439 }), (from, to) => {
        if (from !== to) assert.deepEqual(parseClockRange(spanWords({ from, to }, undefined)), { from, to });
      }),
    );
  });

  test('any text is either read or refused by a UnitError', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
        for (const parse of [parseDuration, parsePercent, parseClockRange, (one: string) => parseMoney(one, 'GBP')]) {
          try {
            parse(text);
          } catch (thrown) {
            assert.ok(thrown instanceof UnitError);
          }
        }
      }),
    );
  });
});
