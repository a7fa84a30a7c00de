import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { decide } from './decide.ts';
import { gather } from './gather.ts';
import { campaign, event, item, NOW, person, stock } from './testing.ts';

const waiting = { 'restock-subscribers': { 7: { at: plus(NOW, -DAY_MS) }, 8: { at: NOW } } };
const quiet = { order: 'order:1', at: plus(NOW, -60 * DAY_MS) };
const promoted = {
  promotions: { p: { title: 'x', discountBasisPoints: 1_000, startsAt: NOW, endsAt: plus(NOW, DAY_MS) } },
};
const world = {
  facts: {
    'sku:A': item(),
    'sku:B': item({ ...stock(40), ...waiting }),
    'sku:C': item({ ...stock(0), ...promoted }),
    'customer:7': person({ 'last-order': quiet }),
  },
  claims: [{ resource: 'customer:8' as ResourceKey, aspect: 'contact', owner: 'support' }],
  buyers: ['customer:7' as ResourceKey],
};
const run = async (when: Envelope) => decide(when, await gather(when, fakeReader(world, NOW)), NOW).intents;
const due = (proposal: unknown) =>
  event('intent.due', { agent: 'marketing', intent: 'i1', proposal, origin: 'e' }, 'store:sandbox');

const CASES: readonly (readonly [string, Envelope, readonly string[]])[] = [
  ['a campaign: its SKUs and whom to write to', campaign(), ['promotion.launch', 'campaign.send']],
  ['what ran out', event('stock.changed', { level: 0 }, 'sku:C'), ['promotion.pause']],
  ['a short stock', event('stock-out.expected', { coverDays: 0.2 }, 'sku:C'), ['promotion.pause']],
  [
    'what is back, and who is being written to already',
    event('stock.changed', { level: 40 }, 'sku:B'),
    ['notice.send'],
  ],
  ['a rush', event('traffic.spiked', { views: 500, baselineViews: 100, windowMinutes: 60 }), ['promotion.launch']],
  [
    'praise',
    event('mention.detected', { sku: 'A', sentiment: 'positive', reach: 20_000 }, 'store:sandbox'),
    ['promotion.launch'],
  ],
  [
    'a promotion that broke a rule',
    event(
      'claim.broken',
      { agent: 'marketing', claim: 'x', resource: 'sku:C', proposal: { action: 'promotion.launch' } },
      'store:sandbox',
    ),
    ['promotion.pause'],
  ],
  ['the week', event('schedule.due', { name: 'weekly-review' }, 'schedule:weekly-review'), ['campaign.send']],
];

for (const [name, when, then] of CASES) {
  test(`gathers all that is needed for ${name}`, async () => {
    const intents = await run(when);
    assert.deepEqual(
      intents.map(({ action }) => action),
      then,
    );
    // What is deferred has to be decided again from what is gathered for it alone.
    for (const intent of intents)
      assert.deepEqual(
        (await run(due(intent))).map(({ replaces }) => replaces),
        ['i1'],
      );
  });
}
