import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LIMITS } from '#shared/runtime/limits.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { type Receiving, signedHeaders, startReceiving } from '../processes/receiving.ts';
import { probe, probeAtBest } from './probe.ts';
import { exchange, request } from './raw.ts';

const PER_SECOND = 1_000;
const SECONDS = 5;
const TURN_MS = 20;
const TRIES = 5;
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

  test(`with ${PER_SECOND} bad signatures a second delays no other, whatever shop it claims to be`, async (context) => {
    const statuses = new Map<number, number>();
    const attack = new AbortController();
    const flood = async () => {
      const startedAt = performance.now();
      for (let n = 0; !attack.signal.aborted; n++) {
        await sleep(Math.max(0, startedAt + n * TURN_MS - performance.now()));
        for (let k = 0; k < (PER_SECOND * TURN_MS) / 1_000; k++)
          void post({ ...signedHeaders(BODY, 'orders/create', 'wrong'), 'X-Shopify-Shop-Domain': 'quiet' }).then(
            (answer) => statuses.set(answer.statuses[0]!, (statuses.get(answer.statuses[0]!) ?? 0) + 1),
          );
      }
    };
    const flooding = flood();
    const probed = await probeAtBest(receiving.port, 'quiet', TURN_MS, SECONDS, 500);
    attack.abort();
    await flooding;
    context.diagnostic(JSON.stringify({ ...probed, refused: [...statuses] }));
    assert.equal(probed.share, 1);
    assert.ok(probed.p99Ms < 500, `p99 of the quiet one: ${probed.p99Ms.toFixed(0)} ms`);
    assert.deepEqual([...statuses.keys()], [401]);
    const metrics = await (await fetch(`${receiving.operator}/metrics`)).text();
    assert.match(metrics, /parley_webhooks_total\{end="bad-signature",endpoint="noisy"\} \d{4}/);
    assert.doesNotMatch(metrics, /end="bad-signature",endpoint="quiet"/);
  });

  test('that sends more than can be kept is told so, and the other’s webhooks are taken', async () => {
    const { sql } = receiving.database;
    const large = JSON.stringify(orderBody({ note: 'n'.repeat(LIMITS.webhookBodyBytes - 10_000) }));
    // Where the machine is so busy that what waits has to be refused for its age, it is tried again.
    for (let tries = 1; ; tries++) {
      const { answers, quiet, ms } = await sql.begin(async (tx) => {
        // Nothing can be committed for a while, and everything waits.
        await tx`lock table deliveries in access exclusive mode`;
        const lockedAt = performance.now();
        const answers = Array.from({ length: LARGE }, () => post(signedHeaders(large), large));
        assert.match((await Promise.race(answers)).text, /^HTTP\/1\.1 429 .*^Retry-After: 1\r$/ms);
        const quiet = probe(receiving.port, 'quiet', 10, 0.1);
        await sleep(200);
        // In an object, so that the transaction does not wait for what waits for its end.
        return { answers, quiet, ms: performance.now() - lockedAt };
      });
      const [others, { share }] = await Promise.all([Promise.all(answers), quiet]);
      if (ms > LIMITS.commitMs / 2 && tries < TRIES) continue;
      assert.equal(share, 1);
      const statuses = others.map((answer) => answer.statuses[0]);
      assert.ok(statuses.includes(200) && statuses.every((status) => status === 200 || status === 429), `${statuses}`);
      return;
    }
  });
});
