import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildSchema, type GraphQLSchema, getVariableValues, Kind, parse, validate } from 'graphql';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { CASES, connectorContract, storeAction } from '../testing/contract.ts';
import { FAKE_TOKEN, FakeStore, type Sent } from '../testing/fake-store.ts';
import { SHOPIFY_OPERATIONS, ShopifyConnector } from './shopify-admin.ts';

const sent = new Map<string, Sent>();
const open = (shop: { url: string; token: string }) => new ShopifyConnector(shop, systemClocks);
/** Decided like everything else, and carried out by other systems than the shop platform. */
const NOT_SUPPORTED = ['shipping.offer', 'order.upgrade', 'coupon.give', 'feed.push'];
const inTime = () => AbortSignal.timeout(5_000);

connectorContract('shopify-admin', open, (store) => {
  for (const each of store.sent) sent.set(JSON.stringify(each), each);
});

describe('the Shopify driver', () => {
  test('carries out every action type but the mails and those it refuses, and each has a case in the contract', () => {
    const types = [...ACTION_TYPES.keys()].filter(
      (type) => type !== 'notice.send' && type !== 'campaign.send' && !NOT_SUPPORTED.includes(type),
    );
    assert.deepEqual([...SHOPIFY_OPERATIONS.keys()].sort(), types.sort());
    const cases = new Set(CASES.map(({ action }) => action.type));
    assert.deepEqual(
      types.filter((type) => !cases.has(type)),
      ['stock.reserve'],
    );
  });

  const withStore = async (body: (store: FakeStore, connector: ShopifyConnector) => Promise<void>) => {
    const store = new FakeStore();
    await store.open();
    try {
      await body(store, open({ url: store.url, token: FAKE_TOKEN }));
    } finally {
      await store.close();
    }
  };

  test('what it cannot do is refused before anything is called, and named as such', () =>
    withStore(async (store, connector) => {
      const window = { startsAt: '2026-11-22T00:00:00.000Z', endsAt: '2026-11-25T00:00:00.000Z' };
      const promotion = { target: 'sku:A', discountBasisPoints: 1_000, title: 'Sale', combines: true, ...window };
      const refund = { order: '9', amountMinor: 100, currency: 'GBP', note: 'sorry' };
      const asked: [string, string, object][] = [
        ...NOT_SUPPORTED.map((type): [string, string, object] => [type, 'sku:A', {}]),
        ['promotion.launch', 'sku:A', { ...promotion, code: 'XMAS' }],
        ['refund.issue', 'order:9', { ...refund, restock: true }],
      ];
      for (const [type, leaf, params] of asked)
        await assert.rejects(
          connector.execute(storeAction(type, [leaf as 'sku:A'], params), inTime()),
          (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-supported',
          type,
        );
      assert.deepEqual(store.sent, []);
    }));

  test('a price that a person has changed is not overruled', () =>
    withStore(async (store, connector) => {
      store.books.prices.set('gid://shopify/ProductVariant/11', '3.10');
      const action = storeAction(
        'price.set',
        ['sku:A'],
        { sku: 'A', priceMinor: 299, currency: 'GBP' },
        { expectedMinor: 255 },
      );
      await assert.rejects(
        connector.execute(action, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'store-conflict',
      );
      assert.equal(store.books.prices.get('gid://shopify/ProductVariant/11'), '3.10');
    }));

  test('a discount that covers more than the leaves is narrowed, not ended', () =>
    withStore(async (store, connector) => {
      store.books.discounts.push({
        id: 'gid://shopify/DiscountAutomaticNode/61',
        title: 'Week',
        status: 'ACTIVE',
        variants: ['gid://shopify/ProductVariant/11', 'gid://shopify/ProductVariant/12'],
      });
      const action = storeAction('promotion.pause', ['sku:A'], { target: 'sku:A' }, { discounts: ['61'] });
      await connector.execute(action, inTime());
      assert.deepEqual(store.books.discounts[0]?.variants, ['gid://shopify/ProductVariant/12']);
      assert.equal(store.books.discounts[0]?.status, 'ACTIVE');
    }));

  test('a level that has moved is a conflict', () =>
    withStore(async (store, connector) => {
      store.books.levels.set('gid://shopify/InventoryItem/21', 6);
      const action = storeAction('stock.correct', ['sku:A'], { sku: 'A', level: 4, expected: 7 });
      await assert.rejects(
        connector.execute(action, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'store-conflict',
      );
    }));

  test("another's hold is not released", () =>
    withStore(async (store, connector) => {
      store.books.parts[0]!.holds.push({ id: 'hold-x', handle: 'somebody-else' });
      const outcome = await connector.execute(
        storeAction('order.release', ['order:9'], { order: '9', handle: 'orders-1' }),
        inTime(),
      );
      assert.deepEqual(outcome, { handle: 'orders-1', released: 0 });
      assert.equal(store.books.parts[0]!.holds.length, 1);
    }));

  test('a product with other variants is not archived', () =>
    withStore(async (store, connector) => {
      store.books.products.set('gid://shopify/Product/1', { status: 'ACTIVE', variants: 2 });
      await assert.rejects(
        connector.execute(storeAction('product.archive', ['sku:A'], { sku: 'A' }), inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
    }));

  test('a wrong token is not permitted, and a redirect is not followed', () =>
    withStore(async (store) => {
      const stranger = open({ url: store.url, token: 'wrong' });
      const action = storeAction('order.tag', ['order:9'], { order: '9', tag: 'late' });
      await assert.rejects(
        stranger.execute(action, inTime()),
        (thrown) => thrown instanceof PermanentError && thrown.reason === 'not-permitted',
      );
    }));
});

const SCHEMA_FILE = fileURLToPath(
  new URL('../../../../shared/data/shopify-schema/admin_2026-07.graphql.gz', import.meta.url),
);

describe('what is sent, against the true schema', {
  skip: existsSync(SCHEMA_FILE) ? false : 'the schema file is not at hand',
}, () => {
  let schema: GraphQLSchema | undefined;
  after(() => {
    schema = undefined;
  });

  test('every document and its variables are valid', () => {
    schema = buildSchema(gunzipSync(readFileSync(SCHEMA_FILE)).toString(), { assumeValid: true });
    assert.ok(sent.size >= 20, `${sent.size} requests were recorded`);
    for (const { query, variables } of sent.values()) {
      const document = parse(query);
      assert.deepEqual(
        validate(schema, document).map((error) => error.message),
        [],
        query,
      );
      const operation = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION)!;
      const values = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
      assert.deepEqual(
        values.errors?.map((error) => error.message),
        undefined,
        query,
      );
    }
  });
});
