import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { answer, manifest } from './answer.ts';
import { expectedUnits, lastDayOf, totalOver, unitsPerDay } from './demand.ts';
import { type Fact, factView } from './facts.ts';
import { agentName, currency, instant, slug, storeSlug } from './fields.ts';
import { kindOf, nameOf, RESOURCE_KINDS, resource, resourceKey } from './resource.ts';

const AT = '2026-05-05T10:00:00.000Z';

describe('resource keys', () => {
  test('give back what they were made of, whatever the name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RESOURCE_KINDS), fc.stringMatching(/^[\w.+/# -]{1,80}$/), (kind, name) => {
        const key = resource(kind, name);
        assert.equal(resourceKey.parse(key), key);
        assert.equal(kindOf(key), kind);
        assert.equal(nameOf(key), name);
      }),
    );
  });

  test('of no known kind, without a name or with strange characters are refused', () => {
    for (const wrong of ['sku:', 'sku', 'thing:1', 'sku:a\nb', 'sku:<b>', `sku:${'x'.repeat(81)}`, 7, null])
      assert.ok(!resourceKey.safeParse(wrong).success, String(wrong));
  });
});

describe('fields', () => {
  test('take what is meant and nothing beside it', () => {
    const table = [
      [instant, ['2026-05-05T10:00:00.000Z'], ['2026-05-05', '2026-05-05T10:00:00Z', '2026-13-05T10:00:00.000Z']],
      [storeSlug, ['a', 'my-shop-2'], ['', 'My', 'a_b', 'x'.repeat(41)]],
      [agentName, ['pricing', 'a1-b'], ['1a', '-a', 'A']],
      [slug, ['a', 'a-b'], ['a--b', '-a', 'A b', 'x'.repeat(61)]],
      [currency, ['GBP'], ['gbp', 'GB', 'POUND']],
    ] as const;
    for (const [field, right, wrong] of table) {
      for (const text of right) assert.ok(field.safeParse(text).success, text);
      for (const text of wrong) assert.ok(!field.safeParse(text).success, text);
    }
  });
});

describe('an answer', () => {
  const good = {
    event: '01890a5d-ac96-774b-bcce-b302099a8057',
    seq: 1,
    part: 1,
    digest: 'd',
    now: AT,
    intents: [{ action: 'price.set', objective: 'margin', params: {}, reason: 'r', cites: [] }],
    announcements: [{ type: 'price.planned', subject: 'sku:A', data: {} }],
  };

  test('is strict at every level: a key that nobody knows makes it malformed', () => {
    assert.ok(answer.safeParse(good).success);
    assert.ok(!answer.safeParse({ ...good, agent: 'somebody-else' }).success);
    assert.ok(!answer.safeParse({ ...good, intents: [{ ...good.intents[0], store: 'other' }] }).success);
    assert.ok(!answer.safeParse({ ...good, announcements: [{ ...good.announcements[0], source: 'x' }] }).success);
  });

  test('has at most 64 intents and two parts', () => {
    assert.ok(!answer.safeParse({ ...good, intents: Array.from({ length: 65 }, () => good.intents[0]) }).success);
    assert.ok(!answer.safeParse({ ...good, part: 3 }).success);
  });
});

test('a manifest needs an objective for each action, and a cap', () => {
  const good = {
    agent: 'pricing',
    version: '1',
    description: 'd',
    skills: [],
    answers: ['price.changed'],
    actions: [{ type: 'price.set', objectives: ['margin'], maxPerAnswer: 2 }],
    announces: [],
    reads: ['price'],
  };
  assert.ok(manifest.safeParse(good).success);
  assert.ok(!manifest.safeParse({ ...good, actions: [{ ...good.actions[0], objectives: [] }] }).success);
  assert.ok(!manifest.safeParse({ ...good, actions: [{ ...good.actions[0], maxPerAnswer: 0 }] }).success);
});

describe('demand', () => {
  const sold = (counts: number[], firstDay = 100): Fact => ({
    resource: 'sku:A',
    attribute: 'sold',
    value: { firstDay, counts },
    version: 1,
    time: AT,
  });
  const rate = (counts: number[]) => unitsPerDay('sku:A', factView([sold(counts)]));

  test('is the mean of at most 28 days, and of at least seven', () => {
    assert.equal(rate([7]), 1);
    assert.equal(rate(Array.from({ length: 14 }, () => 2)), 2);
    assert.equal(rate([...Array.from({ length: 20 }, () => 100), ...Array.from({ length: 28 }, () => 1)]), 1);
  });

  test('is never below zero, and zero where nothing is known', () => {
    assert.equal(rate([-5]), 0);
    assert.equal(rate([]), 0);
    assert.equal(unitsPerDay('sku:A', factView([])), 0);
  });

  test('over a window goes with its length; a window that ends before it begins has none', () => {
    const facts = factView([sold(Array.from({ length: 28 }, () => 3))]);
    assert.equal(expectedUnits('sku:A', facts), 84);
    assert.equal(expectedUnits('sku:A', facts, '2026-05-01T00:00:00.000Z', '2026-05-03T00:00:00.000Z'), 6);
    assert.equal(expectedUnits('sku:A', facts, '2026-05-03T00:00:00.000Z', '2026-05-01T00:00:00.000Z'), 0);
  });

  test('of days outside what is known counts as nothing', () => {
    const daily = { firstDay: 100, counts: [1, 2, 3] };
    assert.equal(totalOver(daily, lastDayOf(daily), 2), 5);
    assert.equal(totalOver(daily, 110, 5), 0);
    assert.equal(totalOver(undefined, 110, 5), 0);
  });
});
