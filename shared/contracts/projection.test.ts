import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Layer } from './actions/define.ts';
import { type Fact, factView } from './facts.ts';
import { project } from './projection.ts';
import type { ResourceKey } from './resource.ts';

const LEAF: ResourceKey = 'sku:A';
const fact = (attribute: string, value: unknown): Fact => ({
  resource: LEAF,
  attribute,
  value,
  version: 1,
  time: '2026-05-05T10:00:00.000Z',
});
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
        assert.deepEqual(project(LEAF, factView(facts), again), project(LEAF, factView(facts), layers));
      }),
      { numRuns: 500 },
    );
  });

  test('without layers shows the facts', () => {
    assert.deepEqual(project(LEAF, factView(FACTS), []), {
      listMinor: 1_000,
      netMinor: 1_000,
      costMinor: 600,
      marginBasisPoints: 4_000,
      discountBasisPoints: 0,
      availableToPromise: 40,
      contacts: 0,
      spendMinor: 0,
      refundMinor: 0,
      reorderUnits: 0,
      states: [],
    });
  });

  test('leaves out what needs a fact that is missing', () => {
    const bare = project(LEAF, factView([]), [{ discountBasisPoints: 500 }]);
    assert.deepEqual(Object.keys(bare).sort(), [
      'contacts',
      'discountBasisPoints',
      'refundMinor',
      'reorderUnits',
      'spendMinor',
      'states',
    ]);
    assert.equal(bare.discountBasisPoints, 0);
  });

  test('compounds a price cut with two discounts: each alone keeps a margin, together they do not', () => {
    const layers: Layer[] = [{ priceMinor: 800 }, { discountBasisPoints: 1_000 }, { discountBasisPoints: 2_000 }];
    const projected = project(LEAF, factView(FACTS), layers);
    assert.equal(projected.netMinor, 576);
    assert.equal(projected.discountBasisPoints, 2_800);
    assert.ok(projected.marginBasisPoints! < 0);
    for (const alone of layers) assert.ok(project(LEAF, factView(FACTS), [alone]).marginBasisPoints! > 0);
  });

  test('counts the lowest of several prices, whichever came last', () => {
    assert.equal(project(LEAF, factView(FACTS), [{ priceMinor: 700 }, { priceMinor: 900 }]).netMinor, 700);
  });

  test('takes shipping that the shop pays from the net price', () => {
    assert.equal(project(LEAF, factView(FACTS), [{ subsidyMinor: 250 }]).netMinor, 750);
  });

  test('says what of an order can still be refunded', () => {
    const facts = factView([fact('placed', { totalMinor: 5_000 }), fact('refunded', 1_000)]);
    assert.equal(project(LEAF, facts, [{ refundMinor: 500 }]).refundableMinor, 3_500);
    assert.equal(project(LEAF, factView([fact('placed', { totalMinor: 5_000 })]), []).refundableMinor, 5_000);
  });
});
