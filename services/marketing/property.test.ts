import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { answer } from '#shared/contracts/answer.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { afterDiscount, marginBasisPoints } from '#shared/kernel/money.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { manifest } from './agent.ts';
import { decide } from './decide.ts';
import { brief, campaign, event, item, NOW, person, stock, type Values } from './testing.ts';

test('whatever the facts, an answer keeps margin, stock, consent, the manifest and the contracts', () => {
  const days = fc.integer({ min: -10, max: 30 });
  const given = fc.record({
    price: fc.integer({ min: 1, max: 20_000 }),
    cost: fc.integer({ min: 1, max: 20_000 }),
    units: fc.integer({ min: -50, max: 5_000 }),
    perDay: fc.integer({ min: 0, max: 3_000 }),
    title: fc.string({ maxLength: 200 }),
    discount: fc.integer({ min: 0, max: 10_000 }),
    starts: days,
    ends: days,
    people: fc.array(fc.record({ consent: fc.boolean(), ago: fc.integer({ min: 0, max: 300 }) }), { maxLength: 80 }),
    waiting: fc.integer({ min: 0, max: 80 }),
  });
  let proposals = 0;
  fc.assert(
    fc.property(fc.constantFrom('campaign', 'category', 'stock', 'short', 'spike', 'winback'), given, (kind, g) => {
      const facts: Record<string, Values> = {
        'sku:A': item(
          {
            title: g.title,
            price: { minor: g.price, currency: 'GBP' },
            cost: { minor: g.cost, currency: 'GBP' },
            ...stock(g.units),
            'restock-subscribers': Object.fromEntries(
              Array.from({ length: g.waiting }, (_, n) => [`w${n}`, { at: NOW }]),
            ),
          },
          g.perDay,
        ),
      };
      for (const [n, one] of g.people.entries()) {
        facts[`customer:${n}`] = person({
          consent: { email: one.consent },
          'last-order': { at: plus(NOW, -one.ago * DAY_MS), order: 'order:1' },
        });
      }
      const when = {
        campaign: campaign({
          discountBasisPoints: g.discount,
          startsAt: plus(NOW, g.starts * DAY_MS),
          endsAt: plus(NOW, g.ends * DAY_MS),
        }),
        category: campaign({
          skus: [],
          category: 'candles',
          discountBasisPoints: Math.max(1, g.discount),
          startsAt: plus(NOW, g.starts * DAY_MS),
          endsAt: plus(NOW, g.ends * DAY_MS),
        }),
        stock: event('stock.changed', { level: g.units }),
        short: event('stock-out.expected', {
          available: g.units,
          unitsPerDay: g.perDay,
          coverDays: 1,
          leadTimeDays: 9,
        }),
        spike: event('traffic.spiked', { views: g.discount, baselineViews: 50, windowMinutes: 60 }),
        winback: event('schedule.due', { name: 'weekly-review' }, 'schedule:weekly-review'),
      }[kind];
      const proposal = decide(when, brief(facts), NOW);
      answer.parse({ event: when.id, seq: 1, part: 1, digest: 'x', now: NOW, ...proposal });
      for (const { type, data } of proposal.announcements) {
        assert.ok(manifest.announces.includes(type));
        EVENT_TYPES.get(type)!.data.parse(data);
      }
      for (const allowed of manifest.actions) {
        const count = proposal.intents.filter(({ action }) => action === allowed.type).length;
        assert.ok(count <= allowed.maxPerAnswer, `${count} of ${allowed.type}`);
      }
      for (const intent of proposal.intents) {
        proposals += 1;
        ACTION_TYPES.get(intent.action)!.params.parse(intent.params);
        const allowed = manifest.actions.find(({ type }) => type === intent.action);
        assert.ok(allowed?.objectives.includes(intent.objective));
        assert.ok(intent.cites.every(({ attribute }) => manifest.reads.includes(attribute)));
        if (intent.action === 'promotion.launch' && intent.params.target === 'sku:A') {
          const discount = intent.params.discountBasisPoints as number;
          assert.ok(marginBasisPoints(afterDiscount(g.price, discount), g.cost) >= 1_500);
          assert.ok(g.units > 0);
        }
        if (intent.action === 'campaign.send') {
          const one = g.people[Number(intent.params.customer)]!;
          assert.ok(one.consent && one.ago >= 3);
        }
        if (intent.action === 'notice.send') assert.ok(proposal.intents.length <= g.units);
      }
    }),
    { numRuns: 1_500 },
  );
  assert.ok(proposals > 300, `only ${proposals} proposals: the property hardly looked`);
});

test('nothing but known event types is answered, and never an order', () => {
  assert.ok(manifest.answers.every((type) => EVENT_TYPES.has(type)));
  assert.ok(!manifest.answers.some((type) => type.startsWith('order.')));
});
