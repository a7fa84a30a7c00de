import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toAnswer } from '#shared/agent/check.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { DAY_MS, plus } from '#shared/kernel/time.ts';
import { fakeReader } from '#shared/testing/fake-reader.ts';
import { manifest } from './agent.ts';
import { decide } from './decide.ts';
import { gather } from './gather.ts';

const NOW = '2011-10-20T10:00:00.000Z';
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const line = fc.record({
  sku: fc.constantFrom('A', 'B', 'C'),
  units: fc.integer({ min: 0, max: 90_000 }),
  unitMinor: fc.integer({ min: 0, max: 500_000 }),
});
const order = fc.record({
  placed: maybe(
    fc.record({
      at: fc.constant(NOW),
      name: fc.constant('#1'),
      customer: maybe(fc.constant('7')),
      currency: fc.constant('GBP'),
      totalMinor: fc.integer({ min: -1_000_000, max: 10_000_000 }),
      units: fc.integer({ min: -80_000, max: 80_000 }),
      lines: fc.nat(1_114),
      promisedAt: maybe(fc.integer({ min: -60, max: 60 }).map((days) => plus(NOW, days * DAY_MS))),
      test: maybe(fc.boolean()),
    }),
  ),
  paid: maybe(fc.constant({ at: NOW, minor: 5 })),
  cancelled: maybe(fc.constant({ at: NOW, reason: 'customer' })),
  fulfilled: maybe(fc.boolean().map((complete) => ({ at: NOW, carrier: 'x', complete }))),
  risk: maybe(
    fc.record({ level: fc.constantFrom('low', 'medium', 'high'), signals: fc.array(fc.string(), { maxLength: 20 }) }),
  ),
  dispute: maybe(fc.record({ state: fc.constantFrom('open', 'won', 'lost'), minor: fc.nat() })),
  held: maybe(fc.record({ handle: fc.constantFrom('parley-fraud', 'stock'), held: fc.boolean() })),
  tags: maybe(fc.array(fc.constantFrom('late', 'gift'))),
});
const types = ['order.placed', 'order.flagged', 'order.paid', 'payment.disputed', 'schedule.due'] as const;

test('whatever is known of an order, the answer keeps to manifest and contracts, and leaves alone what is over or never was', () =>
  fc.assert(
    fc.asyncProperty(
      order,
      fc.constantFrom(...types),
      fc.array(line, { maxLength: 30 }),
      fc.integer({ min: -99_999, max: 99 }),
      async (known, type, lines, units) => {
        const event: Envelope = {
          specversion: '1.0',
          id: '01999999-9999-7999-8999-999999999999',
          source: 't',
          type,
          subject: type === 'schedule.due' ? 'schedule:daily-review' : 'order:1',
          time: NOW,
          store: 'shop',
          seq: 9,
          now: NOW,
          correlationid: 'c',
          depth: 0,
          dataversion: 1,
          data: { name: 'daily-review', state: 'open', lines },
        };
        const values = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
        const shelf = { available: { units, level: 0, levelTime: NOW, movements: [] } };
        const read = fakeReader(
          {
            facts: {
              'order:1': values,
              'sku:A': shelf,
              'customer:7': { orders: 1, spent: { GBP: { orders: 1, minor: 9 } } },
            },
          },
          plus(NOW, -5 * DAY_MS),
        );
        const proposal = decide(event, await gather(event, read), NOW);
        toAnswer(event, proposal, manifest, 'd');
        assert.ok(proposal.intents.length > 0 || proposal.pass);
        const { placed } = known;
        if (!placed || placed.test || placed.totalMinor <= 0 || placed.units <= 0 || known.cancelled)
          assert.deepEqual(proposal.intents, []);
        if (known.held?.handle === 'stock')
          assert.ok(proposal.intents.every((intent) => intent.action !== 'order.release'));
      },
    ),
    { numRuns: 400 },
  ));
