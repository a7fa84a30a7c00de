import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { type FrontDesk, ShopifyDesk, WooCommerceDesk } from '#shared/connectors/testing/front-desks.ts';
import { readCredentials } from '#shared/store/setup/connections.ts';
import { openShelf, type Shelf } from '../stores/testing.ts';
import { refused } from '../stores/testing-stall.ts';
import { storeAddWith } from './store-add.ts';

describe('what store add asks, and which shop it takes for the one that is meant', () => {
  let shelf: Shelf;
  let desk: FrontDesk;
  const begin = async (made: FrontDesk) => {
    desk = made;
    desk.currency = 'GBP';
    desk.zone = 'Europe/London';
    await desk.open();
  };
  before(async () => {
    shelf = await openShelf(() => desk);
  });
  after(() => shelf.close());
  beforeEach(() => begin(new ShopifyDesk()));
  afterEach(async () => {
    await desk.close();
    for (const table of ['credentials', 'endpoints', 'stores']) await shelf.database.sql.unsafe(`delete from ${table}`);
  });
  const add = (words: string, questions?: readonly string[]) =>
    shelf.run(storeAddWith, `${words} --rules RULES`, questions);
  const url = async () => (await readCredentials(shelf.database.sql, ['candles']))[0]?.url;

  test('a slip at the terminal is asked again', async () => {
    const typed = ['', 'shopfy', 'shopify', 'candles.com', 'candles', '', 'shpss_1', 'shpat_right'];
    const { code } = await add('candles', typed);
    assert.equal(code, 0, String(code));
    assert.equal(await url(), 'https://candles.myshopify.com');
  });

  test('where webhooks cannot come, nothing is asked; nor is a secret where the shop is taken', async () => {
    refused(await add('candles --public-url http://127.0.0.1:8410', []), /cannot be reached by a platform/);
    const { code } = await add('candles', ['shopify', 'candles', '', 'shpss_1', 'shpat_right']);
    assert.equal(code, 0, String(code));
    refused(await add('soap --platform shopify --shop candles', []), /connected as candles already/);
  });

  test('a WooCommerce shop may lie in a folder, and one of its pages may be given for it', async () => {
    await desk.close();
    const woo = new WooCommerceDesk();
    await begin(woo);
    const file = shelf.file('woo.env', 'consumer_key=ck_right\nconsumer_secret=cs_right\n');
    for (const [folder, shop, expected] of [
      ['/shop', 'https://candles.example/shop/', 'https://candles.example/shop'],
      ['/shop', 'https://candles.example/shop/wp-admin/index.php', 'https://candles.example/shop'],
      ['/shopping-de', 'candles.example/shopping-de', 'https://candles.example/shopping-de'],
      ['/de', 'candles.example/de/shop/page/2', 'https://candles.example/de'],
      ['', 'candles.example/wp-json/', 'https://candles.example'],
    ] as const) {
      woo.folder = folder;
      const words = `candles --platform woocommerce --shop ${shop} --credentials ${file}`;
      for (const ran of [await add(words), await add(words)]) assert.equal(ran.code, 0, `${shop}: ${ran.code}`);
      assert.equal(await url(), expected);
      await shelf.database.sql`delete from credentials`;
    }
  });
});
