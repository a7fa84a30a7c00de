import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Receiving, startReceiving } from '../processes/receiving.ts';
import { probe, probeAtBest } from './probe.ts';
import { CRLF, opened, request } from './raw.ts';

const MIB = 1024 * 1024;
const SENDERS = 1_000;
/** Two minutes are what slowhttptest is run for by hand: PARLEY_TEST_SLOW_SECONDS=120. */
const SECONDS = Number(process.env.PARLEY_TEST_SLOW_SECONDS ?? 6);
const BYTE_MS = 500;
const EVERY_MS = 25;
/** Within a second on a quiet machine; Shopify waits for five, and a test is no benchmark. */
const GOOD_MS = 1_000;
const GIVES_UP_MS = 5_000;

/** Headers that never end, bodies that never end, answers that are never read, and nothing at all. */
const BEGINNINGS = [
  `POST /webhooks/shop HTTP/1.1${CRLF}Host: a${CRLF}X-A: `,
  request('POST /webhooks/shop', { 'Content-Length': 1_000_000 }),
  request('GET /healthz', {}).repeat(5),
  '',
];

describe(`${SENDERS} slow connections`, { timeout: (3 * SECONDS + 60) * 1_000 }, () => {
  let receiving: Receiving;
  const sockets: Socket[] = [];
  before(async () => {
    receiving = await startReceiving();
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await receiving.stop();
  });

  test(`keep nobody out: 99 of 100 are taken, 99 of 100 before a platform gives up, and memory is bounded`, async (context) => {
    await probe(receiving.port, 'shop', EVERY_MS, 1);
    const before = await receiving.gateway.usage();
    const attack = new AbortController();
    const attackers = Array.from({ length: SENDERS }, (_, n) => hold(n, attack.signal));
    const { probed, rssBytes } = await underAttack().finally(() => {
      attack.abort();
      for (const socket of sockets) socket.destroy();
    });
    await Promise.all(attackers);
    const grown = (rssBytes - before.rssBytes) / MIB;
    context.diagnostic(JSON.stringify({ ...probed, grownMiB: Math.round(grown) }));
    assert.ok(probed.share >= 0.99, `${(probed.share * 100).toFixed(1)} % were taken`);
    assert.ok(probed.p99Ms < GIVES_UP_MS, `p99 ${probed.p99Ms.toFixed(0)} ms`);
    assert.ok(grown < 60, `resident memory grew by ${grown.toFixed(0)} MiB`);
  });

  async function underAttack() {
    // Before they push each other out the attack is none.
    while ((await pushedOut()) < SENDERS / 4) await sleep(50);
    const probed = await probeAtBest(receiving.port, 'shop', EVERY_MS, SECONDS, GOOD_MS);
    const { rssBytes } = await receiving.gateway.usage();
    return { probed, rssBytes };
  }

  async function pushedOut(): Promise<number> {
    const metrics = await (await fetch(`${receiving.operator}/metrics`)).text();
    return Number(/^parley_connections_pushed_out_total (\d+)$/m.exec(metrics)?.[1]);
  }

  /** Holds one connection for as long as it may, a byte now and then, and takes a new one when it is cut off. */
  async function hold(n: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const socket = await opened(receiving.port).catch(() => undefined);
      if (!socket) {
        await sleep(BYTE_MS);
        continue;
      }
      sockets.push(socket);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      socket.pause();
      socket.write(BEGINNINGS[n % BEGINNINGS.length]!);
      const dribble = setInterval(() => socket.write('a'), BYTE_MS);
      // Paused, it learns of the other side's end by writing.
      await closed;
      clearInterval(dribble);
      await sleep(BYTE_MS);
    }
  }
});
