import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '#shared/runtime/limits.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { type Receiving, signedHeaders, startReceiving } from '../processes/receiving.ts';
import { probe, probeAtBest } from './probe.ts';
import { exchange, request } from './raw.ts';

const PER_SECOND = 1_000;
/** Fewer than the connections that there are: who takes those away is another matter. A machine that is busy answers fewer a second. */
const AT_ONCE = 100;
const SECONDS = 4;
const TURN_MS = 20;
const TRIES = 3;
/** Half a second on a quiet machine; Shopify waits for five, and a test is no benchmark. */
const GIVES_UP_MS = 5_000;
/** Large ones: more bytes than may wait for a commit of one endpoint. */
const LARGE = 1 + LIMITS.bytesWaiting / LIMITS.webhookBodyBytes;
const BODY = JSON.stringify(orderBody({ note: 'n'.repeat(4_000) }));

describe('one noisy source', { timeout: 120_000 }, () => {
  let receiving: Receiving;
  before(async () => {
    receiving = await startReceiving(['noisy', 'quiet']);
  });
  after(() => receiving.stop());

  const post = (headers: Record<string, string>, body = BODY) => {
    const whole = { ...headers, 'Content-Length': Buffer.byteLength(body) };
    return exchange(receiving.port, request('POST /webhooks/noisy', whole, body));
  };

  /** Bad signatures at that rate until it is told to end, and how often it was answered what. */
  async function flood(signal: AbortSignal): Promise<Map<number | undefined, number>> {
    const counts = new Map<number | undefined, number>();
    const underWay = new Set<Promise<void>>();
    const count = (status?: number) => void counts.set(status, (counts.get(status) ?? 0) + 1);
    const headers = { ...signedHeaders(BODY, 'orders/create', 'wrong'), 'X-Shopify-Shop-Domain': 'quiet' };
    const startedAt = performance.now();
    for (let n = 0; !signal.aborted; n++) {
      await sleep(Math.max(0, startedAt + n * TURN_MS - performance.now()));
      for (let k = 0; k < (PER_SECOND * TURN_MS) / 1_000 && underWay.size < AT_ONCE; k++) {
        const one = post(headers)
          .then(
            ({ statuses }) => count(statuses[0]),
            () => count(),
          )
          .finally(() => underWay.delete(one));
        underWay.add(one);
      }
    }
    await Promise.all(underWay);
    return counts;
  }

  test(`with ${PER_SECOND} bad signatures a second delays no other, whatever shop it claims to be`, async (context) => {
    const alone = await probe(receiving.port, 'quiet', TURN_MS, 1);
    // What else the machine has to do delays this one, flood or none.
    const allowedMs = Math.max(500, 4 * alone.p99Ms);
    const attack = new AbortController();
    const flooding = flood(attack.signal);
    const probed = await probeAtBest(receiving.port, 'quiet', TURN_MS, SECONDS, allowedMs).finally(() =>
      attack.abort(),
    );
    const statuses = await flooding;
    context.diagnostic(JSON.stringify({ ...probed, refused: [...statuses] }));
    assert.equal(probed.share, 1);
    assert.ok(
      probed.p99Ms < Math.max(GIVES_UP_MS, allowedMs),
      `p99 of the quiet one: ${probed.p99Ms.toFixed(0)} ms, alone ${alone.p99Ms.toFixed(0)}`,
    );
    assert.deepEqual([...statuses.keys()], [401]);
    const metrics = await (await fetch(`${receiving.operator}/metrics`)).text();
    assert.match(metrics, /parley_webhooks_total\{end="bad-signature",endpoint="noisy"\} \d{3}/);
    assert.doesNotMatch(metrics, /end="bad-signature",endpoint="quiet"/);
  });

  test('that sends more than can be kept is told so, and the other’s webhooks are taken', async () => {
    const { sql } = receiving.database;
    const large = JSON.stringify(orderBody({ note: 'n'.repeat(LIMITS.webhookBodyBytes - 10_000) }));
    // Where the machine is so busy that what waits has to be refused for its age, it is tried again.
    for (let tries = 1; ; tries++) {
      const lockedAt = performance.now();
      const { answers, quiet } = await sql.begin(async (tx) => {
        // Nothing can be committed for a while, and everything waits.
        await tx`lock table deliveries in access exclusive mode`;
        const answers = Array.from({ length: LARGE }, () => post(signedHeaders(large), large));
        assert.match((await Promise.race(answers)).text, /^HTTP\/1\.1 503 .*^Retry-After: 1\r$/ms);
        const quiet = probe(receiving.port, 'quiet', 10, 0.1);
        await sleep(200);
        // In an object, so that the transaction does not wait for what waits for its end.
        return { answers, quiet };
      });
      const [others, { share }] = await Promise.all([Promise.all(answers), quiet]);
      const isInTime = performance.now() - lockedAt < LIMITS.commitMs;
      if (!isInTime && tries < TRIES) continue;
      const statuses = others.map((answer) => answer.statuses[0]);
      assert.ok(statuses.includes(503) && statuses.every((status) => status === 200 || status === 503), `${statuses}`);
      const metrics = await (await fetch(`${receiving.operator}/metrics`)).text();
      assert.match(metrics, /parley_webhooks_total\{end="rate-limited",endpoint="noisy"\} [1-9]/);
      assert.doesNotMatch(metrics, /end="(?:rate-limited|overloaded)",endpoint="quiet"/);
      if (isInTime) assert.ok(share === 1 && statuses.includes(200), `${share} of the other's, ${statuses}`);
      return;
    }
  });
});
