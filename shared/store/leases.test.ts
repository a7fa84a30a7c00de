import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import type { Sql } from './connect.ts';
import { type LeasedPartition, LeaseKeeper } from './lease-keeper.ts';
import { fence, releaseLeases, renewLeases, takeLeases } from './leases.ts';
import { inStores } from './transaction.ts';

describe('leases', () => {
  let database: TestDatabase;
  let sql: Sql;

  before(async () => {
    database = await createDatabase();
    sql = database.open('context');
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values ('shop', 'sandbox', 'live', now(), 7, 'live', 'GBP', 'UTC')`;
  });
  after(() => database.close());
  beforeEach(() => database.sql`delete from leases`);

  const take = (holder: string, restarted = false) => takeLeases(sql, 'context', holder, [7], restarted);
  const runOut = () => database.sql`update leases set until = now() - interval '1 second'`;
  const fenced = (epoch: number) => inStores(sql, ['shop'], (tx) => fence(tx, 'context', 7, epoch));

  test('what nobody holds is taken, what somebody holds is not, what ran out is taken with the next epoch', async () => {
    assert.deepEqual(await take('a'), [{ partition: 7, epoch: 1 }]);
    assert.deepEqual(await take('b'), []);
    await runOut();
    assert.deepEqual(await take('b'), [{ partition: 7, epoch: 2 }]);
    assert.equal(await fenced(1), false);
    assert.equal(await fenced(2), true);
  });

  test('who has just begun takes back at once what its host held, with the next epoch', async () => {
    await take('a');
    assert.deepEqual(await take('a', true), [{ partition: 7, epoch: 2 }]);
  });

  test('a renewal names its epoch: an earlier life on the same host has none', async () => {
    await take('a');
    await take('a', true);
    assert.deepEqual(await renewLeases(sql, 'context', [{ partition: 7, epoch: 1 }]), []);
    assert.deepEqual(await renewLeases(sql, 'context', [{ partition: 7, epoch: 2 }]), [{ partition: 7, epoch: 2 }]);
    assert.deepEqual(await take('a'), [], 'nor does it take it again under the same name');
  });

  test('a lease that ran out is still renewed while nobody has taken it', async () => {
    await take('a');
    await runOut();
    assert.deepEqual(await renewLeases(sql, 'context', [{ partition: 7, epoch: 1 }]), [{ partition: 7, epoch: 1 }]);
    assert.deepEqual(await take('b'), []);
  });

  test('giving back what has moved on takes nothing from its new holder', async () => {
    await take('a');
    await take('a', true);
    await releaseLeases(sql, 'context', [{ partition: 7, epoch: 1 }]);
    assert.deepEqual(await take('b'), []);
    await releaseLeases(sql, 'context', [{ partition: 7, epoch: 2 }]);
    assert.deepEqual(await take('b'), [{ partition: 7, epoch: 3 }]);
  });

  test('a lease stands from its taking on, while its taker listens', async () => {
    const made = new LeaseKeeper({
      service: 'context',
      sql,
      logger: createLogger('test', 'silent'),
      listenMs: LIMITS.leaseMs - LIMITS.leaseRenewMs + 100,
      onRenewed: async () => {},
      open: (_partition, epoch) => idle(epoch),
    });
    made.start();
    let over = 0;
    for (
      const end = performance.now() + LIMITS.leaseMs + 2 * LIMITS.leaseRenewMs;
      performance.now() < end;
      await sleep(25)
    ) {
      const [row] = await database.sql<{ over: boolean }[]>`select until < clock_timestamp() as over from leases`;
      if (row?.over) over++;
    }
    assert.equal(over, 0);
    assert.equal(made.partitions.size, 1);
    await made.stop();
  });

  test('a store that is added is seated within two renewals, and one that is removed is let go', async () => {
    const seated = new Set<string>();
    const made = new LeaseKeeper({
      service: 'context',
      sql,
      logger: createLogger('test', 'silent'),
      listenMs: 1,
      onRenewed: async () => {},
      open: (_partition, epoch) => ({
        ...idle(epoch),
        seat: async (row) => void seated.add(row.store),
        keepOnly: (stores) => {
          for (const store of seated) if (!stores.some((row) => row.store === store)) seated.delete(store);
        },
      }),
    });
    made.start();
    await until(() => seated.has('shop'));
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values ('new', 'shopify', 'live', now(), 7, 'watch', 'GBP', 'UTC')`;
    await until(() => seated.has('new'));
    await database.sql`update stores set mode = 'removed' where store = 'new'`;
    await until(() => !seated.has('new'));
    assert.deepEqual([...seated], ['shop']);
    await made.stop();
    await database.sql`delete from stores where store = 'new'`;
  });

  test('of two instances on one host only the later one works the partition', async () => {
    const keeper = () => {
      const opened: number[] = [];
      const made = new LeaseKeeper({
        service: 'context',
        sql,
        logger: createLogger('test', 'silent'),
        listenMs: 1,
        onRenewed: async () => {},
        open: (_partition, epoch) => {
          opened.push(epoch);
          return idle(epoch);
        },
      });
      made.start();
      return { made, opened };
    };
    const first = keeper();
    await until(() => first.made.partitions.size === 1);
    const second = keeper();
    await until(() => second.made.partitions.size === 1 && first.made.partitions.size === 0);
    await sleep(3 * LIMITS.leaseRenewMs);
    assert.deepEqual([first.made.partitions.size, second.made.partitions.size], [0, 1]);
    assert.deepEqual([first.opened, second.opened], [[1], [2]]);
    await first.made.stop();
    assert.deepEqual(await take('b'), [], 'its stop leaves the lease of the other alone');
    await second.made.stop();
    assert.deepEqual(await take('b'), [{ partition: 7, epoch: 3 }]);
  });
});

const idle = (epoch: number): LeasedPartition => ({
  epoch,
  seat: async () => {},
  keepOnly: () => {},
  start: () => {},
  stop: async () => {},
});

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 500, `waited in vain: ${holds}`);
    await sleep(20);
  }
}
