import assert from 'node:assert/strict';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { freePort } from '#shared/runtime/embedded/child.ts';
import { createDatabase } from '#shared/testing/database.ts';
import { isUnavailable, openStore } from './connect.ts';

const CONNECTIONS = 2;
const BACK_MS = 8_000;
/** Without what connectWithoutDelay and FILL do, one in ten or so never ended. */
const ROUNDS = 30;

/** The database behind a door that opens and shuts. */
function door(target: URL, port: number) {
  const passing = new Set<Socket>();
  let server: Server | undefined;
  return {
    async open() {
      server = createServer((near) => {
        const far = connect(Number(target.port), target.hostname);
        for (const [from, to] of [
          [near, far],
          [far, near],
        ] as const) {
          passing.add(from);
          from.on('error', () => {});
          from.on('close', () => to.destroy());
          from.pipe(to);
        }
      });
      await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    },
    async shut() {
      for (const socket of passing) socket.resetAndDestroy();
      passing.clear();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    },
  };
}

describe('a store whose database goes and comes', async () => {
  const database = await createDatabase();
  const url = new URL(database.url);
  const port = await freePort();
  const way = door(new URL(database.url), port);
  url.port = String(port);
  url.hostname = '127.0.0.1';
  const sql = openStore({ url: url.href, service: 'test', connections: CONNECTIONS });
  after(async () => {
    await sql.end({ timeout: 1 });
    await way.shut();
    await database.close();
  });

  async function inTime(answered: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const late = sleep(BACK_MS, over.signal).then(() =>
      assert.ok(over.signal.aborted, `no answer within ${BACK_MS} ms`),
    );
    await Promise.race([late, answered]);
    over.abort();
  }

  async function refusals(times: number): Promise<void> {
    for (let time = 0; time < times; time++)
      await assert.rejects(
        async () => await sql`select 1`,
        (thrown) => isUnavailable(thrown),
      );
  }

  async function answersAgain(): Promise<void> {
    const answered = (async () => {
      for (;;) {
        const rows = await sql<{ n: number }[]>`select 1 as n`.catch(() => undefined);
        if (rows) return assert.equal(rows[0]?.n, 1);
        await sleep(20);
      }
    })();
    await inTime(answered);
  }

  test('answers after more refused connections than it has', async () => {
    await refusals(CONNECTIONS * 2);
    await way.open();
    await answersAgain();
  });

  test('and after connections that broke in the middle', async () => {
    const broken = Promise.allSettled([sql`select pg_sleep(5)`, sql.begin((tx) => tx`select pg_sleep(5)`)]);
    await sleep(100);
    await way.shut();
    assert.deepEqual(
      (await broken).map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await refusals(CONNECTIONS * 2);
    await way.open();
    await answersAgain();
  });

  test('and whatever asks again while its connections are ending', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const dying = openStore({ url: database.url, service: 'dying', connections: 3 });
      const ask = () => dying`select 1`.then(nothing, nothing);
      await Promise.all([1, 2, 3].map(() => dying`select pg_sleep(0.02)`));
      const cut = dying`select pg_sleep(5)`.catch(() => Promise.all([ask(), ask()]));
      await sleep(20);
      await database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'parley-dying'`;
      await inTime(cut.then(() => Promise.all([ask(), ask(), ask()])));
      await dying.end({ timeout: 0 });
    }
  });
});

function nothing(): void {}
