import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactChange } from '#shared/contracts/events/define.ts';
import type { Available, Daily } from '#shared/contracts/facts.ts';
import { DAILY_KEPT } from '#shared/contracts/facts.ts';
import { dayNumber, plus } from '#shared/kernel/time.ts';
import { fold, type Stored } from './fold.ts';
import { changesOf, factKey, project } from './project.ts';

const T0 = '2011-10-05T10:00:00.000Z';
const at = (minutes: number) => plus(T0, minutes * 60_000);

/** Folds changes one after the other, each at its own time; late ones leave the fact as it is. */
function folded(
  changes: readonly (readonly [number, Partial<FactChange> & { fold: FactChange['fold'] }])[],
): Stored | undefined {
  let current: Stored | undefined;
  for (const [index, [minutes, change]] of changes.entries()) {
    const result = fold(current, { resource: 'sku:A', attribute: 'x', ...change } as FactChange, {
      seq: index + 1,
      time: at(minutes),
      source: 'test',
    });
    if ('next' in result) current = result.next;
  }
  return current;
}

describe('fold', () => {
  const levels: readonly [string, readonly (readonly [number, unknown])[], unknown][] = [
    [
      'the newer level wins',
      [
        [0, 'a'],
        [1, 'b'],
      ],
      'b',
    ],
    [
      'a late one does not',
      [
        [1, 'b'],
        [0, 'a'],
      ],
      'b',
    ],
    [
      'of equals the one that comes later',
      [
        [1, 'a'],
        [1, 'b'],
      ],
      'b',
    ],
  ];
  for (const [name, given, expected] of levels) {
    test(`level: ${name}`, () =>
      assert.equal(
        folded(given.map(([minutes, value]) => [minutes, { fold: 'level', value }] as const))?.value,
        expected,
      ));
  }

  test('a late level is kept for history', () => {
    const current: Stored = { value: 'b', version: 1, time: at(5), source: 'x' };
    const result = fold(
      current,
      { fold: 'level', resource: 'sku:A', attribute: 'x', value: 'a' },
      { seq: 2, time: at(1), source: 'y' },
    );
    assert.deepEqual(result, { late: { value: 'a', version: 2, time: at(1), source: 'y', expiresAt: undefined } });
  });

  test('a count adds, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }), (steps) => {
        assert.equal(
          folded(steps.map((by, index) => [(index * 7) % 11, { fold: 'count', by }] as const))?.value,
          steps.reduce((sum, by) => sum + by, 0),
        );
      }),
    );
  });

  test('daily counts land on their day in any order, and old days fall off', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 1, max: 9 })), {
          minLength: 1,
          maxLength: 40,
        }),
        (sales) => {
          const daily = folded(sales.map(([day, by]) => [day * 1_440, { fold: 'daily', by }] as const))?.value as Daily;
          const last = Math.max(...sales.map(([day]) => day)) + dayNumber(T0);
          assert.equal(daily.firstDay + daily.counts.length - 1, last);
          assert.ok(daily.counts.length <= DAILY_KEPT);
          const recent = sales.filter(([day]) => day + dayNumber(T0) === last).reduce((sum, [, by]) => sum + by, 0);
          assert.equal(daily.counts.at(-1), recent);
        },
      ),
    );
  });

  test('a cancelled sale is taken back on the day on which it was counted', () => {
    const daily = folded([
      [0, { fold: 'daily', by: 500 }],
      [1_440, { fold: 'daily', by: 3 }],
      [1_441, { fold: 'daily', by: -500, at: at(0) } as never],
    ])?.value as Daily;
    assert.deepEqual(daily.counts, [0, 3]);
  });

  test('available: what was sold before the level is in it, what was sold after it is subtracted', () => {
    const available = folded([
      [0, { fold: 'stock-level', level: 100 }],
      [5, { fold: 'stock-movement', by: -10 }],
      [3, { fold: 'stock-movement', by: -1 }],
      [4, { fold: 'stock-level', level: 50 }],
      [2, { fold: 'stock-movement', by: -7 }],
    ])?.value as Available;
    assert.deepEqual([available.units, available.level], [40, 50]);
  });

  test('available does not depend on the order of arrival, and counts no sale twice', () => {
    const sale = fc.record({ at: fc.integer({ min: 1, max: 100 }), by: fc.integer({ min: -20, max: 20 }) });
    fc.assert(
      fc.property(
        fc.array(sale, { maxLength: 25 }),
        fc.integer({ min: 0, max: 100 }),
        fc.nat(),
        (sales, levelAt, cut) => {
          const level = [levelAt, { fold: 'stock-level', level: 1_000 }] as const;
          const movements = sales.map((entry) => [entry.at, { fold: 'stock-movement', by: entry.by }] as const);
          const place = cut % (movements.length + 1);
          const available = folded([...movements.slice(0, place), level, ...movements.slice(place)])
            ?.value as Available;
          assert.equal(
            available.units,
            1_000 + sales.filter((entry) => entry.at > levelAt).reduce((sum, entry) => sum + entry.by, 0),
          );
        },
      ),
    );
  });

  test('a collected set keeps the newest members and drops by key', () => {
    const set = folded([
      [0, { fold: 'collect', key: 'a', value: 1 }],
      [1, { fold: 'collect', key: 'b', value: 2 }],
      [2, { fold: 'drop', key: 'a' }],
    ])?.value;
    assert.deepEqual(set, { b: 2 });
    const many = folded(
      Array.from({ length: 150 }, (_, index) => [index, { fold: 'collect', key: `k${index}`, value: index }] as const),
    )?.value as object;
    assert.deepEqual([Object.keys(many).length, 'k149' in many, 'k0' in many], [100, true, false]);
  });

  test('the oldest member goes, whatever its number, and however the set was stored', () => {
    const customers = Array.from({ length: 150 }, (_, index) => {
      return [index, { fold: 'collect', key: `${1_000 - index}`, value: { at: at(index) } }] as const;
    });
    const subscribed = folded(customers)?.value as object;
    assert.deepEqual(['851' in subscribed, '950' in subscribed, '951' in subscribed], [true, true, false]);
    // Read from Postgres, the members stand in an order of its own.
    const prices = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [at(index), { minor: index }]));
    const change = { fold: 'collect', resource: 'sku:A', attribute: 'x', key: at(200), value: { minor: 1 } } as const;
    for (const value of [prices, Object.fromEntries(Object.entries(prices).reverse())]) {
      const stored: Stored = { value, version: 1, time: at(99), source: 'test' };
      const { next } = fold(stored, change, { seq: 2, time: at(200), source: 'test' }) as { next: Stored };
      const kept = next.value as object;
      assert.deepEqual([at(0) in kept, at(99) in kept, at(200) in kept], [false, true, true]);
    }
  });

  test('a tally adds to the sums of each member, and what is no tally has none', () => {
    const spent = (key: string, minor: number) => ({ fold: 'tally', key, by: { orders: 1, minor } }) as const;
    const tally = folded([
      [0, { fold: 'count', by: 9_000 }],
      [1, spent('GBP', 1_000)],
      [2, spent('JPY', 10_000)],
      [3, spent('GBP', 500)],
    ])?.value;
    assert.deepEqual(tally, { GBP: { orders: 2, minor: 1_500 }, JPY: { orders: 1, minor: 10_000 } });
    const many = Array.from({ length: 150 }, (_, index) => [index, spent(`K${index}`, 1)] as const);
    const kept = Object.keys(folded(many)?.value as object);
    assert.deepEqual([kept.length, kept.at(-1)], [100, 'K99']);
  });

  test('of a member that says when it was, the older one that comes late changes nothing', () => {
    const at = (day: number) => ({ at: `2026-02-0${day}T00:00:00.000Z`, minor: day });
    const set = folded([
      [0, { fold: 'collect', key: 'a', value: at(2) }],
      [1, { fold: 'collect', key: 'a', value: at(1) }],
      [2, { fold: 'collect', key: 'b', value: at(1) }],
      [3, { fold: 'collect', key: 'a', value: at(3) }],
    ])?.value;
    assert.deepEqual(set, { a: at(3), b: at(1) });
  });
});

