import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DAY_MS,
  dayNumber,
  earlier,
  gmtInstant,
  HOUR_MS,
  isInstant,
  later,
  parseInstant,
  plus,
  toInstant,
  toMs,
} from './time.ts';

const ms = fc.integer({ min: 0, max: 253_402_300_799_999 });

describe('instants', () => {
  test('sort as text the way they sort as time', () => {
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        const [first, second] = [toInstant(a), toInstant(b)];
        assert.ok(isInstant(first));
        assert.equal(toMs(first), a);
        assert.equal(first < second, a < b);
        assert.equal(earlier(first, second), toInstant(Math.min(a, b)));
        assert.equal(later(first, second), toInstant(Math.max(a, b)));
      }),
    );
  });

  test('are told from what only looks like them', () => {
    for (const text of [
      '2026-05-05',
      '2026-05-05T10:00:00Z',
      '2026-05-05T10:00:00.000+00:00',
      '2026-99-05T10:00:00.000Z',
      '',
    ])
      assert.ok(!isInstant(text), text);
  });

  test('are made of any time with an offset; one without is refused', () => {
    assert.equal(parseInstant('2026-05-05T10:00:00+02:00'), '2026-05-05T08:00:00.000Z');
    assert.equal(parseInstant('2026-05-05T10:00:00-0430'), '2026-05-05T14:30:00.000Z');
    assert.equal(parseInstant('2026-05-05T10:00:00.25Z'), '2026-05-05T10:00:00.250Z');
    assert.throws(() => parseInstant('2026-05-05T10:00:00'), /without an offset/);
    for (const text of [
      'yesterdayZ',
      '2026-02-30T00:00:00Z',
      '2026-02-29T00:00:00+01:00',
      '+275760-09-13T00:00:00.000Z',
      '+010000-01-01T00:00:00Z',
      '-000001-01-01T00:00:00Z',
      '0000-12-31T00:00:00Z',
      '0001-01-01T00:30:00+01:00',
    ])
      assert.throws(() => parseInstant(text), /Not a time/, text);
    assert.equal(parseInstant('2024-02-29T23:00:00+01:00'), '2024-02-29T22:00:00.000Z');
    assert.equal(parseInstant('Fri, 24 Feb 2017 20:31:27 +0000'), '2017-02-24T20:31:27.000Z');
  });

  test('are made of a time that is known to be UTC, whether it says so or not', () => {
    for (const text of ['2026-11-28T10:00:00', '2026-11-28T10:00:00Z', '2026-11-28T12:00:00+02:00'])
      assert.equal(gmtInstant(text), '2026-11-28T10:00:00.000Z', text);
    for (const none of ['soon', '2026-13-45T00:00:00', '', null]) assert.equal(gmtInstant(none), undefined);
  });

  test('move by milliseconds, and belong to a UTC day', () => {
    assert.equal(plus('2026-02-28T23:00:00.000Z', 2 * HOUR_MS), '2026-03-01T01:00:00.000Z');
    fc.assert(fc.property(ms, (at) => dayNumber(toInstant(at)) === Math.floor(at / DAY_MS)));
  });
});
