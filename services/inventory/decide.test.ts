import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { toAnswer } from '#shared/agent/check.ts';
import type { StandingClaim } from '#shared/agent/propose.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import { DAY_MS, dayNumber, plus } from '#shared/kernel/time.ts';
import { manifest, REORDERS_PER_ANSWER } from './agent.ts';
import { decide } from './decide.ts';
import { demandOf } from './demand.ts';

const NOW = '2011-10-20T10:00:00.000Z';
const TODAY = dayNumber(NOW);
const event = (over: Partial<Envelope> = {}): Envelope => ({
  specversion: '1.0',
  id: '01999999-9999-7999-8999-999999999999',
  source: 't',
  type: 'schedule.due',
  subject: 'schedule:daily-review',
  time: NOW,
  store: 'shop',
  seq: 9,
  now: NOW,
  correlationid: 'c',
  depth: 0,
  dataversion: 1,
  data: { name: 'daily-review' },
  ...over,
});

function shelf(units: number, counts: readonly number[], over: Record<string, unknown> = {}, time = NOW): Fact[] {
  const values: Record<string, unknown> = {
    'sku:A available': { units, level: units, levelTime: NOW, movements: [] },
    'sku:A sold': { firstDay: TODAY - counts.length, counts },
    'sku:A supplier': 'acme',
    'supplier:acme terms': { leadTimeDays: 10, leadTimeSdDays: 2, minimumOrderUnits: 24 },
    ...over,
  };
  return Object.entries(values).flatMap(([key, value]) => {
    const [resource, attribute] = key.split(' ') as [Fact['resource'], string];
    return value === undefined ? [] : [{ resource, attribute, value, version: 1, time }];
  });
}

describe('an order', () => {
  /** The shelf holds `level`, of which this order took `taken`, and later ones `later`. */
  const after = (level: number, taken: number, later = 0) => {
    const movements = [
      { at: NOW, by: -taken },
      { at: plus(NOW, 1_000), by: -later },
    ];
    const available = { units: level - taken - later, level, levelTime: plus(NOW, -DAY_MS), movements };
    const asked = { type: 'order.placed', subject: 'order:1', data: { lines: [] } } as const;
    return answer(shelf(0, steady, { 'sku:A available': available }), [], asked).intents.length;
  };
  test('that takes the shelf below its reorder point is answered', () => assert.equal(after(100, 60), 1));
  test('that comes after it is not: the same would be said again', () => assert.equal(after(40, 5), 0));
  test('is answered for what it took itself, whatever was sold since', () => assert.equal(after(100, 60, 30), 1));
  test('that leaves enough is not', () => assert.equal(after(500, 5, 490), 0));
});

const answer = (facts: Fact[], claims: StandingClaim[] = [], asked: Partial<Envelope> = {}) =>
  decide(event(asked), { skus: ['A'], facts: factView(facts), claims }, NOW);

const steady: number[] = Array(28).fill(5);
const ordered = (owner: string): StandingClaim => ({ resource: 'sku:A', aspect: 'reorder', owner });

/** What the coordinator would accept: the manifest's bounds, and every contract. */
function assertWithinContracts(proposal: Proposal): void {
  toAnswer(event(), proposal, manifest, 'd');
  for (const { action, params } of proposal.intents)
    assert.ok(ACTION_TYPES.get(action)?.params.safeParse(params).success, JSON.stringify(params));
  for (const { type, data } of proposal.announcements)
    assert.ok(EVENT_TYPES.get(type)?.data.safeParse(data).success, JSON.stringify(data));
}

