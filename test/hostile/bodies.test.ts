import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { LIMITS } from '#shared/runtime/limits.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { type Receiving, signedHeaders, startReceiving } from '../processes/receiving.ts';
import { CRLF, exchange, headOf, opened, request } from './raw.ts';

const MIB = 1024 * 1024;
const POST = 'POST /webhooks/shop';
const DEPTH = 10_000;
const KEYS = 100_000;
/** Were each of these kept, memory would grow by several times what it may. */
const REFUSED = 60;
const MAPPED_MS = 30_000;

/** Bodies that nobody sends who means well; each signed, as if the platform itself had gone mad or its secret were stolen. */
describe('hostile bodies', { timeout: 120_000 }, () => {
  let receiving: Receiving;
  let rssBefore = 0;
  before(async () => {
    receiving = await startReceiving();
    // What the first ones warm up is no growth.
    for (let n = 0; n < 50; n++) await post(JSON.stringify(orderBody({ id: n })));
    rssBefore = (await receiving.gateway.usage()).rssBytes;
  });
  after(() => receiving.stop());

  const post = (body: string | Buffer, more: Record<string, string> = {}, topic?: string) =>
    fetch(`http://127.0.0.1:${receiving.port}/webhooks/shop`, {
      method: 'POST',
      body: body as string,
      headers: { ...signedHeaders(body, topic), ...more },
    });

  /** Sends it, waits until it is mapped, and answers what became of it. */
  async function endOf(body: string | Buffer, topic?: string): Promise<{ state: string; reason: string | null }> {
    const { sql } = receiving.database;
    const response = await post(body, { 'X-Shopify-Event-Id': 'this' }, topic);
    assert.equal(response.status, 200);
    for (const until = performance.now() + MAPPED_MS; performance.now() < until; await sleep(20)) {
      const [row] = await sql`select id, state, reason from deliveries where key like '%|this'`;
      if (row!.state === 'received') continue;
      await sql`delete from deliveries where id = ${row!.id}`;
      return { state: row!.state, reason: row!.reason };
    }
    throw new Error('it was not mapped');
  }

  async function grownLessThan(mib: number): Promise<void> {
    const { rssBytes } = await receiving.gateway.usage();
    const grown = (rssBytes - rssBefore) / MIB;
    assert.ok(grown < mib, `resident memory grew by ${grown.toFixed(0)} MiB`);
  }

  const inTime = ({ ms }: { ms: number }) => assert.ok(ms < 1_000, `it took ${ms.toFixed(0)} ms`);

  test('one byte too many is refused before it is read', async () => {
    const told = LIMITS.webhookBodyBytes + 1;
    const answer = await exchange(receiving.port, request(POST, { 'Content-Length': told }));
    assert.deepEqual(answer.statuses, [413]);
    inTime(answer);
  });

  test('chunks without a length end at the limit', async () => {
    const size = 64 * 1024;
    const chunk = `${size.toString(16)}${CRLF}${'x'.repeat(size)}${CRLF}`;
    const head = request(POST, { 'Transfer-Encoding': 'chunked' });
    const answer = await exchange(receiving.port, head + chunk.repeat(2 + LIMITS.webhookBodyBytes / size));
    assert.deepEqual(answer.statuses, [413]);
    inTime(answer);
  });

  test('a length that is too small: what is left over is no request', async () => {
    const body = JSON.stringify(orderBody());
    const head = { ...signedHeaders(body), 'Content-Length': 10 };
    const { statuses } = await exchange(receiving.port, request(POST, head, body), 2);
    // The rest is found to be none before the signature of the first has been answered.
    assert.ok(statuses.length > 0 && statuses.every((status) => status === 400 || status === 401), `${statuses}`);
  });

  test('a length that is too large: whoever leaves before it is reached has sent nothing', async () => {
    const before = await receiving.database.sql`select count(*)::int as n from deliveries`;
    const body = JSON.stringify(orderBody());
    const socket = await opened(receiving.port);
    socket.end(request(POST, { ...signedHeaders(body), 'Content-Length': MIB }, body));
    await new Promise((resolve) => socket.resume().once('close', resolve));
    assert.deepEqual(await receiving.database.sql`select count(*)::int as n from deliveries`, before);
  });

  test('what is compressed is not unpacked, whatever it is called', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MIB));
    for (const encoding of ['gzip', 'GZIP', 'br', 'deflate', 'gzip, gzip', 'identity, gzip', 'x-unknown'])
      assert.equal((await post(bomb, { 'Content-Encoding': encoding })).status, 415, encoding);
    assert.equal((await post(JSON.stringify(orderBody({ id: 900 })), { 'Content-Encoding': 'identity' })).status, 200);
    assert.deepEqual(await endOf(bomb), { state: 'failed', reason: 'unknown-shape' });
  });

  test('as a transfer coding it is refused or kept as it is', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * MIB)).toString('latin1');
    const chunked = `${bomb.length.toString(16)}${CRLF}${bomb}${CRLF}0${CRLF}${CRLF}`;
    const head = `${POST} HTTP/1.1${CRLF}${headOf({ Host: 'a', 'Transfer-Encoding': 'gzip, chunked' })}${CRLF}`;
    const { statuses } = await exchange(receiving.port, Buffer.from(head + chunked, 'latin1'));
    assert.ok([400, 401, 501].includes(statuses[0]!), `${statuses}`);
  });

  test('refused ones take no memory, however often they come', async () => {
    const large = Buffer.alloc(LIMITS.webhookBodyBytes + 1, 'x');
    const small = gzipSync(Buffer.alloc(50 * MIB));
    for (let n = 0; n < REFUSED; n++) {
      // What the first ones leave to the collector is no growth.
      if (n === REFUSED / 4) rssBefore = (await receiving.gateway.usage()).rssBytes;
      assert.equal((await post(large)).status, 413);
      assert.equal((await post(small, { 'Content-Encoding': 'gzip' })).status, 415);
      assert.equal((await post(large.subarray(2), { 'X-Shopify-Hmac-Sha256': 'none' })).status, 401);
    }
    await grownLessThan(20);
  });

  const order = JSON.stringify(orderBody({ id: 901 }));
  const inside = (field: string, value: string) => order.replace('{', `{"${field}":${value},`);
  const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH);
  const deepObject = `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`;
  const keys = `{${Array.from({ length: KEYS }, (_, n) => `"k${n}":${n}`).join(',')}}`;
  const manyLines = order.replace(/"line_items":\[/, `"line_items":[${'{},'.repeat(LIMITS.jsonItems - 20)}`);
  const manyKeys = inside('x', keys.replace(':0,', ':90071992547409931,'));
  const sameKey = inside('x', `{"a":90071992547409931${',"":1'.repeat(300_000)}}`);
  const long = '9'.repeat(MIB);
  const shapes: [string, string | Buffer][] = [
    ['arrays 10,000 deep', deep],
    ['objects 10,000 deep', deepObject],
    ['the same with a number too long for a double', `{"id":90071992547409931,"x":${deepObject}}`],
    ['10,000 deep where nobody looks', inside('whatever', deep)],
    ['10,000 deep where lines are expected', order.replace(/"line_items":\[/, `"line_items":[${deepObject},`)],
    ['100,000 keys', keys],
    ['100,000 keys where a buyer is expected', order.replace(/"customer":\{/, `"customer":${keys.slice(0, -1)},`)],
    ['100,000 lines', order.replace(/"line_items":\[/, `"line_items":[${'{},'.repeat(KEYS)}`)],
    ['as many lines as lists may have', manyLines],
    ['100,000 keys, and a number too long for a double', manyKeys],
    ['one key 300,000 times, and such a number', sameKey],
    ['a number of a million digits', inside('big', long)],
    ['an id of a million digits', order.replace('"id":901', `"id":${long}`)],
    ['a string of 1 MiB', inside('name', `"${'x'.repeat(MIB)}"`)],
    ['numbers that are none', order.replace('"total_price":"10.20"', '"total_price":1e400')],
    ['NULs and half characters in texts', inside('name', '"\\u0000\\ud800"')],
    ['not JSON', '{"id":'],
    ['not an object', '"order"'],
    ['nothing', ''],
    ['UTF-16', Buffer.from(order, 'utf16le')],
    ['a mark before it', `\ufeff${order}`],
  ];
  for (const [name, body] of shapes) {
    test(`${name}: kept, and mapped or set aside with a reason`, async () => {
      for (const topic of ['orders/create', 'products/update']) {
        const { state, reason } = await endOf(body, topic);
        assert.ok(state !== 'failed' || reason === 'unknown-shape' || reason === 'bad-input', `${state} ${reason}`);
      }
    });
  }

  test('the worst of them many at once', async () => {
    const worst = [manyLines, manyKeys, sameKey, deep, keys];
    const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => post(worst[n % worst.length]!)));
    // On a machine that is busy the commit of all of them may take longer than a sender is kept waiting.
    assert.ok(answers.every((one) => one.status === 200 || one.status === 503));
    await endOf(order);
  });

  test('keys that are prototypes elsewhere change nothing, in this webhook or in the next', async () => {
    const polluting = ['__proto__', 'constructor', 'prototype'].map((key) =>
      inside(key, '{"test":true,"cancelled_at":"x"}'),
    );
    for (const [n, body] of polluting.entries()) await endOf(body.replaceAll('901', `${910 + n}`));
    await endOf(JSON.stringify(orderBody({ id: 920, admin_graphql_api_id: 'gid://shopify/Order/920' })));
    const [row] = await receiving.database.sql`select type, data from events where subject = 'order:920'`;
    assert.equal(row?.type, 'order.placed');
    assert.ok(!row?.data.test);
  });

  test('after all of them it is within the memory that it was given, and takes webhooks as before', async () => {
    assert.equal((await post(JSON.stringify(orderBody({ id: 999 })))).status, 200);
    await grownLessThan(180);
  });
});
