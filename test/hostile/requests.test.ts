import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { type Receiving, signedHeaders, startReceiving } from '../processes/receiving.ts';
import { CRLF, exchange, request } from './raw.ts';

const POST = 'POST /webhooks/shop';
const PIPELINED = 200;
const MUTATIONS = 1_500;

/** Requests that no sender makes: the framing of HTTP itself. A signed body is sent with each, so that a 200 would show. */
describe('hostile requests', { timeout: 120_000 }, () => {
  let receiving: Receiving;
  before(async () => {
    receiving = await startReceiving();
  });
  after(() => receiving.stop());

  const order = (id: number) => JSON.stringify(orderBody({ id, admin_graphql_api_id: `gid://shopify/Order/${id}` }));
  const body = order(1);
  const signed = (more: Record<string, string | number> = {}) => ({
    ...signedHeaders(body),
    'Content-Length': Buffer.byteLength(body),
    ...more,
  });
  const kept = async () => (await receiving.database.sql`select count(*)::int as n from deliveries`)[0]!.n as number;
  const serves = async () => {
    const event = randomUUID();
    const { statuses } = await exchange(receiving.port, request(POST, signed({ 'X-Shopify-Event-Id': event }), body));
    assert.deepEqual(statuses, [200]);
  };

  test('as it should be, it is taken', serves);

  const refused: [string, string | Uint8Array, number[]][] = [
    ['a flood of headers', request(POST, { ...signed(), ...flood(2_000, 4) }, body), [431]],
    ['one endless header', request(POST, signed({ 'X-A': 'a'.repeat(LIMITS.headerBytes) }), body), [431]],
    ['an endless path', request(`POST /webhooks/${'a'.repeat(LIMITS.headerBytes)}`, signed(), body), [414, 431]],
    ['a length and chunks', request(POST, signed({ 'Transfer-Encoding': 'chunked' }), `0${CRLF}${CRLF}`), [400]],
    ['two lengths', request(POST, signed(), body).replace(CRLF, `${CRLF}Content-Length: 1${CRLF}`), [400]],
    ['a negative length', request(POST, signed({ 'Content-Length': -1 }), body), [400]],
    ['a length in hexadecimal', request(POST, signed({ 'Content-Length': '0x10' }), body), [400]],
    ['an unknown transfer coding', request(POST, { 'Transfer-Encoding': 'xchunked' }, body), [400, 401, 501]],
    ['a chunk whose size is none', request(POST, { 'Transfer-Encoding': 'chunked' }, `zz${CRLF}a${CRLF}`), [400]],
    ['a chunk of 2^64 bytes', request(POST, { 'Transfer-Encoding': 'chunked' }, `ffffffffffffffff1${CRLF}`), [400]],
    ['a header without a name', `${POST} HTTP/1.1${CRLF}Host: a${CRLF}: b${CRLF}${CRLF}`, [400]],
    ['a header with a blank in its name', `${POST} HTTP/1.1${CRLF}Host: a${CRLF}X A: b${CRLF}${CRLF}`, [400]],
    ['a NUL in a header', request(POST, signed({ 'X-A': 'a\0b' }), body), [400]],
    ['no host', `${POST} HTTP/1.1${CRLF}Content-Length: 0${CRLF}${CRLF}`, [400]],
    ['a method that there is not', request('BREW /webhooks/shop', signed(), body), [400]],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['HTTP/9', `${POST} HTTP/9.9${CRLF}Host: a${CRLF}${CRLF}`, [400]],
    ['TLS', Buffer.from('16030100a5010000a10303', 'hex'), [400]],
    ['GET', request('GET /webhooks/shop', signed(), body), [405]],
    ['PUT', request('PUT /webhooks/shop', signed(), body), [405]],
    ['DELETE', request('DELETE /webhooks/shop', signed(), body), [405]],
    ['OPTIONS', request('OPTIONS /webhooks/shop', {}), [405]],
    ['TRACE', request('TRACE /webhooks/shop', {}), [404, 405]],
    ['no endpoint', request('POST /webhooks/', signed(), body), [404]],
    ['one too many', request('POST /webhooks/shop/more', signed(), body), [404]],
    ['a way up', request('POST /webhooks/../webhooks/shop', signed(), body), [404]],
    ['a coded name', request('POST /webhooks/%73hop', signed(), body), [404]],
    ['a coded NUL', request('POST /webhooks/shop%00', signed(), body), [404]],
    ['a broken code', request('POST /webhooks/%zz', signed(), body), [404]],
    ['two slashes', request('POST //webhooks/shop', signed(), body), [404]],
    ['a star', request('OPTIONS *', {}), [400, 404]],
    ['a name that every object has', request('POST /webhooks/__proto__', signed(), body), [404]],
    ['the operator’s side', request('GET /api/deliveries', {}), [404]],
    ['metrics', request('GET /metrics', {}), [404]],
  ];
  for (const [name, bytes, allowed] of refused) {
    test(`${name}: refused, kept nowhere, and the next is served`, async () => {
      const before = await kept();
      const { statuses, text } = await exchange(receiving.port, bytes);
      assert.ok(allowed.includes(statuses[0]!), `${statuses} instead of ${allowed}: ${text.slice(0, 300)}`);
      assert.ok(!/at .*\.ts:|node:internal/.test(text), 'it tells nothing of its inside');
      assert.equal(await kept(), before);
      await serves();
    });
  }

  test('a query says nothing, and the endpoint stays the path’s', async () => {
    const { statuses } = await exchange(receiving.port, request('POST /webhooks/shop?endpoint=other', signed(), body));
    assert.deepEqual(statuses, [200]);
    const other = await exchange(receiving.port, request('POST /webhooks/other?endpoint=shop', signed(), body));
    assert.deepEqual(other.statuses, [404]);
  });

  test('many in one go are answered in their order, each for itself', async () => {
    const before = await kept();
    const all = Array.from({ length: PIPELINED }, (_, n) => {
      const one = order(1_000 + n);
      const headers = { ...signedHeaders(one), 'Content-Length': Buffer.byteLength(one) };
      return n % 10 === 9
        ? request(POST, { ...headers, 'X-Shopify-Hmac-Sha256': 'no' }, one)
        : request(POST, headers, one);
    });
    const { statuses } = await exchange(receiving.port, all.join(''), PIPELINED);
    assert.deepEqual(
      statuses,
      Array.from({ length: PIPELINED }, (_, n) => (n % 10 === 9 ? 401 : 200)),
    );
    assert.equal((await kept()) - before, (PIPELINED * 9) / 10);
  });

  test('expectations and upgrades are not met', async () => {
    const upgrade = request(POST, signed({ Connection: 'Upgrade', Upgrade: 'websocket' }), body);
    assert.ok([200, 400, 404].includes((await exchange(receiving.port, upgrade)).statuses[0]!));
    const expects = await exchange(receiving.port, request(POST, signed({ Expect: 'the-impossible' }), body));
    assert.equal(expects.statuses[0], 417);
    await serves();
  });

  test(`${MUTATIONS} requests with bytes changed, cut out, doubled: never a fault of ours`, async () => {
    const whole = Buffer.from(request(POST, { ...signed(), Connection: 'close' }, body));
    const random = seeded(20_260_501);
    const counts = new Map<number, number>();
    for (let n = 0; n < MUTATIONS; n += 30) {
      const some = await Promise.all(
        Array.from({ length: 30 }, () => exchange(receiving.port, mutated(whole, random), 2, true)),
      );
      for (const { statuses } of some) for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    for (const [status, count] of counts) assert.ok(status < 500 || status === 503, `${count} times ${status}`);
    assert.ok((counts.get(400) ?? 0) > 0 && (counts.get(401) ?? 0) > 0, JSON.stringify([...counts]));
    await serves();
  });
});

function flood(count: number, bytes: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-${n}`, 'a'.repeat(bytes)]));
}

/** Park and Miller's: enough to choose bytes with, and the same each time. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 0x7fffffff;
    return state % below;
  };
}

function mutated(whole: Buffer, random: (below: number) => number): Buffer {
  const changed = Buffer.from(whole);
  const head = whole.indexOf('\r\n\r\n');
  for (let n = 0; n <= random(4); n++) changed[random(n % 2 === 0 ? head : whole.length)] = random(256);
  const at = random(whole.length);
  const kind = random(4);
  if (kind === 0)
    return Buffer.concat([changed.subarray(0, at), changed.subarray(Math.min(whole.length, at + 1 + random(30)))]);
  if (kind === 1) return Buffer.concat([changed.subarray(0, at), changed.subarray(Math.max(0, at - random(60)))]);
  return changed;
}
