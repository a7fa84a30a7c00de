import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import {
  BigCommerceDesk,
  type FrontDesk,
  ShopifyDesk,
  WooCommerceDesk,
} from '#shared/connectors/testing/front-desks.ts';
import { PermanentError, TransientError } from '#shared/kernel/errors.ts';
import { unseal, unsealText } from '#shared/runtime/seal.ts';
import { readConnectedStore, readCredentials, readEndpoint } from '#shared/store/setup/connections.ts';
import { StoppedError, UsageError } from '../command.ts';
import { openShelf, PUBLIC_URL, type Ran, type Shelf } from '../stores/testing.ts';
import { storeAddWith } from './store-add.ts';

const ADDRESS = `${PUBLIC_URL}/webhooks/candles`;

describe('store add', () => {
  let shelf: Shelf;
  let desk: FrontDesk;
  before(async () => {
    shelf = await openShelf(() => desk);
  });
  after(() => shelf.close());
  beforeEach(async () => {
    desk = new ShopifyDesk();
    desk.currency = 'GBP';
    desk.zone = 'Europe/London';
    await desk.open();
  });
  afterEach(async () => {
    await desk.close();
    rmSync(join(shelf.rules, 'candles'), { recursive: true, force: true });
    for (const table of ['credentials', 'endpoints', 'deliveries', 'stores'])
      await shelf.database.sql.unsafe(`delete from ${table}`);
  });

  const use = async (other: FrontDesk) => {
    await desk.close();
    desk = other;
    desk.currency = 'GBP';
    desk.zone = 'Europe/London';
    await desk.open();
  };
  const add = (words: string, questions?: readonly string[]) =>
    shelf.run(storeAddWith, `${words} --rules RULES`, questions);
  const shopify = (more = '') => {
    const file = shelf.file('shopify.env', '# of the app\nclient_secret=shpss_1\nTOKEN="shpat_right"\n');
    return add(`candles --platform shopify --shop candles.myshopify.com --credentials ${file} ${more}`);
  };
  const kept = async (store = 'candles') => {
    const row = await readConnectedStore(shelf.database.sql, store);
    const endpoint = await readEndpoint(shelf.database.sql, store);
    const [credential] = await readCredentials(shelf.database.sql, [store]);
    const key = shelf.door.masterKey;
    return {
      row,
      secrets: endpoint?.secrets.map((sealed) => unsealText(key, `endpoint:${store}`, sealed)),
      url: credential?.url,
      credential: credential && unseal(key, `credential:${store}:${row?.platform}`, credential.sealed).toString(),
    };
  };
  const nothingWritten = async () => {
    assert.deepEqual(await kept(), { row: undefined, secrets: undefined, url: undefined, credential: undefined });
    assert.deepEqual(desk.webhooks, []);
  };
  const refusedWith = (
    ran: Ran,
    pattern: RegExp,
    kind: typeof PermanentError | typeof UsageError | typeof TransientError | typeof StoppedError = PermanentError,
  ) => {
    assert.ok(ran.code instanceof kind, `${ran.code}`);
    assert.match(ran.code.message, pattern);
  };

  test('Shopify, unattended: checked, written, registered, and what comes next', async () => {
    const ran = await shopify('--json');
    assert.equal(ran.code, 0, String(ran.code));
    const { ok, mode, shop, address, missing } = ran.result;
    assert.deepEqual([ok, mode, address, missing], [true, 'watch', ADDRESS, []]);
    assert.equal((shop as { domain: string }).domain, 'candles.myshopify.com');
    const { row, ...rest } = await kept();
    assert.deepEqual(
      [row?.mode, row?.currency, row?.zone, row?.platform],
      ['watch', 'GBP', 'Europe/London', 'shopify'],
    );
    assert.deepEqual(rest, { secrets: ['shpss_1'], url: 'https://candles.myshopify.com', credential: 'shpat_right' });
    assert.ok(desk.webhooks.length > 15);
    assert.ok(desk.webhooks.every((hook) => hook.address === ADDRESS));
  });

  test('no secret is in anything that is said', async () => {
    const said = [await shopify(), await shopify('--json')];
    for (const { text, notes } of said) assert.doesNotMatch(text + notes, /shpss_1|shpat_right/);
    assert.match(said[0]!.text, /only watched.*store report candles.*store go-live candles/s);
  });

  test('an app of the Dev Dashboard, asked on a terminal', async () => {
    await use(new ShopifyDesk('app'));
    const { code } = await add('candles', [
      'shopify',
      'https://admin.shopify.com/store/candles/products',
      'id',
      'right',
      '',
    ]);
    assert.equal(code, 0, String(code));
    const { secrets, credential, url } = await kept();
    assert.deepEqual([secrets, url], [['right'], 'https://candles.myshopify.com']);
    assert.deepEqual(JSON.parse(credential!), { clientId: 'id', clientSecret: 'right' });
  });

  test('WooCommerce: the secret is drawn here and told to the shop, which tries the address only when it is known', async () => {
    await use(new WooCommerceDesk());
    const saved: boolean[] = [];
    desk.onSave = async () => void saved.push((await kept()).secrets !== undefined);
    const file = shelf.file('woo.env', 'consumer_key=ck_right\nconsumer_secret=cs_right\n');
    const ran = await add(`candles --platform woocommerce --shop candles.example/shop/ --credentials ${file} --json`);
    assert.equal(ran.code, 0, String(ran.code));
    const { secrets, url, credential } = await kept();
    assert.equal(url, 'https://candles.example');
    assert.deepEqual(JSON.parse(credential!), { key: 'ck_right', secret: 'cs_right' });
    assert.deepEqual(new Set(desk.secrets.values()), new Set(secrets));
    assert.match(secrets![0]!, /^[\w-]{43}$/);
    assert.ok(saved.length > 0 && saved.every(Boolean));
  });

  test('BigCommerce, with its file of credentials as it was downloaded', async () => {
    await use(new BigCommerceDesk());
    const file = shelf.file(
      'BigCommerceAPI-credentials.txt',
      'ACCESS TOKEN: right\r\nCLIENT NAME: Parley\r\nCLIENT ID: abc\r\nCLIENT SECRET: signs\r\nNAME: Parley\r\nAPI PATH: https://api.bigcommerce.com/stores/leo8j9o1ip/v3/\r\n',
    );
    const ran = await add(`candles --platform bigcommerce --credentials ${file}`);
    assert.equal(ran.code, 0, String(ran.code));
    const { secrets, url, credential } = await kept();
    assert.deepEqual(
      [secrets, url, credential],
      [['signs'], 'https://api.bigcommerce.com/stores/leo8j9o1ip', '{"token":"right"}'],
    );
    assert.match(ran.text, /reads only/);
    assert.doesNotMatch(ran.text, /go-live/);
  });

  test('a permission that is missing is said in plain words, with where to add it; the store is connected', async () => {
    desk.scopes.delete('write_products');
    desk.scopes.add('read_products');
    const ran = await shopify();
    assert.equal(ran.code, 0);
    assert.match(
      ran.text,
      /Parley cannot change prices and archive products: add write_products\n.*Dev Dashboard.*store add candles/s,
    );
  });

  test('without what is essential nothing is written', async () => {
    desk.scopes.delete('write_orders');
    refusedWith(await shopify(), /cannot read orders.*add read_orders.*run again: npx parley store add candles/);
    await nothingWritten();
  });

  test('a credential that is refused is looked up at its place; nothing is written', async () => {
    const file = shelf.file('wrong.env', 'client_secret=shpss_1\ntoken=shpat_wrong\n');
    const ran = await add(`candles --platform shopify --shop candles --credentials ${file}`);
    refusedWith(ran, /Shopify refuses this credential.*Dev Dashboard/);
    assert.doesNotMatch(String(ran.code), /shpat_wrong/);
    await nothingWritten();
  });

  test('nobody answers there', async () => {
    const url = desk.url;
    await desk.close();
    const closed = { ...desk, url } as FrontDesk;
    desk = closed;
    refusedWith(await shopify(), /Nobody answers at https:\/\/candles\.myshopify\.com.*address right/, TransientError);
    desk = new ShopifyDesk();
    await desk.open();
    await nothingWritten();
  });

  test('a shop whose webhooks cannot be registered leaves nothing behind', async () => {
    await use(new WooCommerceDesk());
    let saved = 0;
    desk.onSave = async () => {
      if (++saved === 3) throw new Error('full');
    };
    const file = shelf.file('woo.env', 'consumer_key=ck_right\nconsumer_secret=cs_right\n');
    const ran = await add(`candles --platform woocommerce --shop candles.example --credentials ${file}`);
    refusedWith(
      ran,
      /webhooks could not be registered: the webhook order\.deleted: The store answered 500\. Nothing was changed\. Run it again: npx parley store add candles$/,
      TransientError,
    );
    await nothingWritten();
  });

  test('a key of WooCommerce that only reads is told before anything is written; without webhooks it is enough', async () => {
    await use(new WooCommerceDesk());
    desk.scopes.delete('Read/Write');
    const file = shelf.file('woo.env', 'consumer_key=ck_right\nconsumer_secret=cs_right\n');
    const words = `candles --platform woocommerce --shop candles.example --credentials ${file}`;
    refusedWith(
      await add(words),
      /cannot register its own webhooks: add Read\/Write.*REST API.*run again: npx parley store add candles.*--without-webhooks$/,
    );
    await nothingWritten();
    const ran = await add(`${words} --without-webhooks`);
    assert.equal(ran.code, 0, String(ran.code));
    assert.match(ran.text, /Parley can read orders.*cannot change prices/s);
  });

  test('stopped while webhooks are registered, it takes back what was begun and says what is left', async () => {
    desk.onSave = async () => {
      if (desk.webhooks.length === 3) shelf.stop();
    };
    refusedWith(
      await shopify(),
      /^Stopped\. Nothing was changed\. Run it again: npx parley store add candles$/,
      StoppedError,
    );
    await nothingWritten();
    desk.onSave = async () => {};
    await shopify();
    const before = await kept();
    desk.webhooks.splice(1);
    desk.onSave = async () => shelf.stop();
    refusedWith(await add('candles'), /^Stopped\. The connection is as it was.*stay.*Run it again/, StoppedError);
    assert.deepEqual([await kept(), desk.webhooks.length], [before, 2]);
  });

  test('a shop that takes no webhook is not connected by halves', async () => {
    desk.broken = true;
    refusedWith(await shopify(), /takes no webhook: .*not allowed.*--without-webhooks/);
    await nothingWritten();
  });

  test('run again, it repairs: what is missing is registered, and secret, mode and history stay', async () => {
    await shopify();
    const all = desk.webhooks.length;
    desk.webhooks.splice(4);
    await shelf.database.sql`update stores set mode = 'live', head = 7`;
    const before = await kept();
    const ran = await add('candles --json');
    assert.equal(ran.code, 0, String(ran.code));
    assert.equal(desk.webhooks.length, all);
    assert.deepEqual(await kept(), before);
    assert.deepEqual([ran.result.isNew, ran.result.mode], [false, 'live']);
  });

  test('run again with another secret, both count: what is under way is not refused', async () => {
    await shopify();
    const file = shelf.file('new.env', 'client_secret=shpss_2\ntoken=shpat_right\n');
    await add(`candles --credentials ${file} --shop candles`);
    assert.deepEqual((await kept()).secrets, ['shpss_2', 'shpss_1']);
  });

  test('a repair that fails leaves what was there', async () => {
    await shopify();
    const before = await kept();
    await use(new ShopifyDesk());
    desk.scopes.clear();
    const file = shelf.file('new.env', 'client_secret=shpss_2\ntoken=shpat_right\n');
    assert.ok((await add(`candles --credentials ${file} --shop candles`)).code instanceof Error);
    assert.deepEqual(await kept(), before);
  });

  test('a name and a shop are taken once', async () => {
    await shopify();
    const file = shelf.file('shopify.env', 'client_secret=shpss_1\ntoken=shpat_right\n');
    refusedWith(
      await add(`soap --platform shopify --shop candles --credentials ${file}`),
      /connected as candles already/,
    );
    refusedWith(
      await add(`candles --platform shopify --shop soap --credentials ${file}`),
      /connected to https:\/\/candles/,
    );
    refusedWith(
      await add(
        `candles --platform woocommerce --shop https://x.example --credentials ${shelf.file('w.env', 'consumer_key=ck_1\nconsumer_secret=cs_1')}`,
      ),
      /shop at shopify already/,
    );
  });

  describe('rules', () => {
    beforeEach(() => {
      desk.currency = 'EUR';
      desk.zone = 'Europe/Berlin';
    });

    test('in another currency are told, with what to do; nothing is written', async () => {
      refusedWith(await shopify(), /rules are in GBP, and the shop sells in EUR.*--copy-rules/);
      await nothingWritten();
    });

    test('are copied with the same figures where that is wanted, and load', async () => {
      const ran = await shopify('--copy-rules --json');
      assert.equal(ran.code, 0, String(ran.code));
      const own = join(shelf.rules, 'candles');
      const shop = readFileSync(join(own, 'shop.yaml'), 'utf8');
      assert.match(shop, /^name: "Candles & Co"$/m);
      assert.match(shop, /^currency: EUR$/m);
      assert.match(shop, /^zone: "Europe\/Berlin"$/m);
      const money = readFileSync(join(own, 'money.yaml'), 'utf8');
      assert.doesNotMatch(money, /£|GBP/);
      assert.equal((await add('candles --json')).code, 0);
      assert.ok(!existsSync(join(own, 'money.cases.yaml')));
    });

    test('that do not load are told before anything is written', async () => {
      const broken = shelf.file('broken.yaml', 'rules: [\n');
      assert.ok(broken);
      const ran = await shelf.run(
        storeAddWith,
        `candles --platform shopify --shop candles --credentials ${shelf.file('s.env', 'client_secret=a\ntoken=shpat_right')} --rules ${shelf.folder}`,
      );
      refusedWith(ran, /do not load.*rules check/);
      await nothingWritten();
    });
  });

  describe('what is typed', () => {
    for (const [what, words, pattern] of [
      ['a name that cannot be part of an address', 'Candles_DE --platform shopify', /no name for a store/],
      ['an unknown platform', 'candles --platform shopfy', /Did you mean "shopify"/],
      ['no platform', 'candles', /--platform: shopify, woocommerce, bigcommerce/],
      ['no shop', 'candles --platform shopify', /--shop/],
      [
        'a domain that is not Shopify’s',
        'candles --platform shopify --shop candles.example',
        /ends in \.myshopify\.com/,
      ],
      ['a shop without https', 'candles --platform woocommerce --shop http://candles.example', /https only/],
      ['no secret', 'candles --platform shopify --shop candles', /client_secret.*--credentials/],
    ] as const)
      test(what, async () => {
        refusedWith(await add(words), pattern, UsageError);
        await nothingWritten();
      });

    for (const [what, text, pattern] of [
      ['an unknown name', 'consumer_kee=ck_1', /w\.env:1: unknown name "consumer_kee"\. Did you mean "consumer_key"/],
      ['a line that is none', '# key\nck_1', /w\.env:2: not a line/],
      ['an empty file', '\n', /holds no line/],
      ['the two mixed up', 'consumer_key=cs_1\nconsumer_secret=ck_1', /begins with ck_/],
      ['a blank in a secret', 'consumer_key=ck_1 x\nconsumer_secret=cs_1', /blank/],
    ] as const)
      test(`in the file: ${what}`, async () => {
        const file = shelf.file('w.env', text);
        const ran = await add(`candles --platform woocommerce --shop candles.example --credentials ${file}`);
        refusedWith(ran, pattern, UsageError);
        assert.doesNotMatch(String(ran.code), /cs_1|ck_1/);
      });
  });

  test('where nobody can reach this Parley, that is said before anything is written; without webhooks it goes', async () => {
    const file = shelf.file('s.env', 'client_secret=a\ntoken=shpat_right');
    const words = `candles --platform shopify --shop candles --credentials ${file}`;
    for (const url of [
      'http://parley.example',
      'https://localhost',
      'https://192.168.0.7',
      'https://parley.example:8443',
    ])
      refusedWith(await add(`${words} --public-url ${url}`), /--public-url.*--without-webhooks/);
    await nothingWritten();
    const ran = await add(`${words} --public-url https://localhost --without-webhooks --json`);
    assert.equal(ran.code, 0, String(ran.code));
    assert.deepEqual([ran.result.address, desk.webhooks.length], [null, 0]);
  });
});
