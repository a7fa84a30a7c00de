import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { levelBody, productBody } from './fixtures/bodies.ts';
import { startHarness } from './fixtures/harness.ts';

type Harness = Awaited<ReturnType<typeof startHarness>>;

const variant = productBody().variants[0]!;

/** A product of its own, with one variant that is told by its number. */
const product = (n: number, price: string, updatedAt: string) =>
  productBody({
    id: n,
    admin_graphql_api_id: `gid://shopify/Product/${n}`,
    updated_at: updatedAt,
    variants: [
      {
        ...variant,
        id: n,
        admin_graphql_api_id: `gid://shopify/ProductVariant/${n}`,
        sku: `S${n}`,
        price,
        inventory_item_id: n,
      },
    ],
  });
const MORNING = '2026-02-01T08:00:00Z';
const NOON = '2026-02-01T12:00:00Z';
const EVENING = '2026-02-01T18:00:00Z';

describe('what comes late', { timeout: 60_000 }, () => {
  let gateway: Harness;
  before(async () => {
    gateway = await startHarness();
  });
  after(() => gateway.stop());

  const send = async (topic: string, body: unknown) => {
    const sent = await gateway.shopify(topic, body);
    assert.equal(sent.status, 200);
    await gateway.settled();
  };
  const ends = async (topic: string, n: number) =>
    (
      await gateway.sql`select state, reason from deliveries where topic = ${topic} and convert_from(body, 'utf8') like ${`%"id":${n},%`} order by id`
    ).map(({ state, reason }) => (reason ? `${state}: ${reason}` : state));
  const prices = async (n: number) =>
    (
      await gateway.sql`select data from events where type = 'price.changed' and subject = ${`sku:S${n}`} order by seq`
    ).map(({ data }) => data.minor);
  const recorded = async (n: number) =>
    (
      await gateway.sql`select time, data from events where type = 'price.recorded' and subject = ${`sku:S${n}`} order by seq`
    ).map(({ time, data }) => [new Date(time), data.minor]);
  const asked = async (ref: string) =>
    (await gateway.sql`select kind, cause, state from fetches where ref = ${ref} order by id`).map((row) => ({
      ...row,
    }));

  test('changes nothing but the prices of the past, and the platform is asked once however often it comes', async () => {
    await send('products/update', product(1, '2.00', MORNING));
    await send('products/update', product(1, '3.00', EVENING));
    await send('products/update', product(1, '2.50', NOON));
    await send('products/update', {
      ...product(1, '2.50', NOON),
      template_suffix: 'same again, but not the same body',
    });
    assert.deepEqual(await prices(1), [200, 300]);
    assert.deepEqual(await ends('products/update', 1), ['mapped', 'mapped', 'mapped', 'mapped']);
    assert.deepEqual(await recorded(1), Array(2).fill([new Date(NOON), 250]));
    assert.deepEqual(await asked('1'), [{ kind: 'product', cause: 'older', state: 'waiting' }]);
  });

  test('and tells nothing else than what is known asks nobody', async () => {
    await send('products/update', product(2, '2.00', NOON));
    await send('products/update', product(2, '2.00', MORNING));
    assert.deepEqual(await prices(2), [200]);
    assert.deepEqual(await recorded(2), [[new Date(MORNING), 200]]);
    assert.deepEqual(await asked('2'), []);
  });

  test('a body that changed nothing was a version all the same', async () => {
    await send('products/update', product(3, '2.00', MORNING));
    await send('products/update', product(3, '2.00', EVENING));
    await send('products/update', product(3, '2.50', NOON));
    assert.deepEqual(await prices(3), [200]);
    assert.deepEqual(await recorded(3), [
      [new Date(NOON), 250],
      [new Date(EVENING), 200],
    ]);
  });

  test('an old body that somebody has seen and sends again under other ids asks nobody', async () => {
    await send('products/update', product(4, '2.00', MORNING));
    await send('products/update', product(4, '3.00', NOON));
    await send('products/update', product(4, '2.00', MORNING));
    assert.deepEqual(await ends('products/update', 4), ['mapped', 'mapped', 'duplicate: duplicate']);
    assert.deepEqual(await asked('4'), []);
  });

  test('a signed body under a topic that only the executor may use says nothing', async () => {
    for (const topic of ['fetched/product', 'gone/product']) {
      await send(topic, product(5, '2.00', MORNING));
      assert.deepEqual(await ends(topic, 5), ['ignored: unknown-topic']);
    }
    assert.deepEqual(await prices(5), []);
  });

  test('one shelf of several says less than the whole, which is asked for', async () => {
    await send('products/create', product(6, '2.00', MORNING));
    await send('inventory_levels/update', levelBody(7, MORNING, 6));
    await send('inventory_levels/update', { ...levelBody(3, NOON, 6), location_id: 2 });
    const levels = await gateway.sql`select data from events where type = 'stock.changed' and subject = 'sku:S6'`;
    assert.deepEqual(
      levels.map(({ data }) => data.level),
      [7],
    );
    assert.deepEqual(await asked('6'), [{ kind: 'stock', cause: 'thin', state: 'waiting' }]);
  });

  test('an item that nobody introduces is asked for after a minute', async () => {
    await gateway.shopify('inventory_levels/update', levelBody(7, MORNING, 777));
    await gateway.sql`update deliveries set received_at = received_at - interval '61 seconds' where state = 'received'`;
    await gateway.settled();
    assert.deepEqual(await asked('777'), [{ kind: 'stock', cause: 'thin', state: 'waiting' }]);
  });

  test('what was asked and is under way may be asked again', async () => {
    await gateway.sql`update fetches set state = 'fetching' where ref = '1'`;
    await send('products/update', product(1, '2.60', NOON));
    assert.deepEqual(
      (await asked('1')).map(({ state }) => state),
      ['fetching', 'waiting'],
    );
  });
});
