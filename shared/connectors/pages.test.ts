import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { BigCommerceReader } from './bigcommerce/bigcommerce-reader.ts';
import type { Http } from './outbound.ts';
import { byCursor, byNumber, wholeByCursor } from './pages.ts';
import { inOrderOfChange } from './reader.ts';
import { WooClient } from './woocommerce/woo-client.ts';
import { WooCommerceReader } from './woocommerce/woocommerce-reader.ts';

const AGAIN = { retry: 'later', message: /the same page of a list again/ };
const ENDLESS = { retry: 'later', message: /does not end within 50 pages/ };
const NOW = new AbortController().signal;

const numbered = (from: number, count: number) => Array.from({ length: count }, (_, n) => ({ id: from + n }));

/** A host that gives the same answer at each path, whatever page is asked for; it gives up on being asked for ever. */
function deaf(answers: Readonly<Record<string, unknown>>): Http {
  let asked = 0;
  return {
    ask: async ({ path }) => {
      asked += 1;
      if (asked > 1_000) throw new Error('It was asked without end');
      return { status: 200, headers: {}, text: JSON.stringify(answers[path.split('?')[0]!]) };
    },
    close: () => {},
  };
}

describe('a list in pages', () => {
  test('in numbered pages is whole, and what moved between two pages is in it once', async () => {
    const pages = [numbered(0, 3), numbered(2, 3), numbered(5, 1)];
    assert.deepEqual(await byNumber(async (number) => pages[number - 1]!, 3), numbered(0, 6));
  });

  test('in numbered pages that repeat, or without an end, is refused for now', async () => {
    let asked = 0;
    const same = async () => {
      asked += 1;
      return numbered(0, 3);
    };
    await assert.rejects(byNumber(same, 3), AGAIN);
    assert.equal(asked, 2);
    await assert.rejects(
      byNumber(async (number) => numbered(number * 3, 3), 3),
      ENDLESS,
    );
  });

  test('by cursors that repeat, or without an end, is refused for now', async () => {
    const page = (endCursor: string) => ({ nodes: [1], pageInfo: { hasNextPage: true, endCursor } });
    const circle = async (after: string | null) => page(after === 'a' ? 'b' : 'a');
    await assert.rejects(Array.fromAsync(byCursor(circle)), AGAIN);
    await assert.rejects(wholeByCursor(circle), AGAIN);
    await assert.rejects(
      wholeByCursor(async (after) => page(`${after}+`)),
      ENDLESS,
    );
  });
});

describe('a shop that does not listen to the number of a page', () => {
  const modified = '2026-02-04T09:00:00';
  const woo = (answers: Readonly<Record<string, unknown>>) =>
    new WooCommerceReader(new WooClient(deaf(answers), { key: 'ck', secret: 'cs' }, systemClocks));

  test('does not fill the memory with the variations of a product', async () => {
    const answers = {
      '/wp-json/wc/v3/products/30': { id: 30, type: 'variable', date_modified_gmt: modified },
      '/wp-json/wc/v3/products/30/variations': numbered(0, 100),
    };
    await assert.rejects(woo(answers).read('product', '30', NOW), AGAIN);
  });

  test('does not fill it with the lines of an order', async () => {
    const order = { id: 9, status_id: 11, date_modified: 'Wed, 04 Feb 2026 09:30:00 +0000' };
    const http = deaf({ '/v2/orders/9': order, '/v2/orders/9/products': numbered(0, 250) });
    await assert.rejects(new BigCommerceReader(http, { token: 't' }, systemClocks).read('order', '9', NOW), AGAIN);
  });

  test('is not asked again and again for what has changed', async () => {
    const things = numbered(0, 25).map((thing) => ({ ...thing, date_modified_gmt: modified }));
    const list = woo({ '/wp-json/wc/v3/orders': things }).changedSince('order', '2026-02-04T08:00:00.000Z', NOW);
    await assert.rejects(Array.fromAsync(list), AGAIN);
  });
});

describe('what has changed', () => {
  const at = (n: number) => new Date(Date.UTC(2026, 1, 4) + n * 60_000).toISOString();
  const entries = Array.from({ length: 60 }, (_, n) => ({ ref: String(n), version: at(n) }));
  const pageOf = (number: number) => entries.slice((number - 1) * 5, number * 5);

  test('is listed whole by an older shop that does not know from when on', async () => {
    const listed = await Array.fromAsync(inOrderOfChange(async (_, number) => pageOf(number), at(0), 5));
    assert.deepEqual(listed, entries);
  });

  test('is given up after many pages that show nothing new', async () => {
    let asked = 0;
    const circle = async () => {
      asked += 1;
      return pageOf((asked % 2) + 1);
    };
    await assert.rejects(Array.fromAsync(inOrderOfChange(circle, at(0), 5)), AGAIN);
    assert.ok(asked < LIMITS.pagesWithoutNews + 10, String(asked));
  });
});
