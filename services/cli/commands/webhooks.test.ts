import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { orderBody } from '../../gateway/fixtures/bodies.ts';
import { startHarness } from '../../gateway/fixtures/harness.ts';
import { Api } from '../api.ts';
import { type Command, EXIT } from '../command.ts';
import { Output } from '../output.ts';
import { deadLettersList } from './dead-letters.ts';
import { webhooksList, webhooksShow } from './webhooks.ts';
import { webhooksRedrive } from './webhooks-redrive.ts';

describe('webhooks', { timeout: 60_000 }, () => {
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  before(async () => {
    gateway = await startHarness();
  });
  after(() => gateway.stop());

  async function run(command: Command, operands: string[], options: Record<string, string | boolean> = {}) {
    let text = '';
    const output = new Output(options.json === true, { write: (part) => (text += part) }, { write: () => {} });
    const code = await command.run({ operands, options, api: new Api(gateway.operator), output });
    return { code, text, last: () => JSON.parse(text.trim().split('\n').at(-1)!) };
  }
  const order = (id: number, more: object = {}) =>
    orderBody({ id, admin_graphql_api_id: `gid://shopify/Order/${id}`, ...more });
  const idOf = async (event: string) =>
    (await gateway.sql`select id from deliveries where key like ${`%|${event}`}`)[0]!.id as string;
  const eventsOf = async (subject: string) =>
    (await gateway.sql`select type from events where subject = ${subject}`).map((row) => row.type);

  test('are listed newest first, and by state, source, store and time', async () => {
    await gateway.shopify('orders/create', order(1), { event: 'first' });
    await gateway.shopify('orders/create', order(1), { event: 'first' });
    await gateway.shopify('unheard/of', { id: 2 }, { event: 'second' });
    await gateway.shopify('orders/create', '{"id": "no order"}', { event: 'third' });
    await gateway.settled();
    const list = async (options: Record<string, string>) =>
      (await run(webhooksList, [], { ...options, json: true }))
        .last()
        .deliveries.map((one: { topic: string; state: string; copies: number }) => [one.topic, one.state, one.copies]);
    const all = [
      ['orders/create', 'failed', 0],
      ['unheard/of', 'ignored', 0],
      ['orders/create', 'mapped', 1],
    ];
    assert.deepEqual(await list({}), all);
    assert.deepEqual(await list({ limit: '1' }), all.slice(0, 1));
    assert.deepEqual(await list({ state: 'ignored' }), all.slice(1, 2));
    assert.deepEqual(await list({ state: 'failed' }), all.slice(0, 1));
    assert.deepEqual(await list({ source: 'shopify', since: '1h', store: 'shop' }), all);
    assert.deepEqual(await list({ source: 'stripe' }), []);
    await gateway.sql`update deliveries set id = overlay(id::text placing '00' from 1 for 2)::uuid where key = 'unheard/of|event|second'`;
    assert.equal((await list({ since: '1h' })).length, 2, 'an old one is not of the last hour');
    const { text } = await run(webhooksList, []);
    assert.match(text, /unheard\/of\s+ignored.*unknown-topic/);
  });

  test('wrong use is said', async () => {
    for (const options of [
      { state: 'lost' },
      { source: 'ebay' },
      { since: 'long' },
      { limit: '0' },
      { refused: true, store: 'shop' },
    ])
      await assert.rejects(run(webhooksList, [], options), { name: 'UsageError' });
    for (const [operands, options] of [
      [[], {}],
      [['x'], {}],
      [[], { state: 'failed' }],
      [[], { state: 'mapped', store: 'shop' }],
      [[], { state: 'failed', store: 'shop', reason: 'unknown' }],
      [[], { state: 'failed', store: 'shop', after: 'x' }],
      [['01900000-0000-7000-8000-000000000000'], { topic: 'orders/create' }],
    ] as [string[], Record<string, string>][])
      await assert.rejects(run(webhooksRedrive, operands, options), { name: 'UsageError' });
    await assert.rejects(run(webhooksShow, ['nothing']), { reason: 'not-found' });
    await assert.rejects(run(webhooksShow, ['01900000-0000-7000-8000-000000000000']), { reason: 'not-found' });
  });

  test('show: headers, end, events and body; what it holds draws over nothing', async () => {
    const body = JSON.stringify(order(10, { note: 'red \u001b[31m \u202e turned' }));
    await gateway.shopify('orders/create', body.replaceAll('\\u001b', '\u001b'), { event: 'shown' });
    await gateway.shopify('orders/create', order(11, { note: 'red \u202e turned' }), { event: 'escaped' });
    await gateway.settled();
    const { text } = await run(webhooksShow, [await idOf('escaped')]);
    for (const part of ['state', 'mapped', 'x-shopify-event-id', 'order.placed', 'order:11', '"note":"red   turned"'])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.ok(!text.includes('hmac'), 'the signature is not kept');
    const raw = await run(webhooksShow, [await idOf('shown')]);
    for (const mark of ['\u001b', '\u202e']) assert.ok(!raw.text.includes(mark));
    const whole = (await run(webhooksShow, [await idOf('escaped')], { json: true })).last();
    assert.deepEqual(JSON.parse(whole.body), order(11, { note: 'red \u202e turned' }));
  });

  test('show: what failed says what was wrong with it, and which dead letter it is', async () => {
    await gateway.shopify('orders/create', '{"id": 13}', { event: 'lacking' });
    await gateway.settled();
    const { last, text } = await run(webhooksShow, [await idOf('lacking')], { json: true });
    const { deadLetters } = (await run(deadLettersList, [], { json: true })).last();
    const letter = deadLetters.find((one: { ref: string }) => one.ref === last().id);
    assert.ok(letter.detail.length > 0, text);
    assert.deepEqual([last().detail, last().deadLetter], [letter.detail, letter.id]);
    assert.deepEqual((await run(webhooksShow, [await idOf('escaped')], { json: true })).last().detail, null);
  });

  test('a store that there is none is said to be none, and not to have no webhooks', async () => {
    const refused = { reason: 'not-found', message: /There is no store "shopp"\.\s+.*shop/ };
    await assert.rejects(run(webhooksList, [], { store: 'shopp' }), refused);
    await assert.rejects(run(deadLettersList, [], { store: 'shopp' }), refused);
    await assert.rejects(run(webhooksRedrive, [], { state: 'failed', store: 'shopp' }), refused);
  });

  test('what came for a store that was removed is still listed and shown, and not sent back to wait for ever', async () => {
    await gateway.sql`
      insert into stores (store, partition, platform, clock_kind, currency, zone, clock, mode)
      select 'gone', partition, platform, clock_kind, currency, zone, clock, 'removed' from stores where store = 'shop'`;
    const id = '01900000-0000-7000-8000-000000000099';
    await gateway.sql`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, state, reason)
      values (${id}, 'gone', 'gone', 'k', 'orders/create', '{}', '{}', 'ignored', 'nothing-new')`;
    const listed = async (options: Record<string, string>) =>
      (await run(webhooksList, [], { ...options, json: true })).last().deliveries.map((one: { id: string }) => one.id);
    assert.ok((await listed({})).includes(id));
    assert.deepEqual(await listed({ store: 'gone' }), [id]);
    assert.equal((await run(webhooksShow, [id], { json: true })).last().store, 'gone');
    await assert.rejects(run(webhooksRedrive, [], { state: 'ignored', store: 'gone' }), { reason: 'not-found' });
    await gateway.sql`delete from deliveries where id = ${id}`;
  });

  test('show: a test order is said to be one', async () => {
    await gateway.shopify('orders/create', order(12, { test: true }), { event: 'trial' });
    await gateway.settled();
    assert.match((await run(webhooksShow, [await idOf('trial')])).text, /order:12 .*a test: nothing follows/);
    assert.doesNotMatch((await run(webhooksShow, [await idOf('escaped')])).text, /a test/);
  });

  test('show: a body that is no text comes as base64, every byte of it', async () => {
    const [row] = await gateway.sql`
      update deliveries set body = '\\xff00fe' where key = 'orders/create|event|third' returning id`;
    const { last } = await run(webhooksShow, [row!.id], { json: true });
    assert.deepEqual(Buffer.from(last().body, last().encoding), Buffer.from([0xff, 0, 0xfe]));
  });

  test('redrive: what failed is mapped once its cause is gone, and leaves the dead letters', async () => {
    await gateway.shopify('orders/create', '{"id": 20}', { event: 'broken' });
    await gateway.settled();
    const id = await idOf('broken');
    const letters = async () => (await run(deadLettersList, [], { json: true })).last().deadLetters;
    assert.ok((await letters()).some((one: { ref: string }) => one.ref === id));
    await gateway.sql`update deliveries set body = ${Buffer.from(JSON.stringify(order(20)))} where id = ${id}`;
    const { code, last } = await run(webhooksRedrive, [id], { json: true });
    assert.deepEqual([code, last().redriven], [EXIT.done, [id]]);
    await gateway.settled();
    assert.deepEqual(await eventsOf('order:20'), ['order.placed']);
    assert.ok(!(await letters()).some((one: { ref: string }) => one.ref === id));
  });

  test('redrive: what was mapped is refused, however often and from wherever it is asked; nothing is told twice', async () => {
    const before = await gateway.sql`select count(*)::int as n from events`;
    const id = await idOf('broken');
    const { code, text } = await run(webhooksRedrive, [id, '01900000-0000-7000-8000-000000000000']);
    assert.equal(code, EXIT.failed);
    assert.match(text, /told twice/);
    assert.match(text, /no longer kept/);
    const answer = await fetch(`${gateway.operator}/api/deliveries/redrive`, {
      method: 'POST',
      body: JSON.stringify({ store: 'shop', state: 'mapped' }),
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.status, 400);
    await gateway.settled();
    assert.deepEqual(await gateway.sql`select count(*)::int as n from events`, before);
  });

  test('redrive --state: all of the store in that state, and a topic that is known by now is read', async () => {
    await gateway.shopify('orders/not-yet', order(30), { event: 'early' });
    await gateway.settled();
    await gateway.sql`update deliveries set topic = 'orders/create' where key like '%|early'`;
    const { last } = await run(webhooksRedrive, [], { state: 'ignored', store: 'shop', json: true });
    assert.ok(last().redriven.includes(await idOf('early')));
    await gateway.settled();
    assert.deepEqual(await eventsOf('order:30'), ['order.placed']);
    const after = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    const none = await run(webhooksRedrive, [], { state: 'failed', store: 'shop', after });
    assert.match(none.text, /Nothing to redrive/);
  });

  describe('redrive --state of more than are taken at once', () => {
    const COUNT = 1_200;
    const idAt = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    /** They end as they did before: nobody knows their topic. */
    before(async () => {
      await gateway.sql`delete from deliveries`;
      await gateway.sql`
        insert into deliveries (id, store, endpoint, key, topic, headers, body, state, reason)
        select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'shop', 'shop', 'many' || n,
          case when n % 2 = 0 then 'even/topic' else 'odd/topic' end, '{}', '{}', 'ignored',
          case when n <= 10 then 'nothing-new' else 'unknown-topic' end
        from generate_series(1, ${COUNT}) n`;
    });
    const redrive = async (options: Record<string, string>) => {
      const { last } = await run(webhooksRedrive, [], { state: 'ignored', store: 'shop', json: true, ...options });
      await gateway.settled();
      return last().redriven as string[];
    };

    test('each once, though each is ignored again', async () => {
      assert.equal(new Set(await redrive({ reason: 'unknown-topic' })).size, COUNT - 10);
      const all = await redrive({});
      assert.equal(new Set(all).size, COUNT);
      assert.equal(all.length, COUNT);
    });

    test('only those of a topic or a reason, or after one', async () => {
      await gateway.sql`update deliveries set reason = 'nothing-new' where id <= ${idAt(10)}`;
      assert.deepEqual(
        (await redrive({ reason: 'nothing-new', topic: 'even/topic' })).sort(),
        [2, 4, 6, 8, 10].map(idAt),
      );
      assert.deepEqual(await redrive({ after: idAt(COUNT - 1) }), [idAt(COUNT)]);
    });

    test('where the gateway goes away between, it is said how to go on', async () => {
      let calls = 0;
      const failing = new Api(gateway.operator, (...asked) =>
        ++calls === 2 ? Promise.reject(new Error('gone')) : fetch(...asked),
      );
      const notes: string[] = [];
      const output = new Output(true, { write: () => {} }, { write: (text) => notes.push(text) });
      const options = { state: 'ignored', store: 'shop' };
      await assert.rejects(webhooksRedrive.run({ operands: [], options, api: failing, output }), { reason: 'timeout' });
      assert.match(notes.join(''), new RegExp(`1000 will be mapped again.*--after ${idAt(1_000)}`));
      await gateway.settled();
    });
  });

  test('what was refused is counted by endpoint and reason', async () => {
    await gateway.shopify('orders/create', order(40), { secret: 'wrong' });
    await fetch(`${gateway.base}/webhooks/nobody`, { method: 'POST', body: '{}' });
    const { refused } = (await run(webhooksList, [], { refused: true, json: true })).last();
    assert.deepEqual(refused.map((one: object) => Object.values(one)).sort(), [
      ['', 'unknown-endpoint', 1],
      ['shop', 'bad-signature', 1],
    ]);
    assert.match((await run(webhooksList, [], { refused: true })).text, /shop\s+bad-signature\s+1/);
  });
});
