import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { arbitraryOf } from '#shared/testing/arbitrary-schema.ts';
import { type Fact, factView } from '../facts.ts';
import { ASPECTS, type ResourceKey, resourceKey } from '../resource.ts';
import { type ActionType, NO_IMPACT } from './define.ts';
import { ACTION_TYPES } from './index.ts';
import { mergeParams, type Resolver } from './resolve.ts';

const NOW = '2026-05-05T10:00:00.000Z';
const TYPES = [...ACTION_TYPES.values()];

/** Facts of every attribute that any action reads, on one leaf. */
function worldOf(leaf: ResourceKey): Fact[] {
  const values: Record<string, unknown> = {
    price: { minor: 1_000, currency: 'GBP' },
    cost: { minor: 600, currency: 'GBP' },
    sold: { firstDay: 20_000, counts: [3, 0, 4, 1, 2, 0, 5, 2, 3, 4] },
    stock: 5,
    available: { units: 5, level: 5, levelTime: NOW, movements: [] },
    lifecycle: 'active',
    promotions: { p1: { title: 'Summer', discountBasisPoints: 1_000, startsAt: NOW } },
    placed: { totalMinor: 5_000 },
    held: { handle: 'h', held: true },
    tags: ['vip'],
    cancelled: { at: NOW, reason: 'customer' },
  };
  return Object.entries(values).map(([attribute, value]) => ({
    resource: leaf,
    attribute,
    value,
    version: 1,
    time: NOW,
  }));
}

const paramsOf = (type: ActionType) => arbitraryOf(type.params) as fc.Arbitrary<Record<string, unknown>>;
const textOf = (value: unknown) => canonicalJson(value as Json);

describe('every action type', () => {
  for (const type of TYPES) {
    test(`${type.type}: total and pure, with the facts and without them`, () => {
      fc.assert(
        fc.property(paramsOf(type), fc.boolean(), (given, known) => {
          const params = type.params.parse(given);
          const before = textOf(params);
          const leaf = type.target(params);
          assert.ok(resourceKey.safeParse(leaf).success, leaf);
          const facts = factView(known ? worldOf(leaf) : []);
          const all = () => ({
            window: type.window(params, NOW),
            layer: type.layer(params, leaf, facts),
            impact: type.impact(params, leaf, facts),
            writes: type.writes(params, leaf),
            inverse: type.inverse?.(params, leaf, facts),
            noop: type.noop?.(params, leaf, facts),
            merged: mergeParams(type.resolve, params, params),
          });
          const first = all();
          assert.equal(textOf(first), textOf(all()));
          assert.equal(textOf(params), before);
          for (const [measure, figure] of Object.entries(first.impact)) {
            assert.ok(Number.isSafeInteger(figure) && figure >= 0, `${type.type} ${measure} ${figure}`);
          }
          for (const { resource: written, attribute } of first.writes) {
            assert.equal(written, leaf);
            assert.match(attribute, /^[a-z-]+$/);
          }
          if (first.inverse) {
            const undo = ACTION_TYPES.get(first.inverse.action);
            assert.ok(undo, first.inverse.action);
            undo.params.parse(first.inverse.params);
          }
          assert.equal(textOf(type.params.parse(first.merged)), before);
        }),
        { numRuns: 100 },
      );
    });

    test(`${type.type}: refuses a parameter that nobody knows, and one that is missing`, () => {
      const [params] = fc.sample(paramsOf(type), { numRuns: 1, seed: 7 });
      assert.ok(!type.params.safeParse({ ...params, foreign: 1 }).success);
      const needed = Object.keys(params!).find((key) => !type.params.shape[key]!.safeParse(undefined).success)!;
      const { [needed]: _, ...rest } = params!;
      assert.ok(!type.params.safeParse(rest).success, needed);
    });
  }

  test('holds a known aspect, opposes known types, and says what it is', () => {
    for (const [name, type] of ACTION_TYPES) {
      assert.equal(type.type, name);
      assert.ok(type.about.endsWith('.'), name);
      if (type.hold) assert.ok(ASPECTS.includes(type.hold.aspect), name);
      for (const other of type.opposes ?? []) assert.ok(ACTION_TYPES.has(other), `${name} opposes ${other}`);
    }
  });

  test('has no impact where nothing is at stake', () => {
    assert.ok(Object.values(NO_IMPACT).every((figure) => figure === 0));
  });
});

