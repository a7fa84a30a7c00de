import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type FrontDesk, ShopifyDesk } from '#shared/connectors/testing/front-desks.ts';
import { readConnectedStore } from '#shared/store/setup/connections.ts';
import { UsageError } from '../command.ts';
import type { Finding } from '../stores/look.ts';
import { PUBLIC_URL } from '../stores/testing.ts';
import { refused, setUpStall } from '../stores/testing-stall.ts';
import { storeAddWith } from './store-add.ts';
import { storeListWith } from './store-list.ts';
import { storeRemoveWith } from './store-remove.ts';
import { storeTestWith } from './store-test.ts';

const ADDRESS = `${PUBLIC_URL}/webhooks/candles`;

describe('a store that is connected', () => {
  const stall = setUpStall();

  describe('store test', () => {
    const look = async (words = 'candles') => {
      const ran = await stall.shelf.run(storeTestWith, `${words} --rules RULES --json`);
      const findings = (ran.result.findings ?? []) as Finding[];
      const of = (name: string) => findings.filter((one) => one.name === name);
      return { ...ran, of, findings };
    };

    test('says that nothing is wrong, and what has not happened yet', async () => {
      const { code, of, findings } = await look();
      assert.equal(code, 0);
      assert.deepEqual(
        findings.map(({ name, state }) => `${name}: ${state}`),
        [
          'shop: well',
          'clock: well',
          'rules: well',
          'permissions: well',
          'webhooks: well',
          'sender candles: note',
          'asking the shop: note',
        ],
      );
      assert.match(of('sender candles')[0]!.detail, /nothing has come yet/);
    });

    test('shows the last webhook, and one that failed as wrong', async () => {
      await stall.delivered('candles');
      assert.match((await look()).of('sender candles')[0]!.detail, /orders\/create came 5 min ago and was mapped/);
      await stall.shelf.database.sql`delete from deliveries`;
      await stall.delivered('candles', 'failed', 200);
      const { code, of } = await look();
      assert.equal(code, 1);
      assert.match(of('sender candles')[0]!.remedy ?? '', /dead-letters/);
    });

    test('finds webhooks that are missing, and such that go elsewhere', async () => {
      stall.desk.webhooks.splice(0);
      stall.desk.webhooks.push({
        id: 901,
        topic: 'ORDERS_CREATE',
        address: 'https://old.example/webhooks/candles',
        active: true,
      });
      const { code, of } = await look();
      assert.equal(code, 1);
      assert.deepEqual(
        of('webhooks').map(({ state }) => state),
        ['wrong', 'note'],
      );
      assert.match(of('webhooks')[0]!.remedy ?? '', /store add candles/);
      assert.match(of('webhooks')[1]!.detail, /old\.example/);
    });

    test('finds a webhook that the shop has switched off', async () => {
      await stall.withWoo();
      stall.desk.webhooks[0]!.active = false;
      const { code, of } = await look();
      assert.equal(code, 1);
      assert.match(of('webhooks')[0]!.detail, /stopped sending order\.created/);
    });

    test('a permission that is missing is a note with the actions that fail; an essential one is wrong', async () => {
      stall.desk.scopes.delete('write_discounts');
      const first = await look();
      assert.equal(first.code, 0);
      assert.match(
        first
          .of('permissions')
          .map(({ detail }) => detail)
          .join(),
        /promotion\.launch.*will fail/,
      );
      stall.desk.scopes.delete('write_products');
      assert.equal((await look()).code, 1);
    });

    test('clocks that differ, a currency that changed, a credential that was revoked', async () => {
      stall.desk.clockAheadMs = 300_000;
      assert.match((await look()).of('clock')[0]!.remedy ?? '', /NTP/);
      stall.desk.clockAheadMs = 0;
      stall.desk.currency = 'EUR';
      assert.equal((await look()).of('currency')[0]?.state, 'wrong');
      stall.desk.currency = 'GBP';
      const file = stall.shelf.file('x.env', 'token=shpat_right');
      assert.ok(file);
      await stall.desk.close();
      stall.desk = new ShopifyDesk('app');
      await stall.desk.open();
      const { code, of } = await look();
      assert.equal(code, 1);
      assert.match(of('shop')[0]!.remedy ?? '', /store rotate candles --token/);
    });

    test('where the Internet does not reach this Parley, webhooks are no fault', async () => {
      const { code, of } = await look('candles --public-url http://127.0.0.1:8080');
      assert.equal(code, 0);
      assert.equal(of('webhooks')[0]?.state, 'note');
    });

    test('connected without webhooks, it misses none, and says how to have them', async () => {
      const ran = await stall.shelf.run(storeAddWith, 'candles --without-webhooks --rules RULES');
      assert.equal(ran.code, 0, String(ran.code));
      stall.desk.webhooks.splice(0);
      stall.desk.scopes.delete('write_discounts');
      const { code, of } = await look();
      assert.equal(code, 0);
      const [webhooks] = of('webhooks');
      assert.deepEqual([webhooks?.state, webhooks?.remedy], ['note', 'To have them: npx parley store add candles']);
      assert.match(webhooks?.detail ?? '', /connected without: the shop is only asked every few minutes/);
      assert.deepEqual(of('sender candles'), [], 'nothing is waited for');
      assert.match(of('permissions')[0]?.remedy ?? '', /store add candles --without-webhooks$/);
      await stall.shelf.run(storeAddWith, 'candles --rules RULES');
      assert.equal((await look()).of('webhooks')[0]?.state, 'well');
    });

    test('shows how the shop is asked for what no webhook told, and what stands in the way', async () => {
      const polled = (kind: string, found: number, fault: string | null) => stall.shelf.database.sql`
        insert into polls (store, kind, until, polled_at, found, fault)
        values ('candles', ${kind}, now(), now() - interval '3 minutes', ${found}, ${fault})`;
      await polled('order', 2, null);
      await polled('product', 5, null);
      assert.match((await look()).of('asking the shop')[0]!.detail, /last 3 min ago; 7 found/);
      await polled('stock', 0, 'not-permitted');
      const { code, of } = await look();
      assert.equal(code, 1);
      assert.deepEqual(
        of('asking the shop').map(({ state, detail }) => [state, detail]),
        [['wrong', 'stock: not-permitted']],
      );
      assert.match(of('asking the shop')[0]!.remedy ?? '', /dead-letters/);
      await stall.shelf.database.sql`update polls set fault = 'store-unavailable' where kind = 'stock'`;
      const [silent] = (await look()).of('asking the shop');
      assert.equal(silent?.detail, 'stock: the shop did not answer (store-unavailable)');
      assert.match(silent?.remedy ?? '', /asked again by itself/);
    });

    test('an unknown store', async () =>
      refused(await stall.shelf.run(storeTestWith, 'candels'), /no store "candels"\. Did you mean "candles"/));
  });

  describe('store remove', () => {
    const remove = (words: string, questions?: readonly string[]) =>
      stall.shelf.run(storeRemoveWith, `candles ${words}`, questions);

    test('says what happens, and does nothing without a yes', async () => {
      const { code, text } = await remove('', ['n']);
      assert.equal(code, 1);
      assert.match(text, /history stays.*Nothing was changed/s);
      refused(await remove(''), /--yes/, UsageError);
      assert.ok((await stall.secrets()) && stall.desk.webhooks.length > 0);
    });

    test('takes back its own webhooks and no others; its history stays', async () => {
      const other = {
        id: 902,
        topic: 'ORDERS_CREATE',
        address: 'https://other.example/webhooks/candles',
        active: true,
      };
      stall.desk.webhooks.push(other);
      await stall.delivered('candles');
      const { code, text } = await remove('', ['y']);
      assert.equal(code, 0);
      assert.match(text, /1 webhooks stay at the shop: they go to https:\/\/other\.example/);
      assert.deepEqual(stall.desk.webhooks, [other]);
      assert.deepEqual([await stall.secrets(), await stall.credential()], [undefined, undefined]);
      assert.equal((await readConnectedStore(stall.shelf.database.sql, 'candles'))?.mode, 'removed');
      const [row] = await stall.shelf.database.sql`select count(*)::int as n from deliveries`;
      assert.equal(row?.n, 1);
      refused(await remove('--yes'), /was removed/);
      const listed = await stall.shelf.run(storeListWith, '--json');
      assert.deepEqual(listed.result.stores, []);
    });

    test('of a shop that does not answer is refused, unless forced', async () => {
      await stall.desk.close();
      stall.desk = Object.create(stall.desk, {
        url: { value: 'http://127.0.0.1:1' },
        close: { value: async () => {} },
      }) as FrontDesk;
      const { code, notes } = await remove('--yes');
      assert.equal(code, 1);
      assert.match(notes, /Nothing was changed.*--force/);
      assert.ok(await stall.secrets());
      assert.equal((await remove('--yes --force')).code, 0);
      assert.equal(await stall.secrets(), undefined);
    });
  });

  test('store list shows mode, senders and the last webhook', async () => {
    await stall.delivered('candles');
    const { text, result } = await stall.shelf.run(storeListWith, '--json');
    const [row] = result.stores as Record<string, unknown>[];
    assert.deepEqual(
      [row?.store, row?.platform, row?.mode, row?.endpoints],
      ['candles', 'shopify', 'watch', ['candles']],
    );
    assert.ok(row?.lastDeliveryAt);
    assert.doesNotMatch(text, /shpss|shpat/);
    assert.equal(stall.desk.webhooks[0]?.address, ADDRESS);
  });

  test('store list says of a store that watches how much of it is open', async () => {
    const { sql } = stall.shelf.database;
    for (const action of ['order.hold', 'refund.issue'])
      await sql`insert into openings (store, agent, action) values ('candles', '*', ${action})`;
    const { result } = await stall.shelf.run(storeListWith, '--json');
    assert.match((await stall.shelf.run(storeListWith, '')).text, /candles +shopify +watch, 2 areas open +GBP/);
    const [row] = result.stores as Record<string, unknown>[];
    assert.deepEqual(row?.openings, [
      { agent: '*', action: 'order.hold' },
      { agent: '*', action: 'refund.issue' },
    ]);
    await sql`delete from openings where action = 'refund.issue'`;
    assert.match((await stall.shelf.run(storeListWith, '')).text, /candles +shopify +watch, 1 area open +GBP/);
  });

  test('the stand-in of npm start is not looked after here', async () => {
    await stall.shelf.database.sql`update stores set platform = 'sandbox'`;
    refused(await stall.shelf.run(storeTestWith, 'candles'), /npm start/);
    refused(await stall.shelf.run(storeRemoveWith, 'candles --yes'), /npm start/);
  });
});
