import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { openPerson } from '#shared/runtime/personal.ts';
import { levelBody, orderBody, productBody } from './fixtures/bodies.ts';
import { startHarness } from './fixtures/harness.ts';

describe('echoes, people and faults of the database', async () => {
  const gateway = await startHarness();
  after(() => gateway.stop());
  const { sql } = gateway;
  const correlation = '01900000-0000-7000-8000-00000000000a';

  const act = (action: string, state: string, writes: unknown, callBy = '30 seconds') => sql`
    insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, call_by, ended_at, correlation, depth)
    values ('shop', ${action}, 'price.set', 'pricing', '{}', ${['sku:85123A']}, ${sql.json(writes as never)}, 'x', now(), ${state},
      now() + ${callBy}::interval, ${state === 'done' ? sql`now()` : null}, ${correlation}, 2)`;
  const priced = (price: string, at: string) =>
    gateway.shopify(
      'products/update',
      productBody({ updated_at: at, variants: [{ ...productBody().variants[0], price }] }),
    );
  const prices = () =>
    sql`select data, cause, addressee, correlation, depth from events where type = 'price.changed' order by seq`;
  const state = async (at: string) => {
    const [row] = await sql`select state, echo from deliveries where convert_from(body, 'UTF8') like ${`%${at}%`}`;
    return row;
  };

  test('a price that a done action wrote is its echo, and nobody is asked', async () => {
    await gateway.shopify('products/create', productBody());
    await gateway.settled();
    await act('act-done', 'done', [
      { resource: 'sku:85123A', attribute: 'price', value: { minor: 300, currency: 'GBP' } },
    ]);
    await priced('3.00', '2026-02-01T10:00:00Z');
    await gateway.settled();
    const event = (await prices()).at(-1);
    assert.deepEqual(
      [event?.cause, event?.addressee, event?.correlation, event?.depth],
      ['act-done', 'nobody', correlation, 2],
    );
    assert.equal((await state('2026-02-01T10:00:00Z'))?.echo, 'act-done');
  });

  test("a person's price is not", async () => {
    await priced('3.50', '2026-02-01T11:00:00Z');
    await gateway.settled();
    const event = (await prices()).at(-1);
    assert.deepEqual([event?.cause, event?.addressee, event?.depth], [null, null, 0]);
  });

  test('while the action is being called its echo waits, others go on, and the outcome releases it', async () => {
    await act('act-open', 'calling', [
      { resource: 'sku:85123A', attribute: 'price', value: { minor: 400, currency: 'GBP' } },
    ]);
    await priced('4.00', '2026-02-01T12:00:00Z');
    await gateway.shopify('inventory_levels/update', levelBody(5));
    const level = async () => (await sql`select state from deliveries where topic = 'inventory_levels/update'`)[0];
    for (const until = Date.now() + 20_000; (await level())?.state !== 'mapped'; ) {
      assert.ok(Date.now() < until, 'others do not go on');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal((await state('2026-02-01T12:00:00Z'))?.state, 'received');
    await sql`update actions set state = 'done', ended_at = now() where action = 'act-open'`;
    gateway.bus.say('parley.event.1.shop.action.done', '{}');
    await gateway.settled();
    assert.equal((await state('2026-02-01T12:00:00Z'))?.echo, 'act-open');
  });

  test('after the time by which the call must have ended nobody waits', async () => {
    await act(
      'act-lost',
      'calling',
      [{ resource: 'sku:85123A', attribute: 'price', value: { minor: 1, currency: 'GBP' } }],
      '-1 seconds',
    );
    await priced('4.50', '2026-02-01T13:00:00Z');
    await gateway.settled();
    assert.equal((await state('2026-02-01T13:00:00Z'))?.state, 'mapped');
  });

  test('a person is kept sealed, the newest record of their own before what orders say', async () => {
    const kept = async () => {
      const [row] = await sql<
        { key: Uint8Array; sealed: Uint8Array }[]
      >`select key, sealed from personal where subject = 'customer:7001'`;
      return openPerson(gateway.master, 'shop', 'customer:7001', row!);
    };
    await gateway.shopify('orders/create', orderBody());
    await gateway.settled();
    assert.equal((await kept()).email, 'ada@example.invalid');
    await gateway.shopify('customers/update', {
      id: 7001,
      admin_graphql_api_id: 'gid://shopify/Customer/7001',
      email: 'new@example.invalid',
      updated_at: '2026-02-01T10:00:00Z',
    });
    await gateway.settled();
    await gateway.shopify('orders/create', orderBody({ id: 5009, admin_graphql_api_id: null }));
    await gateway.settled();
    assert.deepEqual(await kept(), { email: 'new@example.invalid' });
    const [leak] =
      await sql`select count(*)::int as n from personal where encode(sealed, 'escape') like '%example.invalid%'`;
    assert.equal(leak?.n, 0);
  });

  test('an item that nobody has told of is waited for', async () => {
    await gateway.shopify('inventory_levels/update', levelBody(8, '2026-02-01T09:00:00Z', 9999));
    await new Promise((resolve) => setTimeout(resolve, 60));
    const [waiting] = await sql`select count(*)::int as n from deliveries where state = 'received'`;
    assert.equal(waiting?.n, 1);
    const variant = {
      ...productBody().variants[0],
      id: 4499,
      admin_graphql_api_id: null,
      sku: 'LATE',
      inventory_item_id: 9999,
    };
    await gateway.shopify(
      'products/create',
      productBody({ id: 8009, admin_graphql_api_id: null, variants: [variant] }),
    );
    await gateway.settled();
    const [event] = await sql`select data from events where subject = 'sku:LATE' and type = 'stock.changed'`;
    assert.equal(event?.data.level, 8);
  });

  test('what Postgres refuses in one delivery is set aside, and the others go on', async () => {
    await sql.unsafe(`create function refuse() returns trigger language plpgsql as $$ begin
      if new.subject = 'order:6666' then raise exception 'no' using errcode = '22023'; end if; return new; end $$`);
    await sql.unsafe('create trigger refuse before insert on events for each row execute function refuse()');
    const order = (id: number) => gateway.shopify('orders/create', orderBody({ id, admin_graphql_api_id: null }));
    await Promise.all([order(6665), order(6666), order(6667)]);
    await gateway.settled();
    const rows =
      await sql`select subject from events where subject in ('order:6665', 'order:6666', 'order:6667') order by subject`;
    assert.deepEqual(
      rows.map((row) => row.subject),
      ['order:6665', 'order:6667'],
    );
    const [letter] = await sql`select reason from dead_letters where kind = 'delivery' order by at desc limit 1`;
    assert.equal(letter?.reason, 'internal-error');
  });

  test('without the bus everything is received and mapped all the same', async () => {
    gateway.bus.connected = false;
    await gateway.shopify('orders/create', orderBody({ id: 5077, admin_graphql_api_id: null }));
    await gateway.settled();
    gateway.bus.connected = true;
    const [event] = await sql`select seq from events where subject = 'order:5077'`;
    assert.ok(event);
  });

  test('what Postgres cannot commit is not received: 503 and when to try again, and nothing of it is there', async () => {
    await sql.unsafe(
      `create function full_disk() returns trigger language plpgsql as $$ begin raise exception 'disk full' using errcode = '53100'; end $$`,
    );
    await sql.unsafe(
      'create trigger full_disk before insert on deliveries for each statement execute function full_disk()',
    );
    const body = orderBody({ id: 5088, admin_graphql_api_id: null });
    const refused = await gateway.shopify('orders/create', body, { event: 'unlucky' });
    assert.deepEqual([refused.status, refused.retryAfter], [503, '1']);
    await sql.unsafe('drop trigger full_disk on deliveries');
    const again = await gateway.shopify('orders/create', body, { event: 'unlucky' });
    assert.deepEqual([again.status, again.duplicate], [200, false]);
  });

  test('a lock on the table is not waited for longer than a sender listens', async () => {
    const free = await lockTable();
    const startedAt = performance.now();
    const refused = await gateway.shopify('orders/create', orderBody({ id: 5099, admin_graphql_api_id: null }), {
      event: 'slow',
    });
    assert.equal(refused.status, 503);
    assert.ok(performance.now() - startedAt < 3_000);
    await free();
    // The commit may have come through after all: then the next attempt is the repetition.
    assert.equal(
      (await gateway.shopify('orders/create', orderBody({ id: 5099, admin_graphql_api_id: null }), { event: 'slow' }))
        .status,
      200,
    );
    await gateway.settled();
    const placed = await sql`select 1 from events where subject = 'order:5099'`;
    assert.equal(placed.length, 1);
  });

  async function lockTable(): Promise<() => Promise<unknown>> {
    const held = await sql.reserve();
    await held`begin`;
    await held`lock table deliveries in exclusive mode`;
    return async () => {
      await held`commit`;
      held.release();
    };
  }
});
