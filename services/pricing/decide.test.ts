import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { answer, type Proposal } from '#shared/contracts/answer.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { type Fact, factView } from '#shared/contracts/facts.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { marginBasisPoints } from '#shared/kernel/money.ts';
import { DAY_MS, dayNumber, plus } from '#shared/kernel/time.ts';
import { manifest } from './agent.ts';
import type { Briefing } from './briefing.ts';
import { decide } from './decide.ts';
import { charmAbove, charmBelow } from './position.ts';

const NOW = '2011-10-20T12:00:00.000Z';
const SKU: ResourceKey = 'sku:85123A';
const TODAY = dayNumber(NOW);

interface Given {
  price?: number;
  cost?: number;
  available?: number;
  /** Units a day over the 28 days before. */
  perDay?: number;
  competitors?: Record<string, number | { minor: number; at: string }>;
  more?: Record<string, unknown>;
  claims?: Briefing['claims'];
  at?: Record<string, string>;
}

function brief(given: Given): Briefing {
  const {
    price = 255,
    cost = 140,
    available = 100,
    perDay = 5,
    competitors = {},
    more = {},
    claims = [],
    at = {},
  } = given;
  const values: Record<string, unknown> = {
    price: { minor: price, currency: 'GBP' },
    cost: { minor: cost, currency: 'GBP' },
    available: { units: available, level: available, levelTime: NOW, movements: [] },
    sold: {
      firstDay: TODAY - 27,
      counts: Array.from({ length: 28 }, (_, day) => Math.round((day + 1) * perDay) - Math.round(day * perDay)),
    },
    'competitor-prices': Object.fromEntries(
      Object.entries(competitors).map(([name, seen]) => [
        name,
        { currency: 'GBP', ...(typeof seen === 'number' ? { minor: seen, at: NOW } : seen) },
      ]),
    ),
    ...more,
  };
  const facts = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(
      ([attribute, value], index): Fact => ({
        resource: SKU,
        attribute,
        value,
        version: index + 1,
        time: at[attribute] ?? NOW,
      }),
    );
  return { skus: ['85123A'], facts: factView(facts), claims };
}

function event(type: string, data: Record<string, unknown> = {}, subject: ResourceKey = SKU): Envelope {
  return {
    specversion: '1.0',
    id: '01932c07-0000-7000-8000-000000000001',
    source: 'test',
    type,
    subject,
    time: NOW,
    store: 'sandbox',
    seq: 1,
    now: NOW,
    correlationid: 'c',
    depth: 0,
    dataversion: 1,
    data,
  };
}

const MATCH = event('competitor.price-changed', { competitor: 'north-gifts', minor: 1, currency: 'GBP' });
const STOCK = event('stock.changed', { level: 100 });
const COST = event('cost.changed', { minor: 140, currency: 'GBP' });
const SHORT = event('stock-out.expected', { available: 20, unitsPerDay: 5, coverDays: 4, leadTimeDays: 14 });
const plan = (method: string, fromMinor: number, toMinor: number, referenceMinor: number) => ({
  'price-plan': { method, fromMinor, toMinor, lowMinor: toMinor, highMinor: toMinor, referenceMinor },
});
const RUNNING = {
  promotions: { p1: { title: 'x', discountBasisPoints: 1_000, startsAt: NOW, endsAt: plus(NOW, DAY_MS) } },
};
const proposedPrice = (proposal: Proposal) => proposal.intents[0]?.params.priceMinor;

