import assert from 'node:assert/strict';
import http from 'node:http';
import { after, describe, test } from 'node:test';
import { sealText } from '#shared/runtime/seal.ts';
import { putEndpoint } from '#shared/store/setup/installation.ts';
import { levelBody, orderBody, productBody } from './fixtures/bodies.ts';
import { SHOPIFY_SECRET, startHarness } from './fixtures/harness.ts';

describe('the gateway', async () => {
  const gateway = await startHarness();
  after(() => gateway.stop());
  const { sql } = gateway;

  const deliveries = (topic: string) =>
    sql`select state, reason, copies, echo from deliveries where topic = ${topic} order by id`;
  const events = (subject: string) =>
    sql`select type, data, source, seq, addressee, cause from events where subject = ${subject} order by seq`;

  test('an order becomes one event, and what it says of its buyer is in none', async () => {
    assert.equal((await gateway.shopify('orders/create', orderBody())).status, 200);
    await gateway.settled();
    const [placed, ...rest] = await events('order:5001');
    assert.equal(rest.length, 0);
    assert.equal(placed?.type, 'order.placed');
    assert.equal(placed?.source, 'shopify:orders/create');
    assert.deepEqual(placed?.data.lines, [{ sku: '85123A', units: 4, unitMinor: 255 }]);
    assert.ok(!JSON.stringify(placed).includes('ada@'));
    assert.ok(gateway.bus.published.some((one) => one.subject.endsWith('.shop.order.placed')));
    const people = await sql`select subject from personal`;
    assert.deepEqual(
      people.map((row) => row.subject),
      ['customer:7001'],
    );
  });

  test('a webhook sent again counts a copy and says so', async () => {
    const body = orderBody({ id: 5002, admin_graphql_api_id: null });
    const all = await Promise.all([1, 2, 3].map(() => gateway.shopify('orders/create', body, { event: 'same' })));
    assert.deepEqual(
      all.map((one) => one.status),
      [200, 200, 200],
    );
    assert.equal(all.filter((one) => one.duplicate).length, 2);
    assert.equal((await gateway.shopify('orders/create', body, { event: 'same' })).duplicate, true);
    await gateway.settled();
    const [row] = await sql`select copies from deliveries where key = 'orders/create|event|same'`;
    assert.equal(row?.copies, 3);
    assert.equal((await events('order:5002')).length, 1);
  });

  test('two topics of one merchant action are two webhooks', async () => {
    const body = orderBody({ id: 5003, admin_graphql_api_id: null, financial_status: 'paid' });
    await gateway.shopify('orders/create', body, { event: 'shared' });
    assert.equal((await gateway.shopify('orders/paid', body, { event: 'shared' })).duplicate, false);
    await gateway.settled();
    assert.deepEqual(
      (await events('order:5003')).map((row) => row.type),
      ['order.placed', 'order.paid'],
    );
  });

  test('the same order under another event id has no second effect', async () => {
    const body = orderBody({ id: 5004, admin_graphql_api_id: null });
    await gateway.shopify('orders/create', body);
    await gateway.settled();
    assert.equal((await gateway.shopify('orders/create', body)).status, 200);
    await gateway.settled();
    assert.equal((await events('order:5004')).length, 1);
    const [row] = await sql`select count(*)::int as n from deliveries where state = 'duplicate'`;
    assert.equal(row?.n, 1);
  });

  test('a body replayed under another topic does nothing that it does not say', async () => {
    const body = orderBody({ id: 5005, admin_graphql_api_id: null });
    await gateway.shopify('orders/create', body);
    await gateway.shopify('orders/cancelled', body);
    await gateway.shopify('orders/paid', body);
    await gateway.settled();
    assert.deepEqual(
      (await events('order:5005')).map((row) => row.type),
      ['order.placed'],
    );
  });

  test('stock finds its SKU by the inventory item; a replayed level is a duplicate, a level that came back is not', async () => {
    await gateway.shopify('products/create', productBody());
    await gateway.shopify('inventory_levels/update', levelBody(10));
    await gateway.settled();
    await gateway.shopify('inventory_levels/update', levelBody(10));
    await gateway.settled();
    assert.equal((await deliveries('inventory_levels/update'))[1]?.state, 'duplicate');
    await gateway.shopify('inventory_levels/update', levelBody(9));
    await gateway.settled();
    await gateway.shopify('inventory_levels/update', levelBody(10));
    await gateway.settled();
    const levels = (await events('sku:85123A')).filter((row) => row.type === 'stock.changed');
    assert.deepEqual(
      levels.map((row) => row.data.level),
      [10, 9, 10],
    );
  });

  test("a trial of the shop's is addressed to nobody, and the platform's own is not read", async () => {
    const trial = orderBody({ id: 5006, admin_graphql_api_id: null, test: true });
    await gateway.shopify('orders/create', trial);
    const real = orderBody({ id: 5007, admin_graphql_api_id: null });
    await gateway.shopify('orders/create', real, { headers: { 'x-shopify-test': 'true' } });
    await gateway.settled();
    const [placed] = await events('order:5006');
    assert.deepEqual([placed?.data.test, placed?.addressee], [true, 'nobody']);
    assert.equal((await events('order:5007')).length, 0);
    const [marked] = await sql`select state from deliveries where reason = 'test-delivery'`;
    assert.equal(marked?.state, 'ignored');
  });

  test('a ping is answered and not kept; anybody else without a signature is not answered so', async () => {
    const seal = sealText(gateway.master, 'endpoint:shop-woo', 'secret');
    await putEndpoint(sql, { endpoint: 'shop-woo', store: 'shop', platform: 'woocommerce', secrets: [seal] });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const ping = (body: string, slug = 'shop-woo') =>
      fetch(`${gateway.base}/webhooks/${slug}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    assert.equal((await ping('webhook_id=142')).status, 200);
    assert.equal((await ping('webhook_id=142&x=1')).status, 401);
    assert.equal((await ping('webhook_id=142', 'shop')).status, 401);
    const [kept] = await sql`select count(*)::int as n from deliveries where endpoint = 'shop-woo'`;
    assert.equal(kept?.n, 0);
  });

  test('a product saved anew without a change is nothing new', async () => {
    await gateway.shopify('products/update', productBody({ updated_at: '2026-02-02T10:00:00Z' }));
    await gateway.settled();
    assert.equal((await deliveries('products/update'))[0]?.reason, 'nothing-new');
  });

  test('a forged signature, a missing one and a wrong secret are refused alike', async () => {
    const answers = [
      await gateway.shopify('orders/create', orderBody(), { secret: 'wrong' }),
      await gateway.shopify('orders/create', orderBody(), { headers: { 'x-shopify-hmac-sha256': '' } }),
      await gateway
        .shopify('orders/create', orderBody(), { headers: { 'x-shopify-hmac-sha256': 'é=' } })
        .catch(() => undefined),
      await gateway.standard('traffic.spiked', {}, { timestamp: Math.floor(Date.now() / 1_000) - 301 }),
    ].filter((answer) => answer !== undefined);
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [401]);
    assert.equal(new Set(answers.map((answer) => answer.text)).size, 1);
  });

  test('an address that is opened in a browser says what it is for, whether there is such an endpoint or not', async () => {
    for (const endpoint of ['shop', 'nobody']) {
      const response = await fetch(`${gateway.base}/webhooks/${endpoint}`);
      assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST']);
      assert.match(await response.text(), /by POST/);
    }
  });

  test('an endpoint that does not exist is 404', async () => {
    const response = await fetch(`${gateway.base}/webhooks/nobody`, { method: 'POST', body: '{}' });
    assert.equal(response.status, 404);
  });

  test('a body of 3 MB is refused, told beforehand or not, without being taken in', async () => {
    const told = await gateway.shopify('orders/create', 'x'.repeat(3 * 1024 * 1024));
    assert.equal(told.status, 413);
    assert.equal(await postChunked(`${gateway.base}/webhooks/shop`, 3 * 1024 * 1024), 413);
  });

  test('a topic that nobody maps is kept and ignored', async () => {
    assert.equal((await gateway.shopify('themes/publish', { id: 1 })).status, 200);
    await gateway.settled();
    const [row] = await deliveries('themes/publish');
    assert.deepEqual([row?.state, row?.reason], ['ignored', 'unknown-topic']);
  });

  test('what Postgres cannot keep fails as bad input, and what came with it is mapped', async () => {
    const message = (topic: string) => ({ message: 'm-1', channel: 'chat', topic });
    await Promise.all([
      gateway.standard('message.received', message('a\0b')),
      gateway.standard('message.received', message('\ud83d')),
      gateway.standard('\0'.repeat(20) + '😀'.repeat(40), {}),
      gateway.standard('label.bought', { order: 8_801, carrier: 'Post' }),
    ]);
    await gateway.settled();
    assert.equal((await events('order:8801')).length, 1);
    const letters =
      await sql`select reason from dead_letters where detail like 'message.received%' or detail like '%\ufffd%' order by reason`;
    assert.deepEqual(
      letters.map((row) => row.reason),
      ['bad-input', 'bad-input'],
    );
    const [strange] = await sql`select state, topic from deliveries where reason = 'unknown-event-type'`;
    assert.equal(strange?.state, 'ignored');
    assert.ok(strange.topic.startsWith('\ufffd'));
    await sql`delete from dead_letters`;
  });

  test('an unknown type on the standard endpoint is a dead letter that names the likely one, and can be redriven', async () => {
    await gateway.standard('traffic.spikes', { sku: 'A' });
    await gateway.settled();
    const listed = await getJson(`${gateway.operator}/api/dead-letters`);
    const letter = listed.deadLetters.find((one: { reason: string }) => one.reason === 'unknown-event-type');
    assert.match(letter.detail, /traffic\.spiked/);
    const path = `${gateway.operator}/api/dead-letters/shop/${letter.id}`;
    const shown = await getJson(path);
    assert.match(shown.body, /traffic\.spikes/);
    assert.equal((await fetch(`${path}/redrive`, { method: 'POST' })).status, 200);
    await gateway.settled();
    const again = await getJson(`${gateway.operator}/api/dead-letters`);
    const fresh = again.deadLetters.filter((one: { reason: string }) => one.reason === 'unknown-event-type');
    assert.equal(fresh.length, 1);
    assert.notEqual(fresh[0].id, letter.id);
  });

  test('one delivery that cannot be read does not stop the others', async () => {
    const order = (id: number) => gateway.shopify('orders/create', orderBody({ id, admin_graphql_api_id: null }));
    await Promise.all([
      order(5101),
      gateway.shopify('orders/create', '{"half'),
      gateway.shopify('orders/create', { id: 1 }),
      order(5102),
    ]);
    await gateway.settled();
    assert.equal((await events('order:5101')).length, 1);
    assert.equal((await events('order:5102')).length, 1);
    const failed = await sql`select reason from deliveries where topic = 'orders/create' and state = 'failed'`;
    assert.deepEqual(
      failed.map((row) => row.reason),
      ['unknown-shape', 'unknown-shape'],
    );
  });

  test('world events come in by Standard Webhooks, each id once', async () => {
    const data = { sku: '85123A', competitor: 'Other', priceMinor: 199, currency: 'GBP' };
    assert.equal((await gateway.standard('competitor.price-changed', data, { id: 'msg_1' })).duplicate, false);
    assert.equal((await gateway.standard('competitor.price-changed', data, { id: 'msg_1' })).duplicate, true);
    await gateway.settled();
    const [event] = (await events('sku:85123A')).filter((row) => row.type === 'competitor.price-changed');
    assert.deepEqual(event?.data, { competitor: 'Other', minor: 199, currency: 'GBP' });
  });

  test('readyz names what is missing; healthz is up', async () => {
    assert.equal((await fetch(`${gateway.base}/healthz`)).status, 200);
    const response = await fetch(`${gateway.operator}/readyz`);
    const answer = (await response.json()) as Answer;
    assert.equal(response.status, 503);
    assert.deepEqual(answer.missing, ['context', 'coordinator', 'executor', 'rules of shop']);
    assert.equal(answer.bus.durability, 'transport only');
    for (const service of answer.missing) gateway.bus.say(`parley.alive.${service}`, '{}');
    await kept();
    const unruled = (await (await fetch(`${gateway.operator}/readyz`)).json()) as Answer;
    assert.deepEqual(unruled.missing, ['rules of shop']);
    await gateway.activateRules();
    await kept();
    gateway.bus.say('parley.alive.setup', JSON.stringify({ services: { context: { state: 'up', restarts: 2 } } }));
    const ready = await fetch(`${gateway.operator}/readyz`);
    assert.equal(ready.status, 200);
    assert.deepEqual(((await ready.json()) as Answer).restarts, { context: 2 });
    gateway.bus.say('parley.alive.executor', JSON.stringify({ state: 'busy', unavailable: ['shop'] }));
    await kept();
    const away = (await (await fetch(`${gateway.operator}/readyz`)).json()) as Answer;
    assert.deepEqual([away.ready, away.unavailable], [true, ['shop']]);
    const metrics = await (await fetch(`${gateway.operator}/metrics`)).text();
    assert.match(metrics, /^parley_stores_unavailable 1$/m);
    gateway.bus.connected = false;
    await kept();
    const without = (await (await fetch(`${gateway.base}/readyz`)).json()) as Answer;
    assert.deepEqual(without.missing, ['bus']);
    gateway.bus.connected = true;
  });

  test('a secret can be changed without a refusal, and the former one ends', async () => {
    const seal = (secret: string) => sealText(gateway.master, 'endpoint:shop', secret);
    const put = (secrets: string[]) =>
      putEndpoint(sql, { endpoint: 'shop', store: 'shop', platform: 'shopify', secrets });
    const refreshed = () => new Promise((resolve) => setTimeout(resolve, 1_100));
    const send = (secret: string) => gateway.shopify('themes/publish', { secret }, { secret });
    await put([seal('new'), seal(SHOPIFY_SECRET)]);
    await refreshed();
    assert.deepEqual([(await send('new')).status, (await send(SHOPIFY_SECRET)).status], [200, 200]);
    await put([seal('new')]);
    await refreshed();
    assert.deepEqual([(await send('new')).status, (await send(SHOPIFY_SECRET)).status], [200, 401]);
    await put([seal(SHOPIFY_SECRET)]);
    await refreshed();
  });

  test('metrics and the summary count deliveries by state', async () => {
    const text = await (await fetch(`${gateway.operator}/metrics`)).text();
    assert.match(text, /parley_webhooks_total\{end="accepted",endpoint="shop"\} \d+/);
    const [shop] = await getJson(`${gateway.operator}/api/summary`);
    assert.equal(shop.store, 'shop');
    assert.ok(shop.deliveries.mapped > 0 && shop.deliveries.failed > 0);
  });

  test('the operator listener takes no webhooks and the public one shows no pages', async () => {
    assert.equal((await fetch(`${gateway.operator}/webhooks/shop`, { method: 'POST', body: '{}' })).status, 404);
    assert.equal((await fetch(`${gateway.base}/metrics`)).status, 404);
    assert.equal((await fetch(`${gateway.base}/api/summary`)).status, 404);
  });
});

/** An answer of `/readyz` is kept for a moment. */
const kept = () => new Promise((resolve) => setTimeout(resolve, 260));

// biome-ignore lint/suspicious/noExplicitAny: the shapes are what these tests are about.
type Answer = any;

async function getJson(url: string): Promise<Answer> {
  return await (await fetch(url)).json();
}

/** Posts without a content-length, and answers as soon as the receiver does. */
function postChunked(url: string, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST' }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    const chunk = Buffer.alloc(64 * 1024);
    for (let sent = 0; sent < bytes; sent += chunk.length) request.write(chunk);
    request.end();
  });
}
