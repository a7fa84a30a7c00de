import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTestCluster, TEST_POSTGRES, type TestCluster } from '#shared/testing/database.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { type Receiving, signedHeaders, startReceiving } from '../processes/receiving.ts';
import { type Exchange, exchange, request } from './raw.ts';

const SENDERS = 16;
/** Ten thousand are what was run by hand: PARLEY_TEST_POSTS=10000. */
const POSTS = Number(process.env.PARLEY_TEST_POSTS ?? 600);
const WAIT_MS = 3_000;

let orders = 7_000_000;

interface Sent extends Exchange {
  readonly event: string;
}

/** No 200 without a commit: whatever Postgres does, what was answered 200 is there afterwards, and the rest is told when to come again. */
describe('without Postgres', { timeout: 180_000 }, () => {
  let cluster: TestCluster;
  let receiving: Receiving;
  const outer = process.env[TEST_POSTGRES];
  before(async () => {
    cluster = await startTestCluster(true);
    process.env[TEST_POSTGRES] = cluster.url;
    receiving = await startReceiving();
  });
  after(async () => {
    await receiving.stop();
    await cluster.stop();
    if (outer) process.env[TEST_POSTGRES] = outer;
  });

  async function post(slug = 'shop'): Promise<Sent> {
    orders += 1;
    const body = JSON.stringify(orderBody({ id: orders, admin_graphql_api_id: `gid://shopify/Order/${orders}` }));
    const event = `event-${orders}`;
    const headers = { ...signedHeaders(body), 'X-Shopify-Event-Id': event, 'Content-Length': Buffer.byteLength(body) };
    return { ...(await exchange(receiving.port, request(`POST /webhooks/${slug}`, headers, body))), event };
  }

  /** Sends them over several senders at once while `fault` is done and undone. */
  async function sendDuring(fault: () => Promise<void>): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    const senders = Array.from({ length: SENDERS }, async () => {
      while (sent.length < POSTS) sent.push(await post());
    });
    await Promise.all([fault(), ...senders]);
    return sent;
  }

  async function check(sent: readonly Sent[]): Promise<{ taken: number; refused: number }> {
    const taken = sent.filter(({ statuses }) => statuses[0] === 200);
    const refused = sent.filter(({ statuses }) => statuses[0] !== 200);
    const keys = taken.map(({ event }) => `orders/create|event|${event}`);
    const [row] = await receiving.database.sql`select count(*)::int as n from deliveries where key = any(${keys})`;
    assert.equal(row!.n, taken.length, 'answered 200 and not there');
    for (const { statuses, text, ms } of refused) {
      assert.deepEqual(statuses, [503]);
      assert.match(text, /^Retry-After: [1-9]\d*\r$/m);
      assert.ok(ms < WAIT_MS, `the sender waited ${ms.toFixed(0)} ms`);
    }
    return { taken: taken.length, refused: refused.length };
  }

  async function served(): Promise<void> {
    for (const until = performance.now() + 30_000; (await post()).statuses[0] !== 200; await sleep(100))
      assert.ok(performance.now() < until, 'it does not take webhooks again');
  }

  test('that is killed and starts again: nothing that was answered 200 is lost', async (context) => {
    await served();
    const sent = await sendDuring(async () => {
      await sleep(150);
      await cluster.crash();
      await sleep(1_000);
      await cluster.restart();
    });
    await served();
    const { taken, refused } = await check(sent);
    context.diagnostic(`${taken} taken, ${refused} refused`);
    assert.ok(taken > 0 && refused > 0);
  });

  test('that takes no writes: none is answered 200', async (context) => {
    const { sql } = receiving.database;
    const readOnly = async (is: string) => {
      await sql.unsafe(
        `alter database ${new URL(receiving.database.url).pathname.slice(1)} set default_transaction_read_only = ${is}`,
      );
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parley-gateway'`;
      await sleep(300);
    };
    await readOnly('on');
    const sent = await sendDuring(async () => {});
    const { taken } = await check(sent);
    context.diagnostic(`${sent.length} refused`);
    assert.equal(taken, 0);
    await sql`set default_transaction_read_only = off`;
    await readOnly('off');
    await served();
  });

  test('that does not answer: its senders are not kept waiting', async (context) => {
    const { sql } = receiving.database;
    const sent = await sql.begin(async (tx) => {
      await tx`lock table deliveries in access exclusive mode`;
      return await Promise.all(Array.from({ length: 40 }, () => post()));
    });
    const { taken, refused } = await check(sent);
    context.diagnostic(`${taken} taken, ${refused} refused`);
    assert.equal(taken, 0);
    await served();
  });

  test('that hangs: a sender whose endpoint is not known yet is told to come again, and not that there is none', async () => {
    const { sql } = receiving.database;
    const sent = await sql.begin(async (tx) => {
      await tx`lock table endpoints in access exclusive mode`;
      // By then what was read last is too old to say of any endpoint that it is not there.
      await sleep(1_000);
      return await Promise.all(Array.from({ length: 4 }, () => post('added-a-moment-ago')));
    });
    const { taken } = await check(sent);
    assert.equal(taken, 0);
    await served();
    assert.deepEqual((await post('added-a-moment-ago')).statuses, [404]);
  });
});