describe('merging', () => {
  const merge = (name: string, first: object, second: object) =>
    mergeParams(ACTION_TYPES.get(name)!.resolve, first as never, second as never);

  test('of two goodwill credits gives the larger, not both', () => {
    const credit = { customer: '1', amountMinor: 500, currency: 'GBP', note: 'sorry' };
    assert.deepEqual(merge('credit.give', credit, { ...credit, amountMinor: 700 }), { ...credit, amountMinor: 700 });
    assert.equal(merge('credit.give', credit, { ...credit, currency: 'EUR' }), undefined);
  });

  test('of two orders to one supplier gives the larger; to two suppliers, nothing', () => {
    const order = { sku: 'A', supplier: 's', units: 10, expectedAt: NOW };
    assert.deepEqual(merge('reorder.place', order, { ...order, units: 25 }), { ...order, units: 25 });
    assert.equal(merge('reorder.place', order, { ...order, supplier: 't' }), undefined);
  });

  test('of two like promotions spans both; unlike ones stay apart', () => {
    const promotion = {
      target: 'sku:A',
      discountBasisPoints: 500,
      startsAt: '2026-05-01T00:00:00.000Z',
      endsAt: '2026-05-03T00:00:00.000Z',
      title: 't',
      combines: false,
    };
    const later = { ...promotion, startsAt: '2026-05-02T00:00:00.000Z', endsAt: '2026-05-09T00:00:00.000Z' };
    assert.deepEqual(merge('promotion.launch', promotion, later), { ...promotion, endsAt: later.endsAt });
    assert.equal(merge('promotion.launch', promotion, { ...later, discountBasisPoints: 600 }), undefined);
  });

  test('of two pauses keeps the longer, and one without an end is the longest', () => {
    const pause = { target: 'sku:A', until: '2026-05-03T00:00:00.000Z' };
    assert.deepEqual(merge('promotion.pause', pause, { ...pause, until: '2026-05-04T00:00:00.000Z' }), {
      ...pause,
      until: '2026-05-04T00:00:00.000Z',
    });
    assert.deepEqual(merge('promotion.pause', pause, { target: 'sku:A' }), { target: 'sku:A' });
  });

  const declared: readonly [Resolver, unknown, unknown, unknown][] = [
    ['min', 3, 5, 3],
    ['max', 3, 5, 5],
    ['sum', 3, 5, 8],
    ['min', undefined, 5, 5],
    ['max', undefined, 5, undefined],
    ['earliest', '2026-05-03', '2026-05-02', '2026-05-02'],
    ['latest', '2026-05-03', '2026-05-02', '2026-05-03'],
    ['latest', '2026-05-03', undefined, undefined],
    ['first', 'a', 'b', 'a'],
  ];
  for (const [resolver, a, b, value] of declared) {
    test(`${resolver} of ${a} and ${b} is ${value}`, () => {
      const merged = mergeParams({ p: resolver }, { p: a, q: { r: [1] } }, { p: b, q: { r: [1] } });
      assert.deepEqual(merged?.p, value);
      assert.deepEqual(merged?.q, { r: [1] });
    });
  }

  test('what is held, or not declared, is not merged where it differs', () => {
    assert.equal(mergeParams({ p: 'hold' }, { p: 1 }, { p: 2 }), undefined);
    assert.equal(mergeParams(undefined, { p: { q: [1, 2] } }, { p: { q: [1, 3] } }), undefined);
  });

  test('of notices, holds and tags needs the same topic, handle and tag', () => {
    const notice = { customer: '1', order: '2', topic: 'delay', subject: 's', text: 't' };
    assert.deepEqual(merge('notice.send', notice, notice), notice);
    assert.equal(merge('notice.send', notice, { ...notice, topic: 'answer' }), undefined);
    const hold = { order: '1', handle: 'h', holdReason: 'fraud', note: '' };
    assert.equal(merge('order.hold', hold, { ...hold, handle: 'i' }), undefined);
    assert.equal(merge('order.tag', { order: '1', tag: 'a' }, { order: '1', tag: 'b' }), undefined);
  });
});

test('setting a price back is the inverse of setting it, and there is none where the price was not known', () => {
  const type = ACTION_TYPES.get('price.set')!;
  const params = { sku: 'A', priceMinor: 900, currency: 'GBP' };
  assert.deepEqual(type.inverse!(params, 'sku:A', factView(worldOf('sku:A'))), {
    action: 'price.set',
    params: { sku: 'A', priceMinor: 1_000, currency: 'GBP' },
  });
  assert.equal(type.inverse!(params, 'sku:A', factView([])), undefined);
});
