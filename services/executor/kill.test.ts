import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep } from '#shared/runtime/clocks.ts';
import { startTestNats, type TestNats } from '#shared/testing/nats.ts';
import { type Bench, openBench, STORE, seedAction } from './testing/bench.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const ACTIONS = 60;
const KILLS = 6;

describe('the executor as a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-executor-'));
  let bench: Bench;
  let nats: TestNats;

  before(async () => {
    [bench, nats] = await Promise.all([openBench(), startTestNats()]);
    await nats.ensure([STORE]);
    writeFileSync(join(folder, 'master.key'), Buffer.from(bench.master.bytes).toString('hex'));
  });
  after(async () => {
    await Promise.all([bench.close(), nats.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (): ChildProcess =>
    spawn(process.execPath, [MAIN], {
      env: {
        DATABASE_URL: bench.database.urlOf('executor'),
        NATS_URL: nats.urlOf('executor'),
        PARLEY_MASTER_KEY_FILE: join(folder, 'master.key'),
        PARLEY_SMTP_URL: 'smtp://127.0.0.1:1',
        PARLEY_MAIL_FROM: 'parley@example.invalid',
        PARLEY_PUBLIC_PORT: '4000',
        PARLEY_LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  const open = async () => {
    const [row] = await bench.database.sql<
      { n: number }[]
    >`select count(*)::int as n from actions where state in ('pending', 'calling', 'unknown')`;
    return row!.n;
  };

  /** A moment counted from the start would hit calls on one machine and miss them on another. */
  const untilCalling = async () => {
    for (const end = Date.now() + 5_000; Date.now() < end; ) {
      const [row] = await bench.database.sql<
        { n: number }[]
      >`select count(*)::int as n from actions where state = 'calling'`;
      if (row!.n > 0) return;
    }
  };

  test('killed again and again, every action ends, and none has two effects', async () => {
    bench.store.delayMs = 30;
    for (let n = 0; n < ACTIONS; n++) {
      const order = `k${n}`;
      await seedAction(
        bench.database,
        n % 2 === 0
          ? { action: order, type: 'order.tag', leaves: [`order:${order}`], params: { order, tag: order } }
          : {
              action: order,
              type: 'refund.issue',
              leaves: [`order:${order}`],
              params: { order, amountMinor: 100 + n, currency: 'GBP', note: order },
            },
      );
    }
    for (let kill = 0; kill < KILLS; kill++) {
      const child = start();
      await once(child, 'message');
      await untilCalling();
      await sleep(kill * 3);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const last = start();
    const until = Date.now() + 20_000;
    while ((await open()) > 0 && Date.now() < until) {
      // Looks and deadlines run on Postgres's clock; what would take half a minute is brought forward.
      await bench.database
        .sql`update actions set next_look_at = clock_timestamp(), call_by = clock_timestamp() - interval '1 second' where state = 'unknown' and next_look_at is not null`;
      await sleep(200);
    }
    last.kill('SIGTERM');
    const [code] = await once(last, 'exit');
    assert.equal(code, 0);
    const rows = await bench.database.sql<{ action: string; state: string }[]>`select action, state from actions`;
    const ends = Object.groupBy(rows, (row) => row.state);
    assert.deepEqual(
      Object.keys(ends).filter((state) => state !== 'done' && state !== 'failed'),
      [],
    );
    for (const { action, state } of rows)
      assert.equal(bench.store.effectsOf(action), state === 'done' ? 1 : 0, `${action} ${state}`);
    const told = await bench.database
      .sql`select cause from events where type in ('action.done', 'action.failed') group by cause having count(*) > 1`;
    assert.deepEqual([...told], [], 'no end is told twice');
    const unknown = await bench.database.sql`select 1 from events where type = 'action.unknown'`;
    assert.ok(unknown.length > 0, 'the kills have hit calls under way');
  });
});
