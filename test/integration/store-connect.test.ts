import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openConcierge } from '#shared/connectors/concierges.ts';
import { openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import { type FrontDesk, ShopifyDesk, WooCommerceDesk } from '#shared/connectors/testing/front-desks.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';
import { readMasterKey } from '#shared/runtime/seal.ts';
import { whatIsOpen } from '#shared/store/setup/drained.ts';
import { Api } from '../../services/cli/api.ts';
import type { Command } from '../../services/cli/command.ts';
import { storeAddWith } from '../../services/cli/commands/store-add.ts';
import { storeEndpointAddWith, storeEndpointRemoveWith } from '../../services/cli/commands/store-endpoint.ts';
import { storeRemoveWith } from '../../services/cli/commands/store-remove.ts';
import { storeRotateWith } from '../../services/cli/commands/store-rotate.ts';
import { Output } from '../../services/cli/output.ts';
import { NOBODY } from '../../services/cli/stores/ask.ts';
import type { Door, WithDoor } from '../../services/cli/stores/door.ts';
import { startWorld, type World } from '../world.ts';

const BOOTSTRAP = fileURLToPath(new URL('../../services/local/bootstrap.mjs', import.meta.url));
const CLI = 'services/cli/main.ts';
const RULES = fileURLToPath(new URL('../../rules', import.meta.url));
const PICKED_UP_MS = 30_000;

/** A store added to, changed in and taken off a system that runs: nothing is restarted. */
describe('a shop that is connected while the system runs', () => {
  let world: World;
  let door: Door;
  const desk = new ShopifyDesk();
  const wooDesk = new WooCommerceDesk();
  const rules = join(mkdtempSync(join(tmpdir(), 'parley-rules-')), 'rules');
  let there: FrontDesk = desk;
  before(async () => {
    cpSync(RULES, rules, { recursive: true });
    await wooDesk.open();
    desk.currency = 'GBP';
    desk.zone = 'Europe/London';
    await desk.open();
    world = await startWorld({ ownPostgres: true, environment: { PARLEY_RULES_DIR: rules } });
    door = {
      sql: world.sql,
      masterKey: readMasterKey(join(world.dataPath, 'master.key')),
      publicUrl: 'https://parley.example',
      clocks: systemClocks,
      asker: NOBODY,
      gatewayKnowsMs: 1_300,
      rulesKnownMs: 3_000,
      concierge: (platform, _url, credential) =>
        openConcierge(platform, openHttp(storeOrigin('sandbox', there.url)), credential, systemClocks),
      untilStopped: (work) => work(new AbortController().signal),
    };
  });
  after(async () => {
    await world?.stop();
    await Promise.all([desk.close(), wooDesk.close()]);
    rmSync(join(rules, '..'), { recursive: true });
  });

  const run = async (
    make: (withDoor: WithDoor) => Command,
    options: Record<string, string | boolean>,
    store = 'candles',
  ) => {
    const command = make((_invocation, work) => work(door));
    const output = new Output(true, { write: () => {} }, { write: () => {} });
    return await command.run({ operands: [store], options, api: new Api('http://127.0.0.1:1'), output });
  };
  const file = (name: string, text: string) => {
    const path = join(world.dataPath, name);
    writeFileSync(path, text);
    return path;
  };
  const post = async (secret: string, topic = 'inventory_levels/update', body: object = { nothing: randomUUID() }) => {
    const text = JSON.stringify(body);
    const response = await fetch(`${world.publicUrl}/webhooks/candles`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-shopify-topic': topic,
        'x-shopify-hmac-sha256': createHmac('sha256', secret).update(text).digest('base64'),
        'x-shopify-shop-domain': 'candles.myshopify.com',
        'x-shopify-webhook-id': randomUUID(),
      },
      body: text,
    });
    await response.arrayBuffer();
    return response.status;
  };
  const until = async (what: string, holds: () => Promise<boolean>) => {
    for (const end = performance.now() + PICKED_UP_MS; !(await holds()); await sleep(100))
      assert.ok(performance.now() < end, `waited in vain: ${what}`);
  };

  test('is taken up by gateway, context, agents, coordinator and executor, under the rules that all stores share', async () => {
    assert.equal(await post('shpss_1'), 404);
    const credentials = file('keys.env', 'client_secret=shpss_1\ntoken=shpat_right\n');
    assert.equal(await run(storeAddWith, { platform: 'shopify', shop: 'candles', credentials }), 0);
    assert.equal(await post('forged'), 401);
    const product = (price: string, at: string) => ({
      id: 788032119674292900,
      admin_graphql_api_id: 'gid://shopify/Product/788032119674292922',
      title: 'A candle',
      status: 'active',
      updated_at: at,
      variants: [
        { id: 1, admin_graphql_api_id: 'gid://shopify/ProductVariant/1', sku: 'CANDLE', price, inventory_item_id: 7 },
      ],
    });
    assert.equal(await post('shpss_1', 'products/create', product('4.00', '2026-11-20T10:00:00Z')), 200);
    await until('the rounds of its events are closed', async () => {
      const [row] = await world.sql`
        select count(*)::int as n from rounds where store = 'candles' and closed_as = 'complete'`;
      return row?.n > 1;
    });
    const rules = await world.sql`select type from events where store = 'candles' and type = 'rules.activated'`;
    assert.equal(rules.length, 1);
    const [fact] = await world.sql`
      select value from facts where store = 'candles' and resource = 'sku:CANDLE' and attribute = 'price'`;
    assert.deepEqual(fact?.value, { minor: 400, currency: 'GBP' });
    await world.sql`
      insert into actions (store, action, type, agent, params, leaves, writes, cause, state, not_before, correlation, depth)
      values ('candles', 'a-1', 'price.set', 'pricing', '{"sku":"CANDLE","priceMinor":390,"currency":"GBP"}', '{sku:CANDLE}', '[]',
        'sku:CANDLE', 'pending', now(), gen_random_uuid(), 0)`;
    await until('what it would do is revoked, for it only watches', async () => {
      const rows = await world.sql`select state, reason from actions where store = 'candles' and action = 'a-1'`;
      return rows.length > 0 && rows.every(({ state, reason }) => state === 'revoked' && reason === 'watch');
    });
    assert.deepEqual(
      desk.webhooks.filter(({ address }) => address !== 'https://parley.example/webhooks/candles'),
      [],
    );
  });

  test('changes its secret under load: nothing that is validly signed is refused, and the old one within a second of its retirement', async () => {
    const answers: { secret: string; status: number; at: number }[] = [];
    const signing = ['shpss_1'];
    const stop = new AbortController();
    const sender = (async () => {
      while (!stop.signal.aborted) {
        const at = performance.now();
        const batch = [...signing].map(async (secret) => answers.push({ secret, status: await post(secret), at }));
        await Promise.all(batch);
      }
    })();
    await sleep(300);
    const credentials = file('new.env', 'client_secret=shpss_2\n');
    assert.equal(await run(storeRotateWith, { secret: true, credentials }), 0);
    signing.push('shpss_2');
    await sleep(700);
    const [changed] =
      await world.sql`select jsonb_array_length(secrets)::int as n from endpoints where endpoint = 'candles'`;
    assert.equal(changed?.n, 2);
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200),
      [],
      'both count',
    );
    const retiredAt = performance.now();
    assert.equal(await run(storeRotateWith, { retire: true }), 0);
    await sleep(300);
    stop.abort();
    await sender;
    const late = answers.filter(({ secret, at }) => secret === 'shpss_1' && at > retiredAt + 1_000);
    assert.ok(late.length > 0);
    assert.deepEqual(
      late.filter(({ status }) => status !== 401),
      [],
      'the old one is refused',
    );
    assert.deepEqual(
      answers.filter(({ secret, status }) => secret === 'shpss_2' && status !== 200),
      [],
    );
  });

  test('a WooCommerce shop in another currency: its ping is answered, its own rules judge it, its webhooks are understood', async () => {
    there = wooDesk;
    const pings: number[] = [];
    wooDesk.onSave = async (address, id) => {
      // Saved with the request still open, unsigned and without a header of WooCommerce's, as the platform does it.
      const url = `${world.publicUrl}${new URL(address).pathname}`;
      pings.push((await fetch(url, { method: 'POST', body: new URLSearchParams({ webhook_id: String(id) }) })).status);
    };
    const credentials = file('woo.env', 'consumer_key=ck_right\nconsumer_secret=cs_right\n');
    const words = { platform: 'woocommerce', shop: 'seife.example', credentials, rules };
    await assert.rejects(run(storeAddWith, words, 'seife'), /rules are in GBP, and the shop sells in EUR/);
    assert.equal(await run(storeAddWith, { ...words, 'copy-rules': true }, 'seife'), 0);
    assert.ok(pings.length > 10 && pings.every((status) => status === 200), pings.join());
    const text = JSON.stringify({
      id: 7,
      name: 'A soap',
      type: 'simple',
      status: 'publish',
      sku: 'SOAP',
      regular_price: '3.50',
      price: '3.50',
      sale_price: '',
      manage_stock: false,
      stock_quantity: null,
      date_created_gmt: '2026-11-20T10:00:00',
      date_modified_gmt: '2026-11-20T10:00:00',
    });
    const response = await fetch(`${world.publicUrl}/webhooks/seife`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-wc-webhook-topic': 'product.updated',
        'x-wc-webhook-id': '2',
        'x-wc-webhook-delivery-id': randomUUID(),
        'x-wc-webhook-signature': createHmac('sha256', wooDesk.secrets.get('product.updated')!)
          .update(text)
          .digest('base64'),
      },
      body: text,
    });
    assert.equal(response.status, 200);
    await until('its price is known, in its currency', async () => {
      const [fact] = await world.sql`
        select value from facts where store = 'seife' and resource = 'sku:SOAP' and attribute = 'price'`;
      return JSON.stringify(fact?.value) === '{"minor":350,"currency":"EUR"}';
    });
    await until('its rounds are judged under its own rules', async () => {
      const rows = await world.sql`
        select s.files ->> 'shop.yaml' as shop from events e join rule_sets s on s.hash = e.data ->> 'hash'
        where e.store = 'seife' and e.type = 'rules.activated'`;
      return rows.length > 0 && rows.every(({ shop }) => /^currency: EUR$/m.test(String(shop)));
    });
    there = desk;
  });

  test('another sender is heard with the secret that was shown, and no more once it is taken away', async () => {
    let shown = '';
    const command = storeEndpointAddWith((_invocation, work) => work(door));
    const output = new Output(true, { write: (text: string) => (shown += text) }, { write: () => {} });
    const api = new Api('http://127.0.0.1:1');
    const added = { operands: ['candles'], options: { source: 'standard', as: 'candles-erp' }, api, output };
    assert.equal(await command.run(added), 0);
    const { secret, address } = JSON.parse(shown) as { secret: string; address: string };
    const send = async () => {
      const id = `msg_${randomUUID()}`;
      const at = String(Math.floor(Date.now() / 1_000));
      const data = { sku: 'CANDLE', views: 9, baselineViews: 8, windowMinutes: 60 };
      const body = JSON.stringify({ type: 'traffic.spiked', timestamp: new Date().toISOString(), data });
      const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
      const signature = `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
      const headers = { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature };
      return (await fetch(`${world.publicUrl}${new URL(address).pathname}`, { method: 'POST', headers, body })).status;
    };
    await until('its address is known', async () => (await send()) === 200);
    await until('what it said is an event', async () => {
      const rows = await world.sql`select 1 from events where store = 'candles' and type = 'traffic.spiked'`;
      return rows.length === 1;
    });
    assert.equal(await run(storeEndpointRemoveWith, { yes: true }, 'candles-erp'), 0);
    await until('its address is gone', async () => (await send()) === 404);
  });

  test('the command line finds the running system by its data folder', async () => {
    const listed = await cli(['store', 'list', '--data', world.dataPath, '--json']);
    const { stores } = JSON.parse(listed) as {
      stores: { store: string; mode: string; lastDeliveryAt: string | null }[];
    };
    const candles = stores.find(({ store }) => store === 'candles');
    assert.equal(candles?.mode, 'watch');
    assert.ok(candles?.lastDeliveryAt);
    await assert.rejects(cli(['store', 'list', '--data', join(world.dataPath, 'nowhere')]), /No Parley runs on/);
  });

  test('removed, it takes nothing more, its history is shown, and the system goes on', async () => {
    assert.equal(await run(storeRemoveWith, { yes: true }), 0);
    await until('its address is gone', async () => (await post('shpss_2')) === 404);
    assert.deepEqual(desk.webhooks, []);
    const [row] = await world.sql`select count(*)::int as n from events where store = 'candles'`;
    assert.ok(row?.n > 0);
    assert.equal((await fetch(`${world.publicUrl}/readyz`)).status, 200);
    await until('what was taken before is worked off', async () => {
      const { deliveries, actions } = await whatIsOpen(world.sql, 'candles');
      return deliveries === undefined && actions === undefined;
    });
    await world.postWorld('traffic.spiked', { sku: '85123A', views: 900, baselineViews: 100, windowMinutes: 60 });
    await world.untilQuiet();
  });

  function cli(words: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const environment = { PATH: process.env.PATH };
      execFile(process.execPath, [BOOTSTRAP, CLI, ...words], { env: environment }, (error, out, errors) =>
        error ? reject(new Error(errors)) : resolve(out.trim().split('\n').at(-1) ?? ''),
      );
    });
  }
});
