import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toInstant, toMs } from '#shared/kernel/time.ts';
import {
  addDuration,
  type Calendar,
  halfwayTo,
  isZone,
  localTime,
  nextClock,
  nextOpen,
  within,
} from './business-time.ts';
import { parseSchedule } from './schedule.ts';
import { parseClockRange, parseDuration } from './units.ts';

const weekday = parseClockRange('09:00-17:00');
const london: Calendar = {
  zone: 'Europe/London',
  hours: {
    monday: weekday,
    tuesday: weekday,
    wednesday: weekday,
    thursday: weekday,
    friday: weekday,
    saturday: parseClockRange('10:00-14:00'),
  },
  holidays: new Set(['12-25', '2011-12-26', '2011-12-27']),
};

function add(from: string, duration: string): string {
  return addDuration(london, from, parseDuration(duration));
}

describe('business time', () => {
  // In October 2011 London is an hour ahead of UTC until the 30th.
  const ends: readonly [what: string, from: string, duration: string, end: string][] = [
    ['within one day', '2011-10-05T09:00:00.000Z', '4 business hours', '2011-10-05T13:00:00.000Z'],
    ['over the night', '2011-10-05T15:00:00.000Z', '4 business hours', '2011-10-06T11:00:00.000Z'],
    [
      'asked at night, counted from the opening',
      '2011-10-05T22:00:00.000Z',
      '1 business hour',
      '2011-10-06T09:00:00.000Z',
    ],
    ['from Friday over Saturday to Monday', '2011-10-07T15:00:00.000Z', '6 business hours', '2011-10-10T09:00:00.000Z'],
    ['over the end of summer time', '2011-10-29T12:00:00.000Z', '2 business hours', '2011-10-31T10:00:00.000Z'],
    ['over the beginning of summer time', '2011-03-26T13:00:00.000Z', '2 business hours', '2011-03-28T09:00:00.000Z'],
    ['over Christmas', '2011-12-24T13:00:00.000Z', '2 business hours', '2011-12-28T10:00:00.000Z'],
    ['exactly to the closing', '2011-10-05T15:00:00.000Z', '1 business hour', '2011-10-05T16:00:00.000Z'],
    [
      'a business day is the same time on the next open day',
      '2011-10-05T10:00:00.000Z',
      '1 business day',
      '2011-10-06T10:00:00.000Z',
    ],
    ['drawn into the shorter Saturday', '2011-10-07T15:00:00.000Z', '1 business day', '2011-10-08T13:00:00.000Z'],
    ['two business days over Sunday', '2011-10-07T10:00:00.000Z', '2 business days', '2011-10-10T10:00:00.000Z'],
    [
      'asked on Sunday, from the opening on Monday',
      '2011-10-09T12:00:00.000Z',
      '1 business day',
      '2011-10-11T08:00:00.000Z',
    ],
    ['24 hours of the clock know no closing', '2011-10-29T12:00:00.000Z', '24h', '2011-10-30T12:00:00.000Z'],
  ];
  for (const [what, from, duration, end] of ends) test(what, () => assert.equal(add(from, duration), end));

  test('half-way is half of the open time', () => {
    const half = (from: string, duration: string) => halfwayTo(london, from, parseDuration(duration));
    assert.equal(half('2011-10-05T15:00:00.000Z', '4 business hours'), '2011-10-06T09:00:00.000Z');
    assert.equal(half('2011-10-05T10:00:00.000Z', '24h'), '2011-10-05T22:00:00.000Z');
    assert.equal(half('2011-10-05T10:00:00.000Z', '1 business day'), '2011-10-05T14:00:00.000Z');
  });

  test('a deadline lies in the business hours and after its beginning', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: toMs('2010-12-01T00:00:00.000Z'), max: toMs('2012-01-01T00:00:00.000Z') }),
        fc.integer({ min: 1, max: 60 }),
        (start, hours) => {
          const end = add(toInstant(start), `${hours} business hours`);
          assert.ok(toMs(end) - start >= hours * 3_600_000);
          // Not a minute before: a few seconds may be left over for the next morning.
          const justBefore = toInstant(toMs(end) - 1);
          assert.equal(nextOpen(london, justBefore), justBefore);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('opening', () => {
    assert.equal(nextOpen(london, '2011-10-08T12:00:00.000Z'), '2011-10-08T12:00:00.000Z');
    assert.equal(nextOpen(london, '2011-10-08T13:00:00.000Z'), '2011-10-10T08:00:00.000Z');
    assert.equal(nextOpen(london, '2011-12-25T10:00:00.000Z'), '2011-12-28T09:00:00.000Z');
  });

  test('what the clocks on the wall show, in summer and in winter', () => {
    assert.deepEqual(localTime(london, '2011-10-05T23:30:00.000Z'), {
      minute: 30,
      weekday: 'thursday',
      date: '2011-10-06',
    });
    assert.deepEqual(localTime(london, '2011-11-05T23:30:00.000Z'), {
      minute: 1_410,
      weekday: 'saturday',
      date: '2011-11-05',
    });
  });

  test('a span of the day may pass midnight; its end is outside', () => {
    const night = parseClockRange('22:00-07:00');
    assert.deepEqual(
      [1_320, 0, 419, 420, 720].map((minute) => within(night, minute)),
      [true, true, true, false, false],
    );
    assert.deepEqual(
      [540, 1_019, 1_020].map((minute) => within(weekday, minute)),
      [true, true, false],
    );
  });

  test('the next time on the clock is later than now, also when the clocks change', () => {
    assert.equal(nextClock(london, '2011-10-05T06:00:00.000Z', 420), '2011-10-06T06:00:00.000Z');
    assert.equal(nextClock(london, '2011-10-29T20:00:00.000Z', 420), '2011-10-30T07:00:00.000Z');
    // 01:30 does not exist on that night: the clocks go from 01:00 to 02:00.
    assert.equal(nextClock(london, '2011-03-26T20:00:00.000Z', 90), '2011-03-27T01:30:00.000Z');
    // 01:30 comes twice on this one: who asks at the second 01:15 does not wait for tomorrow.
    assert.equal(nextClock(london, '2011-10-30T00:15:00.000Z', 90), '2011-10-30T00:30:00.000Z');
    assert.equal(nextClock(london, '2011-10-30T01:15:00.000Z', 90), '2011-10-30T01:30:00.000Z');
    assert.equal(nextClock(london, '2011-10-30T01:45:00.000Z', 90), '2011-10-31T01:30:00.000Z');
  });

  test('a time zone is a place or a distance from UTC, never an abbreviation or the machine it runs on', () => {
    for (const zone of ['Europe/London', 'UTC', 'utc', '+01:00', 'America/Argentina/Salta'])
      assert.ok(isZone(zone), zone);
    for (const zone of ['BST', 'EST', 'local', 'system', 'default', '', 'Europe/Londn']) assert.ok(!isZone(zone), zone);
  });
});

describe('schedules', () => {
  const next = (text: string, after: string) => parseSchedule(text, london)(after);

  test('each form', () => {
    assert.equal(next('at 06:00', '2011-10-05T05:00:00.000Z'), '2011-10-06T05:00:00.000Z');
    assert.equal(next('at 06:00', '2011-10-05T04:59:59.999Z'), '2011-10-05T05:00:00.000Z');
    assert.equal(next('monday at 07:00', '2011-10-05T05:00:00.000Z'), '2011-10-10T06:00:00.000Z');
    assert.equal(next('weekdays at 06:00', '2011-10-07T05:00:00.000Z'), '2011-10-10T05:00:00.000Z');
    assert.equal(next('every 4h', '2011-10-05T04:00:00.000Z'), '2011-10-05T08:00:00.000Z');
  });

  test('what is none', () => {
    for (const text of ['06:00', 'mondays at 07:00', 'at 24:00', 'every 1s', 'every 0h', 'daily']) {
      assert.throws(() => parseSchedule(text, london));
    }
  });
});
