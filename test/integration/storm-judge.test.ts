import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { compareFacts, failedDeliveries, judgeVoids } from '../chaos/storm/judge.ts';
import { faultsIn } from '../chaos/storm/main.ts';
import { stormOf } from '../chaos/storm/sender.ts';
import { shopifyShop } from '../chaos/storm/shopify-shop.ts';
import type { StormReport } from '../chaos/storm/storm.ts';
import { wooShop } from '../chaos/storm/woo-shop.ts';
import { seededRandom } from '../chaos/synthetic.ts';

const AT = '2026-05-05T10:00:00.000Z';
const GOOD: StormReport = {
  seed: 1,
  webhooks: 100,
  sendings: 300,
  turnedAway: 0,
  killed: ['gateway'],
  facts: 50,
  differences: [],
  prices: { missing: 0, of: 10 },
  effects: 1,
  doubled: [],
  voided: 0,
  faults: [],
  ends: {},
  seconds: 1,
};

describe('the judge of a storm', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
    for (const store of ['a', 'b', 'c', 'd', 'e'])
      await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
        values (${store}, 'sandbox', 'replay', ${AT}, 1, 'live', 'GBP', 'UTC')`;
  });
  after(() => database.close());

  const believe = (
    store: string,
    attribute: string,
    value: unknown,
    source = 'shopify:products/update',
    resource = 'sku:A',
  ) =>
    database.sql`insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values (${store}, ${resource}, ${attribute}, ${database.sql.json(value as never)}, 1, ${AT}, ${source}, ${AT})`;

  test('finds what differs, and knows what is only missing', async () => {
    const both: [string, unknown, unknown][] = [
      ['price', { minor: 5 }, { minor: 6 }],
      ['title', 'one', 'one'],
      [
        'price-history',
        { '1': { minor: 1 }, '2': { minor: 2 }, '3': { minor: 3 } },
        { '1': { minor: 1 }, '3': { minor: 3 } },
      ],
      ['holds', {}, undefined],
      ['stock', 4, undefined],
    ];
    for (const [attribute, calm, storm] of both) {
      await believe('a', attribute, calm);
      if (storm !== undefined) await believe('b', attribute, storm);
    }
    await believe('a', 'reorder-plan', 1, 'inventory');
    // Of another than the webhooks, on one resource: what both tell of others is compared all the same.
    await believe('b', 'price', { minor: 7 }, 'executor', 'sku:B');
    await believe('b', 'reorder-plan', 2, 'shopify:products/update');
    const { differences, facts, prices } = await compareFacts(database.sql, 'a', 'b');
    assert.deepEqual(
      differences.map((text) => text.split(':').slice(0, 2).join(':')),
      ['sku:A price', 'sku:A stock'],
    );
    assert.deepEqual(prices, { missing: 1, of: 3 });
    assert.equal(facts, 4, 'price, title, price-history and stock of one article');
  });

  test('lets pass that a few prices in between are missing, and not many', () => {
    const faults = (missing: number, of: number) => faultsIn({ ...GOOD, prices: { missing, of } });
    assert.deepEqual([faults(2, 10), faults(5, 500)], [[], []]);
    assert.match(faults(3, 10).join(), /3 of 10 prices are missing/);
    assert.equal(faults(6, 500).length, 1);
  });

  test('lets no storm pass in which nothing was compared, or nothing was killed', () => {
    assert.deepEqual(faultsIn(GOOD), []);
    assert.deepEqual(faultsIn({ ...GOOD, facts: 0, killed: [] }), ['no fact was compared', 'nothing was killed']);
  });

  test('excuses no parcel of which less is known than in order', async () => {
    const arrived = { status: 'delivered', carrier: 'DPD', at: AT };
    await believe('d', 'shipment', arrived, 'easypost:tracker.updated', 'order:1');
    await believe('e', 'shipment', { status: 'in-transit', carrier: 'DPD' }, 'shopify:fulfillments/create', 'order:1');
    await believe('d', 'late', { '1': { estimatedAt: AT } }, 'easypost:tracker.updated', 'customer:1');
    const { differences } = await compareFacts(database.sql, 'd', 'e');
    assert.equal(differences.length, 2);
  });

  test('finds what was granted on a voided cause, and what stands although its cause was voided', async () => {
    const { sql } = database;
    const event = async (seq: number, type: string, subject: string) => {
      const id = randomUUID();
      await sql`insert into events (store, seq, id, type, subject, time, now, source, correlation, depth, data)
        values ('c', ${seq}, ${id}, ${type}, ${subject}, ${AT}, ${AT}, 't', ${id}, 0, '{}')`;
      return id;
    };
    const grant = async (order: string, at: number, voidedAt: number, type: string, state: string) => {
      const cause = `order:${order}`;
      const action = `${await event(Number(order) * 10, 'order.placed', cause)}.orders.1.0`;
      await event(Number(order) * 10 + voidedAt, 'order.cancelled', cause);
      await sql`insert into decisions (store, intent, seq, agent, action_type, resource, params, verdict, rule, reasons, inputs, now)
        values ('c', ${action}, ${Number(order) * 10 + at}, 'orders', ${type}, ${cause}, '{}', 'granted', 'r', '[]', '{}', ${AT})`;
      await sql`insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, correlation, depth)
        values ('c', ${action}, ${type}, 'orders', '{}', '{}', '[]', ${cause}, ${AT}, ${state}, 'c', 1)`;
      await sql`insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer, action)
        values ('c', ${action}, ${cause}, 'refund', tstzrange(${AT}, null), false, 'orders', '{}', ${action})`;
      return action;
    };
    await grant('1', 5, 2, 'refund.issue', 'done');
    await grant('2', 2, 5, 'refund.issue', 'done');
    await grant('3', 2, 5, 'refund.issue', 'revoked');
    await grant('4', 5, 2, 'order.hold', 'done');
    const listed = await grant('5', 2, 5, 'refund.issue', 'done');
    await sql`insert into dead_letters (store, id, service, kind, ref, reason, detail, raw)
      values ('c', ${randomUUID()}, 'coordinator', 'action', ${listed}, 'not-undoable', 'd', '{}')`;
    const { looked, faults } = await judgeVoids(sql, 'c');
    assert.equal(looked, 5);
    assert.deepEqual(
      faults.map((fault) => /order:\d (was granted at \d+, (?:after|voided))/.exec(fault)?.[0]),
      ['order:1 was granted at 15, after', 'order:2 was granted at 22, voided'],
    );
    assert.deepEqual(await failedDeliveries(sql, 'c'), []);
  });
});

describe('a storm', () => {
  const START = Date.parse('2026-05-05T00:00:00Z');
  for (const [name, shop] of [
    ['Shopify', shopifyShop],
    ['WooCommerce', wooShop],
  ] as const)
    test(`of ${name} is the same for the same seed, sends each once to five times, and turns the order round`, () => {
      const told = shop(seededRandom(3), 400, START);
      assert.deepEqual(told, shop(seededRandom(3), 400, START));
      assert.ok(told.every((one, index) => index === 0 || one.atMs > told[index - 1]!.atMs));
      const postings = stormOf(told, seededRandom(4));
      const times = Map.groupBy(postings, ({ told: { id } }) => id);
      assert.equal(times.size, told.length);
      assert.deepEqual([...new Set([...times.values()].map((all) => all.length))].sort(), [1, 2, 3, 4, 5]);
      const turned = postings.filter(({ told: one }, index) => index > 0 && one.atMs < postings[index - 1]!.told.atMs);
      assert.ok(turned.length > told.length / 2, String(turned.length));
    });
});