const CASES: readonly (readonly [string, Envelope, Given, number | undefined])[] = [
  ['follows a lower competitor to a charm price', MATCH, { competitors: { north: 233 } }, 229],
  ['stops at the margin floor', MATCH, { cost: 200, competitors: { north: 180 } }, 239],
  ['stops 30 % below the list price', MATCH, { price: 1_000, cost: 300, competitors: { north: 620 } }, 705],
  ['ignores a competitor above us', MATCH, { competitors: { north: 290 } }, undefined],
  ['ignores less than 2 %', MATCH, { price: 1_000, cost: 500, competitors: { north: 989 } }, undefined],
  ['ignores a stale price', MATCH, { competitors: { north: { minor: 220, at: plus(NOW, -15 * DAY_MS) } } }, undefined],
  ['ignores another pack size', MATCH, { competitors: { north: 110 } }, undefined],
  ['takes the next of three when the lowest stands alone', MATCH, { competitors: { a: 170, b: 229, c: 240 } }, 229],
  ['does not cut what is out of stock', MATCH, { available: 0, competitors: { north: 220 } }, undefined],
  [
    'goes back up as far as the list price of people',
    MATCH,
    { price: 219, competitors: { north: 300 }, more: plan('competitor', 255, 219, 255) },
    255,
  ],
  [
    'forgets its reference when somebody else set the price',
    MATCH,
    { price: 239, competitors: { north: 300 }, more: plan('competitor', 255, 219, 255) },
    undefined,
  ],
  ['has no opinion without a cost', MATCH, { competitors: { north: 220 }, more: { cost: undefined } }, undefined],
  ['has no opinion without a price', MATCH, { competitors: { north: 220 }, more: { price: undefined } }, undefined],
  [
    'has no opinion across currencies',
    MATCH,
    { competitors: { north: 220 }, more: { cost: { minor: 140, currency: 'EUR' } } },
    undefined,
  ],
  [
    'leaves a person’s price alone',
    MATCH,
    { competitors: { north: 220 }, claims: [{ resource: SKU, aspect: 'price', owner: 'person' }] },
    undefined,
  ],
  [
    'leaves its own standing price alone',
    MATCH,
    {
      competitors: { north: 220 },
      claims: [{ resource: SKU, aspect: 'price', owner: 'pricing', action: 'price.set' }],
    },
    undefined,
  ],
  ['marks down 120 days of cover by elasticity', STOCK, { price: 1_000, cost: 500, available: 600, perDay: 5 }, 765],
  ['bounds a markdown at 30 %', STOCK, { price: 1_000, cost: 300, available: 9_000, perDay: 1 }, 705],
  ['a markdown keeps the floor', STOCK, { price: 1_000, cost: 800, available: 9_000, perDay: 1 }, 945],
  ['90 days of cover are enough', STOCK, { available: 450, perDay: 5 }, undefined],
  [
    'does not judge cover by a few days',
    STOCK,
    { available: 900, more: { sold: { firstDay: TODAY - 5, counts: [1, 0, 0, 0, 0, 1] } } },
    undefined,
  ],
  [
    'one markdown at a time',
    STOCK,
    {
      price: 765,
      cost: 500,
      available: 600,
      perDay: 5,
      more: plan('markdown', 1_000, 765, 1_000),
      at: { 'price-plan': plus(NOW, -20 * DAY_MS) },
    },
    undefined,
  ],
  [
    'a burst makes no markdown',
    STOCK,
    { available: 300, more: { sold: { firstDay: TODAY - 27, counts: [...Array(27).fill(1), 500] } } },
    undefined,
  ],
  [
    'does not mark down under a promotion',
    STOCK,
    { price: 1_000, cost: 500, available: 600, perDay: 5, more: RUNNING },
    undefined,
  ],
  [
    'ends a markdown that has sold the shelf down',
    STOCK,
    {
      price: 765,
      cost: 500,
      available: 100,
      perDay: 5,
      more: plan('markdown', 1_000, 765, 1_000),
      at: { 'price-plan': plus(NOW, -20 * DAY_MS) },
    },
    1_000,
  ],
  [
    'ends a scarcity price when there is plenty',
    STOCK,
    {
      price: 1_045,
      cost: 500,
      available: 200,
      perDay: 5,
      more: plan('scarcity', 1_000, 1_045, 1_000),
      at: { 'price-plan': plus(NOW, -5 * DAY_MS) },
    },
    1_000,
  ],
  [
    'keeps a scarcity price while there is little',
    STOCK,
    {
      price: 1_045,
      cost: 500,
      available: 20,
      perDay: 5,
      more: plan('scarcity', 1_000, 1_045, 1_000),
      at: { 'price-plan': plus(NOW, -5 * DAY_MS) },
    },
    undefined,
  ],
  ['slows what runs out, by at most 5 %', SHORT, { price: 1_000, cost: 500 }, 1_049],
  [
    'and by 5 % of the present price where that is lower',
    SHORT,
    { price: 900, cost: 500, more: plan('competitor', 1_000, 900, 1_000) },
    945,
  ],
  [
    'no rise for what sells slowly',
    event('stock-out.expected', { available: 3, unitsPerDay: 1, coverDays: 3, leadTimeDays: 14 }),
    {},
    undefined,
  ],
  ['no rise under a promotion', SHORT, { price: 1_000, cost: 500, more: RUNNING }, undefined],
  ['no second rise', SHORT, { price: 1_049, cost: 500, more: plan('scarcity', 1_000, 1_049, 1_000) }, undefined],
  [
    'no rise for what is out',
    event('stock-out.expected', { available: 0, unitsPerDay: 5, coverDays: 0, leadTimeDays: 14 }),
    {},
    undefined,
  ],
  ['passes a higher cost on', COST, { price: 1_000, cost: 800 }, 1_069],
  ['passes at most 15 % on at once', COST, { price: 1_000, cost: 960 }, 1_150],
  ['unless the floor asks for more', COST, { price: 1_000, cost: 1_000 }, 1_177],
  ['leaves a healthy margin alone', COST, { price: 1_000, cost: 550 }, undefined],
];

