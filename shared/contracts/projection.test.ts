import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, dayNumber, plus } from '#shared/kernel/time.ts';
import type { Layer } from './actions/define.ts';
import { type Fact, factView } from './facts.ts';
import { type Projection, project } from './projection.ts';
import type { ResourceKey } from './resource.ts';

const LEAF: ResourceKey = 'sku:A';
const fact = (attribute: string, value: unknown): Fact => ({
  resource: LEAF,
  attribute,
  value,
  version: 1,
  time: '2026-05-05T10:00:00.000Z',
});
const NOW = '2026-05-05T10:00:00.000Z';
const FACTS = [
  fact('price', { minor: 1_000, currency: 'GBP' }),
  fact('cost', { minor: 600, currency: 'GBP' }),
  fact('available', { units: 40, level: 40, levelTime: '2026-05-05T10:00:00.000Z', movements: [] }),
];

const amount = fc.integer({ min: 0, max: 100_000 });
const layer: fc.Arbitrary<Layer> = fc.record(
  {
    priceMinor: fc.integer({ min: 1, max: 100_000 }),
    discountBasisPoints: fc.integer({ min: 1, max: 10_000 }),
    subsidyMinor: amount,
    units: amount,
    contacts: fc.integer({ min: 0, max: 3 }),
    spendMinor: amount,
    refundMinor: amount,
    reorderUnits: amount,
    state: fc.constantFrom('held', 'cancelled', 'paused'),
  },
  { requiredKeys: [] },
);

describe('the projection', () => {
  test('does not depend on the order of the layers, with facts or without', () => {
    const shuffled = fc
      .array(layer, { maxLength: 6 })
      .chain((layers) =>
        fc.record({ layers: fc.constant(layers), again: fc.shuffledSubarray(layers, { minLength: layers.length }) }),
      );
    fc.assert(
      fc.property(shuffled, fc.subarray(FACTS), ({ layers, again }, facts) => {
        assert.deepEqual(project(LEAF, factView(facts), again, NOW), project(LEAF, factView(facts), layers, NOW));
      }),
      { numRuns: 500 },
    );
  });

  test('without layers shows the facts', () => {
    assert.deepEqual(project(LEAF, factView(FACTS), [], NOW), {
      listMinor: 1_000,
      netMinor: 1_000,
      costMinor: 600,
      marginBasisPoints: 4_000,
      discountBasisPoints: 0,
      advertisedMinor: 1_000,
      riseBasisPoints: 0,
      owedMinor: 0,
      availableToPromise: 40,
      leftUnits: 40,
      clearing: false,
      archived: false,
      contacts: 0,
      spendMinor: 0,
      refundMinor: 0,
      reorderUnits: 0,
      states: [],
    });
  });

  test('leaves out what needs a fact that is missing', () => {
    const bare = project(LEAF, factView([]), [{ discountBasisPoints: 500 }], NOW);
    assert.deepEqual(Object.keys(bare).sort(), [
      'archived',
      'clearing',
      'contacts',
      'discountBasisPoints',
      'refundMinor',
      'reorderUnits',
      'spendMinor',
      'states',
    ]);
    // A declared discount is known without a price; what shipping takes of an unknown price is not.
    assert.equal(bare.discountBasisPoints, 500);
    assert.equal(project(LEAF, factView([]), [{ subsidyMinor: 250 }], NOW).discountBasisPoints, undefined);
  });

  test('compounds a price cut with two discounts: each alone keeps a margin, together they do not', () => {
    const layers: Layer[] = [{ priceMinor: 800 }, { discountBasisPoints: 1_000 }, { discountBasisPoints: 2_000 }];
    const projected = project(LEAF, factView(FACTS), layers, NOW);
    assert.equal(projected.netMinor, 576);
    assert.equal(projected.discountBasisPoints, 2_800);
    assert.ok(projected.marginBasisPoints! < 0);
    for (const alone of layers) assert.ok(project(LEAF, factView(FACTS), [alone], NOW).marginBasisPoints! > 0);
  });

  describe('the discount is what was declared, whatever pennies the price has', () => {
    const discountAt = (price: number, layers: Layer[]) =>
      project(LEAF, factView([fact('price', { minor: price, currency: 'GBP' })]), layers, NOW).discountBasisPoints;

    test('one discount is itself at every price', () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 10_000 }), (price, discount) => {
          assert.equal(discountAt(price, [{ discountBasisPoints: discount }]), discount);
          assert.equal(discountAt(price, [{ discountBasisPoints: discount, alone: true }]), discount);
        }),
      );
    });

    const table: readonly [string, number, Layer[], number][] = [
      ['a quarter off £2.95', 295, [{ discountBasisPoints: 2_500 }], 2_500],
      ['two compound', 295, [{ discountBasisPoints: 1_000 }, { discountBasisPoints: 2_000 }], 2_800],
      ['a part of a basis point counts', 295, [{ discountBasisPoints: 1_001 }, { discountBasisPoints: 2_000 }], 2_801],
      [
        'of one alone and two together the larger',
        295,
        [{ discountBasisPoints: 2_500, alone: true }, { discountBasisPoints: 1_000 }],
        2_500,
      ],
      ['shipping is a share of the price', 1_000, [{ discountBasisPoints: 1_000 }, { subsidyMinor: 250 }], 3_500],
      ['a share that is no whole number', 300, [{ subsidyMinor: 100 }], 3_334],
      ['of nothing nothing is shipped away', 0, [{ subsidyMinor: 100 }], 0],
    ];
    for (const [name, price, layers, expected] of table)
      test(name, () => assert.equal(discountAt(price, layers), expected));
  });

  test('a rise or a fall of less than a basis point is one', () => {
    const dear = [fact('price', { minor: 10_000_000, currency: 'GBP' })];
    const rise = (priceMinor: number) => project(LEAF, factView(dear), [{ priceMinor }], NOW).riseBasisPoints;
    assert.deepEqual([rise(10_000_001), rise(9_999_999), rise(10_000_000), rise(11_000_000)], [1, -1, 0, 1_000]);
  });

  test('counts the lowest of several prices, whichever came last', () => {
    assert.equal(project(LEAF, factView(FACTS), [{ priceMinor: 700 }, { priceMinor: 900 }], NOW).netMinor, 700);
  });

  test('takes shipping that the shop pays from the net price', () => {
    assert.equal(project(LEAF, factView(FACTS), [{ subsidyMinor: 250 }], NOW).netMinor, 750);
  });

  test('says what of an order can still be refunded', () => {
    const placed = of('order:1', 'placed', { totalMinor: 5_000 });
    const refunded = of('order:1', 'refunded', 1_000);
    const refundable = (facts: Fact[], layers: Layer[]) =>
      project('order:1', factView(facts), layers, NOW).refundableMinor;
    assert.equal(refundable([placed, refunded], [{ refundMinor: 500 }]), 3_500);
    assert.equal(refundable([placed], []), 5_000);
    assert.equal(refundable([placed, of('order:1', 'paid', { minor: 4_000 })], []), 4_000);
  });
});

