import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readConnectedStore } from '#shared/store/setup/connections.ts';
import { UsageError } from '../command.ts';
import { refused, setUpStall } from '../stores/testing-stall.ts';
import { storeAddWith } from './store-add.ts';
import { storeRemoveWith } from './store-remove.ts';

/** A name that was used before: its history is one shop's, in one currency. */
describe('store add under a name that has a history', () => {
  const stall = setUpStall();
  const row = async () => await readConnectedStore(stall.shelf.database.sql, 'candles');
  const remove = async () => {
    // Only a store of which something is recorded keeps its name when it is removed.
    await stall.shelf.database.sql`update stores set head = 7`;
    const { code } = await stall.shelf.run(storeRemoveWith, 'candles --yes');
    assert.equal(code, 0, String(code));
  };
  const polls = async () => (await stall.shelf.database.sql`select kind from polls`).map(({ kind }) => kind);
  const add = (shop: string, more = '') => {
    const woo = shop.startsWith('https');
    const keys = woo ? 'consumer_key=ck_right\nconsumer_secret=cs_right' : 'client_secret=shpss_2\ntoken=shpat_right';
    const file = stall.shelf.file('again.env', keys);
    const platform = woo ? 'woocommerce' : 'shopify';
    return stall.shelf.run(
      storeAddWith,
      `candles --platform ${platform} --shop ${shop} --credentials ${file} --rules RULES ${more}`,
    );
  };

  test('the same shop goes on where it stopped', async () => {
    await stall.shelf.database
      .sql`insert into polls (store, kind, until, polled_at) values ('candles', 'product', now(), now())`;
    await remove();
    const { code } = await add('candles-uk');
    assert.equal(code, 0, String(code));
    assert.deepEqual([(await row())?.mode, (await row())?.shop], ['watch', stall.desk.id]);
    assert.deepEqual(await polls(), ['product']);
  });

  test('another currency is refused before rules are written for it, and nothing is changed', async () => {
    await remove();
    const before = await row();
    stall.desk.currency = 'USD';
    refused(await add('candles-us', '--copy-rules'), /sold in GBP, and this one sells in USD.*store add candles-usd$/);
    assert.deepEqual(await row(), before);
    assert.ok(!existsSync(join(stall.shelf.rules, 'candles')));
    assert.deepEqual(stall.desk.webhooks, []);
  });

  test('another shop is refused, and nothing is changed', async () => {
    await remove();
    const before = await row();
    stall.desk.id = 'gid://shopify/Shop/8';
    refused(await add('candles-us'), /candles is the name of another shop.*store add candles-2\.$/);
    assert.deepEqual(await row(), before);
    refused(await add('candles-us', '--same-shop'), /--same-shop is for WooCommerce/, UsageError);
  });

  test('where nobody knows which shop it was, this one is gone through from its beginning', async () => {
    await stall.shelf.database
      .sql`insert into polls (store, kind, until, polled_at) values ('candles', 'product', now(), now())`;
    await stall.shelf.database.sql`update stores set shop = null`;
    await remove();
    stall.desk.id = 'gid://shopify/Shop/8';
    const { code } = await add('candles-us');
    assert.equal(code, 0, String(code));
    assert.deepEqual([(await row())?.shop, await polls()], ['gid://shopify/Shop/8', []]);
  });

  test('one that fails leaves the name to the shop that had it', async () => {
    await stall.shelf.database.sql`update stores set shop = null`;
    await remove();
    const before = await row();
    stall.desk.id = 'gid://shopify/Shop/8';
    stall.desk.zone = 'Europe/Dublin';
    stall.desk.broken = true;
    assert.ok((await add('candles-us')).code instanceof Error);
    assert.deepEqual(await row(), before);
  });

  test('a repair of a shop that has changed its currency is refused, with what to do', async () => {
    stall.desk.currency = 'EUR';
    const ran = await stall.shelf.run(storeAddWith, 'candles --rules RULES --copy-rules');
    refused(ran, /sells in EUR now.*store remove candles\).*store add candles-eur$/);
    assert.ok(!existsSync(join(stall.shelf.rules, 'candles')));
  });

  test('a WooCommerce shop may write its address in another way, and one that has moved is named by its owner', async () => {
    await stall.withWoo();
    stall.desk.id = 'http://www.candles.example/';
    assert.equal((await stall.shelf.run(storeAddWith, 'candles --rules RULES')).code, 0);
    await remove();
    stall.desk.id = 'https://soap.example';
    refused(await add('https://soap.example'), /another shop.*say --same-shop/);
    const { code } = await add('https://soap.example', '--same-shop');
    assert.equal(code, 0, String(code));
    assert.equal((await row())?.shop, 'soap.example');
  });
});
