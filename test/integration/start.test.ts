import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startWorld } from '../world.ts';

describe('the whole system on one machine', async () => {
  const world = await startWorld();
  after(() => world.stop());

  test('is ready, and says on both listeners what the bus is worth', async () => {
    for (const url of [world.publicUrl, world.operatorUrl]) {
      const response = await fetch(`${url}/readyz`);
      assert.equal(response.status, 200);
      assert.match(await response.text(), /transport only|fsync/);
    }
  });

  test('a webhook becomes one event with one closed round, however often it is sent', async () => {
    const data = { sku: '85123A', views: 900, baselineViews: 100, windowMinutes: 60 };
    for (let copy = 0; copy < 3; copy++) {
      assert.equal((await world.postWorld('traffic.spiked', data, { id: 'msg_once' })).status, 200);
    }
    await world.untilQuiet();
    const rows = await world.sql`
      select e.type, r.closed_as from events e left join rounds r on r.store = e.store and r.seq = e.seq where e.store = ${world.store} and e.type = 'traffic.spiked'`;
    assert.deepEqual([...rows], [{ type: 'traffic.spiked', closed_as: 'complete' }]);
  });

  test('a forged signature is refused and leaves nothing', async () => {
    const forged = await world.postWorld(
      'traffic.spiked',
      { sku: '1' },
      { secret: `whsec_${Buffer.alloc(32).toString('base64')}`, id: 'msg_forged' },
    );
    assert.equal(forged.status, 401);
    const [row] =
      await world.sql`select count(*)::int as n from deliveries where headers ->> 'webhook-id' = 'msg_forged'`;
    assert.equal(row?.n, 0);
  });

  test('every service has a login of its own, and none is a superuser', async () => {
    const rows =
      await world.sql`select usename, usesuper from pg_stat_activity join pg_user using (usename) where application_name like 'parley-%' and datname = current_database()`;
    const services = rows.filter(
      (row) => String(row.usename).includes('_gateway') || String(row.usename).includes('_context'),
    );
    assert.ok(services.length >= 2, `connected: ${rows.map((row) => row.usename).join(', ')}`);
    assert.ok(services.every((row) => row.usesuper === false));
  });

  test('a service that is killed comes back by itself', async () => {
    const before = world.system.pids().pricing;
    world.kill('pricing');
    const until = performance.now() + 15_000;
    while (
      performance.now() < until &&
      (world.system.pids().pricing === before || world.system.status().pricing?.state !== 'up')
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.notEqual(world.system.pids().pricing, before);
    assert.equal(world.system.status().pricing?.state, 'up');
    assert.equal(world.system.status().pricing?.restarts, 1);
  });
});
