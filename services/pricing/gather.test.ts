import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, dayNumber, plus } from '#shared/kernel/time.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { decide } from './decide.ts';
import { gather } from './gather.ts';

const NOW = '2011-10-20T12:00:00.000Z';
const shelf = (over: Readonly<Record<string, unknown>> = {}) => ({
  price: { minor: 1_000, currency: 'GBP' },
  cost: { minor: 500, currency: 'GBP' },
  available: { units: 600, level: 600, levelTime: NOW, movements: [] },
  sold: { firstDay: dayNumber(NOW) - 27, counts: Array.from({ length: 28 }, () => 5) },
  'competitor-prices': { north: { minor: 900, currency: 'GBP', at: plus(NOW, -DAY_MS) } },
  ...over,
});
const world = {
  facts: {
    'sku:A': shelf(),
    'sku:B': shelf(),
    'sku:C': shelf({ cost: { minor: 800, currency: 'GBP' } }),
    'sku:D': shelf({
      price: { minor: 899, currency: 'GBP' },
      'price-plan': {
        method: 'competitor',
        fromMinor: 1_000,
        toMinor: 899,
        lowMinor: 899,
        highMinor: 899,
        referenceMinor: 1_000,
      },
    }),
  },
  claims: [{ resource: 'sku:B' as ResourceKey, aspect: 'price', owner: 'person' }],
  shelves: ['sku:A', 'sku:B'] as ResourceKey[],
};

function event(type: string, data: Readonly<Record<string, unknown>>, subject: ResourceKey): Envelope {
  const fixed = { specversion: '1.0', source: 'test', store: 'sandbox', correlationid: 'c', dataversion: 1 } as const;
  return {
    ...fixed,
    id: '01932c07-0000-7000-8000-000000000001',
    type,
    subject,
    data,
    time: NOW,
    now: NOW,
    seq: 1,
    depth: 0,
  };
}
const run = async (when: Envelope) => decide(when, await gather(when, fakeReader(world, NOW)), NOW).intents;
const prices = async (when: Envelope) => (await run(when)).map(({ params }) => `${params.sku} ${params.priceMinor}`);

const CASES: readonly (readonly [string, Envelope, readonly string[]])[] = [
  [
    'a competitor',
    event('competitor.price-changed', { competitor: 'north', minor: 900, currency: 'GBP' }, 'sku:A'),
    ['A 899'],
  ],
  [
    'a price that a person holds',
    event('competitor.price-changed', { competitor: 'north', minor: 900, currency: 'GBP' }, 'sku:B'),
    [],
  ],
  ['a full shelf', event('stock.changed', { level: 600 }, 'sku:A'), ['A 765']],
  [
    'a short stock',
    event('stock-out.expected', { available: 20, unitsPerDay: 5, coverDays: 4, leadTimeDays: 14 }, 'sku:A'),
    ['A 1049'],
  ],
  ['a cost', event('cost.changed', { minor: 800, currency: 'GBP' }, 'sku:C'), ['C 1069']],
  ['the daily review', event('schedule.due', { name: 'daily-review' }, 'schedule:daily-review'), ['A 765']],
];

const broken = event('claim.broken', { agent: 'pricing', claim: 'x', resource: 'sku:D' }, 'store:sandbox');
test('gathers the SKU of a claim of its own that broke', async () => {
  assert.deepEqual(await prices(broken), ['D 1000']);
});

for (const [name, when, then] of CASES) {
  test(`gathers all that is needed for ${name}`, async () => {
    assert.deepEqual(await prices(when), then);
    for (const proposal of await run(when)) {
      const data = { agent: 'pricing', intent: 'i1', proposal, origin: 'e' };
      assert.deepEqual(await prices(event('intent.due', data, 'store:sandbox')), then);
    }
  });
}
