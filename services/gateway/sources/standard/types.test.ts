import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { world } from '../../fixtures/mapping.ts';

describe('what the world says becomes an event about the right thing', () => {
  const table: readonly [string, object, string, object][] = [
    ['map.changed', { sku: 'A', priceMinor: 900, currency: 'GBP' }, 'sku:A', { minor: 900, currency: 'GBP' }],
    ['feed.changed', { sku: 'A', priceMinor: 950, currency: 'GBP' }, 'sku:A', { minor: 950, currency: 'GBP' }],
    ['bundle.changed', { bundle: 'gift-set', skus: ['A', 'B'] }, 'bundle:gift-set', { skus: ['A', 'B'] }],
    ['label.bought', { order: 1001, carrier: 'Post' }, 'order:1001', { carrier: 'Post' }],
  ];
  for (const [type, data, subject, says] of table)
    test(type, () => {
      const { events, end } = world(type, data);
      assert.deepEqual([end, events.length], [undefined, 1]);
      assert.deepEqual([events[0]?.type, events[0]?.subject, events[0]?.data], [type, subject, says]);
    });

  const topics = ['a\0b', '\ud83d', 'x\ude00'];
  for (const topic of topics)
    test(`text that Postgres cannot keep is bad input: ${JSON.stringify(topic)}`, () => {
      const message = { message: 'm1', channel: 'chat', topic };
      assert.throws(() => world('message.received', message), { reason: 'bad-input' });
      assert.throws(() => world('message.received', { ...message, topic: 'cancel', message: topic }), {
        reason: 'bad-input',
      });
    });

  test('a label is cut between characters', () => {
    const { events } = world('label.bought', { order: 1, carrier: `${'x'.repeat(199)}😀` });
    assert.deepEqual(events[0]?.data, { carrier: 'x'.repeat(199) });
  });

  const listed = { leadTimeDays: 4, leadTimeSdDays: 1, minimumOrderUnits: 12 };
  const suppliers: readonly [string, (supplier: string) => object][] = [
    ['supplier.delayed', (supplier) => ({ supplier, skus: ['A'], delayDays: 4 })],
    ['supplier.listed', (supplier) => ({ supplier, ...listed })],
    ['stock.received', (supplier) => ({ sku: 'A', units: 3, supplier })],
  ];
  for (const [type, data] of suppliers)
    test(`${type}: a supplier is named as products name theirs, or it would be nobody's`, () => {
      assert.equal(world(type, data('acme-ltd')).events.length, 1);
      for (const name of ['Acme Ltd', 'acme ltd', 'acme_ltd', '-acme', ''])
        assert.throws(() => world(type, data(name)), {
          reason: 'unknown-shape',
          message: /^data\.supplier: not the name of a supplier: small letters/,
        });
    });

  for (const [type, more] of [
    ['competitor.price-changed', { competitor: 'Other' }],
    ['map.changed', {}],
    ['feed.changed', {}],
  ] as const)
    test(`${type}: a price in another currency than the shop's fails, as nothing could follow from it`, () => {
      const priced = (currency: string) => world(type, { sku: 'A', priceMinor: 900, currency, ...more });
      assert.equal(priced('GBP').events.length, 1);
      assert.throws(() => priced('EUR'), {
        reason: 'unknown-shape',
        position: 'data.currency',
        message: "data.currency: EUR is not the shop's GBP",
      });
    });

  test('campaign.scheduled: its times are read as all others are, with any offset', () => {
    const plan = { name: 'Christmas', skus: ['A'], discountBasisPoints: 1_000, audience: 'none' };
    const scheduled = (startsAt: string, endsAt: string) =>
      world('campaign.scheduled', { campaign: 'c1', ...plan, startsAt, endsAt });
    assert.deepEqual(scheduled('2026-12-01T00:00:00Z', '2026-12-05T01:00:00+01:00').events[0]?.data, {
      ...plan,
      startsAt: '2026-12-01T00:00:00.000Z',
      endsAt: '2026-12-05T00:00:00.000Z',
    });
    assert.throws(() => scheduled('Monday', '2026-12-05T00:00:00Z'), {
      reason: 'unknown-shape',
      message: 'data.startsAt: not a time with an offset',
    });
  });

  test('a field that is not there is said to be missing, and one of another type is not', () => {
    const spike = { sku: 'A', views: 90, baselineViews: 9 };
    assert.throws(() => world('traffic.spiked', spike), { message: 'data.windowMinutes: missing' });
    assert.throws(() => world('traffic.spiked', { ...spike, windowMinutes: '60' }), {
      message: /^data\.windowMinutes: Invalid input: expected number/,
    });
  });

  test('a bundle of nothing is refused', () => {
    assert.throws(() => world('bundle.changed', { bundle: 'gift-set', skus: [] }));
  });
});
