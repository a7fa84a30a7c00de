import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { buildSchema, parse, validate } from 'graphql';
import { systemClocks } from '#shared/runtime/clocks.ts';
import type { Http } from '../outbound.ts';
import { AdminClient } from './admin-client.ts';
import * as documents from './reader-documents.ts';
import { ShopifyReader } from './shopify-reader.ts';

const SCHEMA_FILE = fileURLToPath(
  new URL('../../../../shared/data/shopify-schema/admin_2026-07.graphql.gz', import.meta.url),
);

test('what is read stands in the true schema', {
  skip: existsSync(SCHEMA_FILE) ? false : 'needs ../shared/data: the schema file is not at hand',
}, () => {
  const schema = buildSchema(gunzipSync(readFileSync(SCHEMA_FILE)).toString(), { assumeValid: true });
  const all = Object.entries(documents);
  assert.ok(all.length >= 8);
  for (const [name, document] of all) {
    assert.deepEqual(
      validate(schema, parse(document)).map((error) => error.message),
      [],
      name,
    );
  }
});

type Variables = Readonly<Record<string, unknown>>;

/** Answers by the name of the query, and remembers what was asked. */
function readerOf(answers: Readonly<Record<string, (variables: Variables) => object>>) {
  const asked: { name: string; variables: Variables }[] = [];
  const http: Http = {
    ask: async ({ body }) => {
      const { query, variables } = JSON.parse(body!) as { query: string; variables: Variables };
      const name = /^query (\w+)/.exec(query)![1]!;
      asked.push({ name, variables });
      return { status: 200, headers: {}, text: JSON.stringify({ data: answers[name]!(variables) }) };
    },
    close: () => {},
  };
  const token = { get: async () => 'token', forget: () => {} };
  return { reader: new ShopifyReader(new AdminClient({ http, token }, systemClocks), systemClocks), asked };
}

const NOW = new AbortController().signal;
const page = (all: readonly unknown[], size: number, { after }: Variables) => {
  const from = after ? Number(after) : 0;
  const nodes = all.slice(from, from + size);
  const end = from + nodes.length;
  return { nodes, pageInfo: { hasNextPage: end < all.length, endCursor: String(end) } };
};
const lines = (count: number) => Array.from({ length: count }, (_, n) => ({ sku: `S${n}` }));
const order = (changes: object = {}) => ({
  id: 'gid://shopify/Order/7',
  updatedAt: '2026-02-01T10:00:00Z',
  cancelledAt: null,
  displayFulfillmentStatus: 'UNFULFILLED',
  refunds: [],
  ...changes,
});

describe('reading Shopify', () => {
  test('an order of many lines is read to its end, and each refund with it', async () => {
    const all = lines(120);
    const { reader } = readerOf({
      ReadOrder: (variables) => ({
        order: { ...order({ refunds: [{ id: 'gid://shopify/Refund/9' }] }), lineItems: page(all, 50, variables) },
      }),
      ReadOrderLines: (variables) => ({ order: { id: 'x', lineItems: page(all, 50, variables) } }),
      ReadRefund: (variables) => ({ node: { id: variables.id, refundLineItems: page(lines(150), 100, variables) } }),
    });
    const item = await reader.read('order', '7', NOW);
    const body = item!.body as { lines: unknown[]; refunds: { lines: unknown[] }[]; order: object };
    assert.equal(body.lines.length, 120);
    assert.deepEqual(
      body.refunds.map((refund) => refund.lines.length),
      [150],
    );
    assert.deepEqual([item!.ref, item!.version, item!.isOpen], ['7', '2026-02-01T10:00:00.000Z', true]);
    assert.ok(!('lineItems' in body.order));
  });

  test('an order that is sent or cancelled is not open', async () => {
    for (const over of [{ displayFulfillmentStatus: 'FULFILLED' }, { cancelledAt: '2026-02-01T10:00:00Z' }]) {
      const { reader } = readerOf({
        ReadOrder: (variables) => ({ order: { ...order(over), lineItems: page([], 50, variables) } }),
      });
      assert.equal((await reader.read('order', '7', NOW))!.isOpen, false);
    }
  });

  test('what is not there is nothing', async () => {
    const { reader } = readerOf({
      ReadOrder: () => ({ order: null }),
      ReadWholeProduct: () => ({ product: null }),
      ReadStock: () => ({ inventoryItem: null }),
      ReadCustomer: () => ({ customer: null }),
    });
    for (const kind of ['order', 'product', 'stock', 'customer'] as const)
      assert.equal(await reader.read(kind, '7', NOW), undefined);
  });

  test('products come in pages, the oldest change first; one with many variants is read by itself', async () => {
    const product = (n: number, variants: number) => ({
      id: `gid://shopify/Product/${n}`,
      updatedAt: `2026-02-01T10:00:0${n}Z`,
      variants: page(lines(variants), 20, {}),
    });
    const all = [1, 2, 3, 4, 5, 6, 7].map((n) => product(n, n === 4 ? 130 : 2));
    const { reader, asked } = readerOf({
      ListProducts: (variables) => ({ products: page(all, 5, variables) }),
      ReadWholeProduct: (variables) => ({
        product: { ...product(4, 0), variants: page(lines(130), 100, variables) },
      }),
    });
    const sizes: [string, number][] = [];
    for await (const { ref, body } of reader.changedSince('product', '2026-02-01T00:00:00.000Z', NOW))
      sizes.push([ref, (body as { variants: unknown[] }).variants.length]);
    assert.deepEqual(sizes, [
      ['1', 2],
      ['2', 2],
      ['3', 2],
      ['4', 130],
      ['5', 2],
      ['6', 2],
      ['7', 2],
    ]);
    assert.equal(asked[0]!.variables.query, "updated_at:>='2026-02-01T00:00:00.000Z'");
  });

  test('stops between two pages when its time is over', async () => {
    const stop = new AbortController();
    const { reader, asked } = readerOf({
      ListOrders: () => {
        stop.abort();
        return { orders: { nodes: [], pageInfo: { hasNextPage: true, endCursor: '1' } } };
      },
    });
    await assert.rejects(async () => {
      for await (const _ of reader.changedSince('order', '2026-02-01T00:00:00.000Z', stop.signal));
    });
    assert.equal(asked.length, 1);
  });
});