describe('project', () => {
  const placed = (seq: number, lines: readonly { sku: string; units: number; unitMinor: number }[]): Envelope => ({
    specversion: '1.0',
    id: `e${seq}`,
    source: 'test',
    type: 'order.placed',
    subject: `order:${seq}`,
    time: at(seq),
    store: 'shop',
    seq,
    now: at(seq),
    correlationid: 'c',
    depth: 0,
    dataversion: 1,
    data: { name: `#${seq}`, currency: 'GBP', totalMinor: 100, lines },
  });

  test('one last value a fact, and one history row a fact and event', () => {
    const lines = [
      { sku: 'A', units: 2, unitMinor: 5 },
      { sku: 'A', units: 3, unitMinor: 5 },
    ];
    const { facts, history, faults } = project(changesOf([placed(1, lines), placed(2, lines)]), () => undefined);
    assert.deepEqual(faults, []);
    assert.equal(facts.get(factKey('sku:A', 'sold-total'))?.value, 10);
    assert.equal(facts.get(factKey('store:shop', 'orders'))?.value, 2);
    assert.deepEqual(
      history.filter((row) => row.attribute === 'sold-total').map((row) => [row.version, row.value]),
      [
        [1, 5],
        [2, 10],
      ],
    );
  });

  test('an event that cannot be applied leaves no half of itself, and the rest goes on', () => {
    const broken = { ...placed(1, []), data: { name: 'x', currency: 'GBP', totalMinor: 1 } };
    const unknown = { ...placed(2, []), type: 'order.sung' };
    const { facts, faults } = project(changesOf([broken as Envelope, unknown, placed(3, [])]), () => undefined);
    assert.deepEqual(
      faults.map((fault) => fault.event.seq),
      [1, 2],
    );
    assert.equal(facts.get(factKey('store:shop', 'orders'))?.value, 1);
    assert.equal(facts.has(factKey('order:1', 'placed')), false);
  });
});
