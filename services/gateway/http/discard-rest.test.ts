import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { LIMITS } from '#shared/runtime/limits.ts';
import { startHarness } from '../fixtures/harness.ts';
import { discardRests } from './discard-rest.ts';

const MIB = 1024 * 1024;
/** Two hundred of each were run once; a reset that depends on time showed within the first few. */
const TIMES = 20;

describe('an answer that is given before the body has come', { timeout: 120_000 }, () => {
  let gateway: Awaited<ReturnType<typeof startHarness>>;
  before(async () => {
    gateway = await startHarness();
  });
  after(() => gateway.stop());

  const cases = [
    ['too large', '/webhooks/shop', 413],
    ['to an unknown endpoint', '/webhooks/nobody', 404],
  ] as const;
  for (const [name, path, status] of cases) {
    test(`${name}: fetch sees it every time`, async () => {
      const body = 'x'.repeat(3_000_000);
      for (let n = 0; n < TIMES; n++) {
        const response = await fetch(`${gateway.base}${path}`, { method: 'POST', body });
        assert.equal(response.status, status);
        assert.notEqual(await response.text(), '');
      }
    });

    test(`${name}: one that writes to its end before it reads sees it every time, and may go on`, async () => {
      for (let n = 0; n < TIMES; n++) {
        const answers = await writeThenRead(Number(new URL(gateway.base).port), path, 3 * MIB, n % 20 === 0 ? 5 : 0);
        assert.match(answers, new RegExp(`^HTTP/1.1 ${status} `));
        assert.match(answers, /HTTP\/1\.1 200 OK/, 'the connection still serves');
      }
    });
  }

  test('a body that turns out to be too large, without a length: the same', async () => {
    for (let n = 0; n < TIMES; n++) {
      const body = new ReadableStream({
        start(controller) {
          for (let mib = 0; mib < 3; mib++) controller.enqueue(new Uint8Array(MIB));
          controller.close();
        },
      });
      const response = await fetch(`${gateway.base}/webhooks/shop`, { method: 'POST', body, duplex: 'half' } as never);
      assert.equal(response.status, 413);
    }
  });
});

describe('a sender that does not stop', () => {
  let server: Server;
  before(async () => {
    server = createServer((_, outgoing) => outgoing.writeHead(413).end('too large'));
    discardRests(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  test('is cut off at the limit, and fills no memory', { timeout: 60_000 }, async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    socket.on('error', () => {});
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${100 * LIMITS.discardedBytes}\r\n\r\n`);
    const chunk = Buffer.alloc(MIB);
    const rssBefore = process.memoryUsage().rss;
    let sent = 0;
    while (!socket.destroyed) {
      sent += chunk.length;
      if (!socket.write(chunk)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed]);
      assert.ok(sent < 90 * LIMITS.discardedBytes, 'it was never cut off');
    }
    await closed;
    assert.match(answer, /^HTTP\/1.1 413 /);
    const grownMiB = (process.memoryUsage().rss - rssBefore) / MIB;
    assert.ok(grownMiB < 64, `resident memory grew by ${grownMiB.toFixed(0)} MiB`);
  });
});

/** Sends a request of so many bytes and a second, small one behind it; reads only then. Answers all that came. */
function writeThenRead(port: number, path: string, bytes: number, pauseMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let answers = '';
    socket.pause();
    socket.on('error', reject);
    socket.on('data', (chunk) => (answers += chunk));
    socket.on('end', () => resolve(answers));
    void (async () => {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${bytes}\r\n\r\n`);
      const chunk = Buffer.alloc(bytes / 16, 'x');
      for (let n = 0; n < 16; n++) {
        if (pauseMs > 0) await new Promise((next) => setTimeout(next, pauseMs));
        await new Promise<void>((next) => socket.write(chunk, () => next()));
      }
      socket.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      socket.resume();
    })();
  });
}