describe('pricing decides', () => {
  for (const [name, when, given, then] of CASES) {
    test(name, () => {
      const proposal = decide(when, brief(given), NOW);
      assert.equal(proposedPrice(proposal), then, proposal.pass);
      assert.equal(proposal.pass === undefined, then !== undefined);
    });
  }

  test('reviews the shelves on its schedule only', () => {
    const given = brief({ price: 1_000, cost: 500, available: 600, perDay: 5 });
    const due = (name: string) => event('schedule.due', { name }, 'schedule:x');
    assert.equal(proposedPrice(decide(due('daily-review'), given, NOW)), 765);
    assert.equal(decide(due('weekly-review'), given, NOW).intents.length, 0);
  });

  test('announces a markdown with the price to come back to', () => {
    const proposal = decide(STOCK, brief({ price: 1_000, cost: 500, available: 600, perDay: 5 }), NOW);
    assert.equal(proposal.announcements[0]?.type, 'markdown.planned');
    assert.equal(proposal.announcements[0]?.data.referenceMinor, 1_000);
  });

  test('proposes a deferred price again and names what it replaces; meets a refused one halfway', () => {
    const given = brief({ price: 1_000, cost: 500, competitors: { north: 800 } });
    const [proposal] = decide(MATCH, given, NOW).intents;
    const data = { agent: 'pricing', intent: 'i1', proposal, origin: 'e', constraint: 'too deep', rule: 'r' };
    const due = decide(event('intent.due', data, 'store:sandbox'), given, NOW).intents[0];
    assert.deepEqual([due?.params.priceMinor, due?.replaces], [799, 'i1']);
    const refused = decide(event('intent.refused', data, 'store:sandbox'), given, NOW).intents[0];
    assert.deepEqual([refused?.params.priceMinor, refused?.replaces], [899, 'i1']);
    const moved = brief({ price: 799, cost: 500 });
    assert.equal(decide(event('intent.due', data, 'store:sandbox'), moved, NOW).intents.length, 0);
  });

  const ours = { resource: SKU, aspect: 'price', owner: 'pricing' };
  const broken = event('claim.broken', { agent: 'pricing', claim: 'x', resource: SKU }, 'store:sandbox');
  const cutFrom = (referenceMinor: number) => plan('competitor', referenceMinor, 799, referenceMinor);

  test('takes its own price back when a person has changed what it rests on, though the claim on it is its own', () => {
    const given = brief({ price: 799, cost: 500, more: cutFrom(1_000), claims: [ours] });
    const proposal = decide(broken, given, NOW);
    assert.deepEqual([proposedPrice(proposal), proposal.intents[0]?.objective], [1_000, 'margin']);
    assert.equal(proposal.announcements[0]?.type, 'price.planned');
  });

  for (const [name, given] of [
    ['a price that people set', brief({ price: 799, cost: 500, claims: [ours] })],
    ['a price that stands where it was', brief({ price: 1_000, cost: 500, more: cutFrom(1_000), claims: [ours] })],
    [
      'a price that somebody else holds',
      brief({ price: 799, cost: 500, more: cutFrom(1_000), claims: [{ ...ours, owner: 'person' }] }),
    ],
  ] as const)
    test(`leaves ${name} alone`, () => {
      assert.equal(decide(broken, given, NOW).intents.length, 0);
    });

  test('charm prices end in 5 or 9 and stay on their side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (minor) => {
        assert.ok(charmBelow(minor) <= minor && charmAbove(minor) >= minor);
        if (minor >= 30) assert.ok([5, 9].includes(charmBelow(minor) % 10));
      }),
    );
  });
});