const of = (resource: ResourceKey, attribute: string, value: unknown): Fact => ({
  ...fact(attribute, value),
  resource,
});

const daysAgo = (days: number) => plus(NOW, -days * DAY_MS);
const sold = { firstDay: dayNumber(NOW) - 27, counts: Array(28).fill(10) };

describe('what the projection knows beyond price and stock', () => {
  const table: readonly [string, ResourceKey, Fact[], Layer[], Partial<Projection>][] = [
    [
      'of discounts that stand alone only the best counts, against all that combine',
      LEAF,
      FACTS,
      [{ discountBasisPoints: 2_000, alone: true }, { discountBasisPoints: 1_000 }, { discountBasisPoints: 500 }],
      { netMinor: 800 },
    ],
    [
      'a code lowers what is paid, not what is advertised',
      LEAF,
      FACTS,
      [{ discountBasisPoints: 2_000, byCode: true }],
      { netMinor: 800, advertisedMinor: 1_000 },
    ],
    [
      'the lowest price of 30 days holds the one that was in force when they began',
      LEAF,
      [
        of(LEAF, 'price-history', {
          [daysAgo(90)]: { minor: 500 },
          [daysAgo(40)]: { minor: 800 },
          [daysAgo(9)]: { minor: 950 },
        }),
      ],
      [],
      { lowestMinor: 800 },
    ],
    [
      'a price that falls owes something to those who bought lately; it is below zero as a rise',
      LEAF,
      [...FACTS, of(LEAF, 'sold', sold)],
      [{ priceMinor: 900 }],
      { owedMinor: 100 * 140, riseBasisPoints: -1_000, clearing: false },
    ],
    ['a fifth off the price clears the shelf', LEAF, FACTS, [{ priceMinor: 800 }], { clearing: true }],
    [
      'units that promotions will sell are left out of what is left, not of what can be promised',
      LEAF,
      FACTS,
      [{ demandUnits: 30 }, { units: 5 }],
      { availableToPromise: 35, leftUnits: 5 },
    ],
    [
      'two counts of one shelf drift by their difference, one by what it took for granted',
      LEAF,
      [...FACTS, of(LEAF, 'stock', 12)],
      [{ counted: { level: 9, expected: 12 } }, { counted: { level: 4, expected: 12 } }],
      { driftUnits: 5 },
    ],
    [
      'an order stays held while one of two holds is left',
      'order:1',
      [of('order:1', 'holds', { a: { at: NOW }, b: { at: NOW } })],
      [{ state: 'released', releases: 'a' }],
      { held: true, strangeRelease: false },
    ],
    [
      'a hold that is not there cannot be released',
      'order:1',
      [of('order:1', 'holds', { a: { at: NOW } })],
      [{ state: 'released', releases: 'b' }],
      { held: true, strangeRelease: true },
    ],
    [
      'a customer: complaints and coupons grow old',
      'customer:1',
      [
        of('customer:1', 'complaint', { open: true, at: daysAgo(31), message: 'message:1' }),
        of('customer:1', 'coupons', { x: { at: daysAgo(40) }, y: { at: daysAgo(4) } }),
        of('customer:1', 'last-order', { at: daysAgo(2), order: 'order:1' }),
      ],
      [{ coupons: 1 }],
      { complaint: false, coupons: 2, sinceOrderMs: 2 * DAY_MS },
    ],
    [
      'of two mails the one with fewer units on offer counts',
      'customer:1',
      [],
      [{ offeredUnits: 3 }, { offeredUnits: 0 }, { overpromised: true }],
      { offeredUnits: 0, overpromised: true, outdated: false },
    ],
  ];
  for (const [name, leaf, facts, layers, expected] of table)
    test(name, () => {
      const projected = project(leaf, factView(facts), layers, NOW);
      for (const [key, value] of Object.entries(expected))
        assert.deepEqual(projected[key as keyof Projection], value, key);
      assert.deepEqual(project(leaf, factView(facts), [...layers].reverse(), NOW), projected);
    });
});