describe('inventory', () => {
  test('below the reorder point: an order up to a level, reasoned and cited, and a warning', () => {
    const proposal = answer(shelf(30, steady));
    assertWithinContracts(proposal);
    const [intent] = proposal.intents;
    // 5 a day without spread: reorder point 50 + 1.65 * 5 * 2 = 66.5, and 28 days of cycle on top of it.
    assert.deepEqual(intent?.params, {
      sku: 'A',
      supplier: 'acme',
      units: Math.ceil(66.5 + 140 - 30),
      expectedAt: plus(NOW, 10 * DAY_MS),
    });
    assert.deepEqual(
      intent?.cites.map((cite) => `${cite.resource} ${cite.attribute}`),
      ['sku:A available', 'sku:A sold', 'sku:A supplier', 'supplier:acme terms'],
    );
    assert.deepEqual(proposal.announcements.map((entry) => entry.type).sort(), [
      'reorder.planned',
      'stock-out.expected',
    ]);
  });

  const silent: readonly [string, Fact[], StandingClaim[]?, Partial<Envelope>?][] = [
    ['enough is there', shelf(500, steady)],
    ['too little history', shelf(3, [5, 5, 5])],
    ['wanted once, by one customer', shelf(0, [...Array(26).fill(0), 400, 0])],
    [
      'no stock level was ever said',
      shelf(-5, steady, { 'sku:A available': { units: -5, level: 0, levelTime: '', movements: [] } }),
    ],
    ['no supplier is known', shelf(3, steady, { 'sku:A supplier': undefined })],
    ['its terms are not known', shelf(3, steady, { 'supplier:acme terms': undefined })],
    ['it is archived', shelf(3, steady, { 'sku:A lifecycle': 'archived' })],
    ['nothing is sold', shelf(0, Array(28).fill(0))],
    ['only returns', shelf(0, Array(28).fill(-3))],
    ['an order is claimed by itself', shelf(60, steady), [ordered('inventory')]],
    ['an order is claimed by an escalation', shelf(60, steady), [ordered('escalation')]],
    [
      'a plan was made today and came to nothing',
      shelf(60, steady, { 'sku:A reorder-plan': { units: 9, supplier: 'acme', expectedAt: NOW } }),
    ],
    [
      'the minimum of the supplier would last for years',
      shelf(60, steady, { 'supplier:acme terms': { leadTimeDays: 10, leadTimeSdDays: 2, minimumOrderUnits: 5_000 } }),
    ],
    ['a test order', shelf(3, steady), [], { data: { lines: [], test: true } }],
    ['another schedule', shelf(3, steady), [], { type: 'schedule.due', data: { name: 'weekly-review' } }],
  ];
  for (const [name, facts, claims, asked] of silent) {
    test(`${name}: nothing is ordered, and it says why or warns`, () => {
      const proposal = answer(facts, claims, asked);
      assert.deepEqual(proposal.intents, []);
      assert.ok(proposal.pass || proposal.announcements.length > 0);
    });
  }

  test('a warning is given when the state is entered, not on every sale in it', () => {
    const said = { available: 30, unitsPerDay: 5, coverDays: 6, leadTimeDays: 10 };
    const warns = (units: number, time = NOW) =>
      answer(shelf(units, steady, { 'sku:A stock-out': said }, time)).announcements.some(
        (entry) => entry.type === 'stock-out.expected',
      );
    assert.equal(warns(28), false, 'it has only sold on');
    assert.equal(warns(44), true, 'it had been filled meanwhile');
    assert.equal(warns(28, plus(NOW, -15 * DAY_MS)), true, 'two weeks without relief');
  });

  test('no warning where what is on its way comes in time', () => {
    const plan = (days: number) => ({ units: 9, supplier: 'acme', expectedAt: plus(NOW, days * DAY_MS) });
    const warns = (days: number) =>
      answer(shelf(30, steady, { 'sku:A reorder-plan': plan(days) }), [ordered('inventory')]).announcements.length > 0;
    assert.equal(warns(3), false);
    assert.equal(warns(9), true);
  });

  test('a delay of the supplier lengthens the lead time while it lasts', () => {
    const facts = (days: number, skus: string[]) => shelf(90, steady, { 'supplier:acme delay': { days, skus } });
    assert.deepEqual(answer(shelf(90, steady)).intents, []);
    assert.equal(answer(facts(12, ['A']), [], { type: 'supplier.delayed' }).intents[0]?.action, 'reorder.place');
    assert.deepEqual(answer(facts(12, ['B']), [], { type: 'supplier.delayed' }).intents, []);
  });

  test('a write-off counts before the level that follows it has come, and once', () => {
    const levelAt = (levelTime: string) =>
      shelf(80, steady, { 'sku:A available': { units: 80, level: 80, levelTime, movements: [] } });
    const asked = { type: 'stock.written-off', subject: 'sku:A', data: { units: 40 } } as const;
    assert.equal(answer(levelAt('2011-10-01T00:00:00.000Z'), [], asked).intents[0]?.action, 'reorder.place');
    assert.deepEqual(answer(levelAt(NOW), [], asked).intents, []);
  });

  test('a negative level is put to zero, unless somebody sets the stock', () => {
    const facts = shelf(-4, steady, { 'sku:A stock': -4 });
    const asked = { type: 'stock.changed', subject: 'sku:A', data: { level: -4 } } as const;
    assert.deepEqual(
      answer(facts, [], asked).intents.map((intent) => intent.params),
      [{ sku: 'A', level: 0, expected: -4 }],
    );
    const earlier = answer(facts, [], { ...asked, time: plus(NOW, -1), data: { level: 9 } });
    assert.ok(
      earlier.intents.every((intent) => intent.action !== 'stock.correct'),
      'a level that a later event tells is corrected there, once',
    );
    const held = answer(facts, [{ resource: 'sku:A', aspect: 'stock', owner: 'person' }], asked);
    assert.ok(held.intents.every((intent) => intent.action !== 'stock.correct'));
  });

  test('a cancelled wholesale order takes back our own order that it had caused, and nobody else’s', () => {
    const asked = { type: 'order.cancelled', data: { lines: [{ sku: 'A', units: 600, unitMinor: 100 }] } } as const;
    const full = shelf(600, steady);
    assert.deepEqual(
      answer(full, [ordered('inventory')], asked).intents.map((intent) => intent.action),
      ['reorder.cancel'],
    );
    assert.deepEqual(answer(full, [ordered('escalation')], asked).intents, []);
    assert.deepEqual(answer(shelf(60, steady), [ordered('inventory')], asked).intents, []);
  });

  test('a deferred order comes again on the facts of now, naming the one it replaces', () => {
    const [first] = answer(shelf(30, steady)).intents;
    const due = {
      type: 'intent.due',
      data: { agent: 'inventory', intent: 'i', proposal: first, origin: 'o' },
    } as const;
    const planned = { 'sku:A reorder-plan': { units: 9, supplier: 'acme', expectedAt: NOW } };
    const [again] = answer(shelf(20, steady, planned), [], due).intents;
    assert.equal(again?.replaces, 'i');
    assert.equal(again?.params.units, Number(first?.params.units) + 10);
    assert.deepEqual(answer(shelf(400, steady), [], due).intents, []);
  });

  test('an order of 1,114 lines: the most urgent reorders, within the caps', () => {
    const skus = Array.from({ length: 1_114 }, (_, n) => `S${n}`);
    const facts = skus.flatMap((sku, n) =>
      shelf(n % 40, steady).map((fact) => ({
        ...fact,
        resource: fact.resource.replace('sku:A', `sku:${sku}`) as 'sku:A',
      })),
    );
    const proposal = decide(event(), { skus, facts: factView(facts), claims: [] }, NOW);
    assertWithinContracts(proposal);
    assert.equal(proposal.intents.length, REORDERS_PER_ANSWER);
    assert.ok(proposal.intents.slice(0, 27).every((intent) => intent.params.units === 207));
  });

  test('one wholesale order does not move the rate', () => {
    const rate = (counts: number[]) => demandOf({ firstDay: TODAY - 28, counts }, undefined, NOW)?.unitsPerDay ?? 0;
    const usual = rate(steady);
    const burst = rate([...steady.slice(1), 2_000]);
    assert.ok(Math.abs(burst - usual) < 0.001, `${burst} against ${usual}`);
  });

  test('days without a sale count since the SKU was listed', () => {
    const sold = { firstDay: TODAY - 10, counts: Array(10).fill(10) };
    const bare = demandOf(sold, undefined, NOW);
    const listed = demandOf(sold, plus(NOW, -30 * DAY_MS), NOW);
    assert.equal(bare?.days, 10);
    assert.equal(listed?.days, 30);
    assert.ok((listed?.unitsPerDay ?? 0) < (bare?.unitsPerDay ?? 0));
  });

  test('whatever the shelves hold, the answer stays within manifest and contracts, and orders only what sells', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -9_999, max: 9_999 }),
        fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 56 }),
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 500 }),
        fc.constantFrom('order.placed', 'stock.changed', 'stock.written-off', 'supplier.delayed', 'order.cancelled'),
        (units, counts, leadTimeDays, minimumOrderUnits, type) => {
          const terms = { leadTimeDays, leadTimeSdDays: leadTimeDays / 4, minimumOrderUnits };
          const facts = shelf(units, counts, { 'supplier:acme terms': terms, 'sku:A stock': units });
          const asked = { type, subject: 'sku:A', data: { units: 7, lines: [] } } as const;
          const proposal = answer(facts, [], asked);
          assertWithinContracts(proposal);
          if (counts.every((count) => count <= 0))
            assert.ok(proposal.intents.every((intent) => intent.action === 'stock.correct'));
        },
      ),
      { numRuns: 300 },
    );
  });
});