test('whatever the facts, a price keeps its floor, the manifest and the contracts', () => {
  const money = fc.integer({ min: 1, max: 50_000 });
  const given = fc.record({
    price: money,
    cost: money,
    available: fc.integer({ min: -100, max: 90_000 }),
    perDay: fc.double({ min: 0, max: 3_000, noNaN: true }),
    competitors: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), money),
    planned: fc.option(
      fc.record({
        method: fc.constantFrom('competitor', 'cost', 'scarcity', 'restore', 'markdown'),
        from: money,
        to: money,
        reference: money,
      }),
      { nil: undefined },
    ),
  });
  const shortage = fc.record({
    available: fc.integer({ min: -5, max: 500 }),
    unitsPerDay: fc.double({ min: 0, max: 90, noNaN: true }),
    coverDays: fc.double({ min: 0, max: 60, noNaN: true }),
    leadTimeDays: fc.integer({ min: 0, max: 60 }),
  });
  const when = fc.oneof(
    fc.constantFrom(MATCH, STOCK, COST, event('schedule.due', { name: 'daily-review' }, 'schedule:daily-review')),
    shortage.map((data) => event('stock-out.expected', data)),
  );
  let proposals = 0;
  fc.assert(
    fc.property(when, given, (happened, { planned, ...rest }) => {
      const more = planned ? plan(planned.method, planned.from, planned.to, planned.reference) : {};
      const proposal = decide(happened, brief({ ...rest, more }), NOW);
      const digest = 'x';
      answer.parse({ event: happened.id, seq: 1, part: 1, digest, now: NOW, ...proposal });
      for (const intent of proposal.intents) {
        proposals += 1;
        const params = ACTION_TYPES.get(intent.action)!.params.parse(intent.params) as { priceMinor: number };
        const allowed = manifest.actions.find((action) => action.type === intent.action);
        assert.ok(allowed?.objectives.includes(intent.objective));
        for (const price of [params.priceMinor, intent.flex?.min ?? params.priceMinor]) {
          assert.ok(
            marginBasisPoints(price, rest.cost) >= 1_500 && price > rest.cost,
            `${price} at a cost of ${rest.cost}`,
          );
        }
        if (intent.flex) assert.ok(intent.flex.min <= params.priceMinor && params.priceMinor <= intent.flex.max);
        assert.ok(intent.cites.every((cited) => manifest.reads.includes(cited.attribute)));
      }
      for (const { type, data } of proposal.announcements) {
        assert.ok(manifest.announces.includes(type));
        EVENT_TYPES.get(type)!.data.parse(data);
      }
    }),
    { numRuns: 2_000 },
  );
  assert.ok(proposals > 100, `only ${proposals} proposals: the property hardly looked`);
});

test('nothing but known event types is answered, and never an order', () => {
  assert.ok(manifest.answers.every((type) => EVENT_TYPES.has(type)));
  assert.ok(!manifest.answers.some((type) => type.startsWith('order.')));
});
