import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '#shared/runtime/limits.ts';
import { orderBody } from '../fixtures/bodies.ts';
import { startHarness } from '../fixtures/harness.ts';
import { BodiesUnderWay } from './bodies-under-way.ts';
import { readBody } from './read-body.ts';

const MIB = 1024 * 1024;
const LARGE = LIMITS.webhookBodyBytes - 10;

describe('bodies under way', { timeout: 30_000 }, () => {
  const begin = (bodies: BodiesUnderWay, limit = LIMITS.webhookBodyBytes, endpoint = 'shop') => {
    const request = Object.assign(new PassThrough(), { headers: {}, complete: false });
    const read = readBody(request as unknown as IncomingMessage, limit, bodies, endpoint).then(
      (body) => body.length,
      (thrown: { reason: string }) => thrown.reason,
    );
    return { request, read };
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  test('are counted while they are read, however they end', async () => {
    const ends: [string, (request: PassThrough) => void, number | string][] = [
      ['whole', (request) => request.end(), 3],
      ['the sender goes away', (request) => request.destroy(), 'timeout'],
      ['too large', (request) => request.write('defgh'), 'body-too-large'],
    ];
    for (const [name, end, outcome] of ends) {
      const bodies = new BodiesUnderWay();
      const { request, read } = begin(bodies, 5);
      request.write('abc');
      await turn();
      assert.equal(bodies.bytes, 3, name);
      end(request);
      assert.equal(await read, outcome, name);
      await turn();
      assert.equal(bodies.bytes, 0, name);
    }
  });

  test('beyond the bound the first to have begun makes room, and the newest is read', async () => {
    const bodies = new BodiesUnderWay();
    const first = begin(bodies);
    const others = Array.from({ length: LIMITS.bytesUnderWay / MIB - 1 }, () => begin(bodies));
    for (const { request } of [first, ...others]) request.write(Buffer.alloc(MIB));
    await turn();
    assert.equal(bodies.bytes, LIMITS.bytesUnderWay, 'exactly the bound is allowed');
    const newest = begin(bodies);
    newest.request.write('x');
    assert.equal(await first.read, 'overloaded');
    assert.equal(bodies.bytes, LIMITS.bytesUnderWay - MIB + 1);
    first.request.write(Buffer.alloc(MIB));
    await turn();
    assert.equal(bodies.bytes, LIMITS.bytesUnderWay - MIB + 1, 'what it still sends is thrown away');
    for (const { request } of [newest, ...others]) request.end();
    assert.equal(await newest.read, 1);
    assert.deepEqual(new Set(await Promise.all(others.map(({ read }) => read))), new Set([MIB]));
    assert.equal(bodies.bytes, 0);
  });

  test('the endpoint that holds the most makes room, and no other', async () => {
    const bodies = new BodiesUnderWay();
    const quiet = begin(bodies, undefined, 'quiet');
    quiet.request.write(Buffer.alloc(MIB));
    await turn();
    const noisy = Array.from({ length: LIMITS.bytesUnderWay / MIB + 8 }, () => begin(bodies, undefined, 'noisy'));
    for (const { request } of noisy) request.write(Buffer.alloc(MIB));
    await turn();
    assert.ok(bodies.bytes <= LIMITS.bytesUnderWay);
    for (const { request } of [quiet, ...noisy]) request.end();
    assert.equal(await quiet.read, MIB, 'it began before all of them');
    const ends = await Promise.all(noisy.map(({ read }) => read));
    assert.equal(ends.filter((end) => end === 'overloaded').length, 9);
    assert.equal(bodies.bytes, 0);
  });
});

describe('hundreds of senders of large bodies who never finish', { timeout: 60_000 }, () => {
  const SENDERS = 300;
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  const sockets: Socket[] = [];
  before(async () => {
    gateway = await startHarness();
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await gateway.stop();
  });

  test('take no more memory than the bound, are told when to try again, and keep nobody out', async () => {
    const rssBefore = process.memoryUsage().rss;
    const answers = Array.from({ length: SENDERS }, () => '');
    const almost = Buffer.alloc(LARGE - 1, 'x');
    for (let n = 0; n < SENDERS; n++) {
      const socket = connect(Number(new URL(gateway.base).port), '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => (answers[n] = `${answers[n]}${chunk}`));
      socket.write(`POST /webhooks/shop HTTP/1.1\r\nHost: a\r\nContent-Length: ${LARGE}\r\n\r\n`);
      socket.write(almost);
    }
    const held = Math.floor(LIMITS.bytesUnderWay / almost.length);
    const told = () => answers.filter((answer) => answer !== '');
    while (told().length < SENDERS - held) await sleep(20);
    for (const answer of told()) assert.match(answer, /^HTTP\/1.1 503 .*\r\nRetry-After: 1\r\n/is);
    const metrics = await (await fetch(`${gateway.operator}/metrics`)).text();
    const bytes = Number(/^parley_webhook_bytes_under_way (\d+)$/m.exec(metrics)?.[1]);
    assert.ok(bytes > LIMITS.bytesUnderWay / 2 && bytes <= LIMITS.bytesUnderWay, `${bytes} bytes under way`);
    const grownMiB = (process.memoryUsage().rss - rssBefore) / MIB;
    assert.ok(grownMiB < 250, `resident memory grew by ${grownMiB.toFixed(0)} MiB`);
    assert.equal((await gateway.shopify('orders/create', orderBody())).status, 200, 'a signed webhook comes through');
  });
});
