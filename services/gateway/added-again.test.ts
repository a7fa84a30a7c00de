import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { sealText } from '#shared/runtime/seal.ts';
import { addEndpoint, removeConnection, removeEndpoint } from '#shared/store/setup/connections.ts';
import { STANDARD_SECRET, startHarness } from './fixtures/harness.ts';

/** The gateway reads its endpoints anew at least each second. */
const KNOWN_MS = 1_300;

describe('an endpoint that is added again under its name', async () => {
  const gateway = await startHarness();
  after(() => gateway.stop());
  const { sql } = gateway;

  const received = (units: number, id: string) => gateway.standard('stock.received', { sku: '85123A', units }, { id });
  const known = () => new Promise((resolve) => setTimeout(resolve, KNOWN_MS));
  const addAgain = async (store = 'shop') => {
    const secrets = [sealText(gateway.master, 'endpoint:shop-world', STANDARD_SECRET)];
    await addEndpoint(sql, { endpoint: 'shop-world', store, platform: 'standard', secrets });
    await known();
  };
  const unitsKept = async () => {
    await gateway.settled();
    const rows = await sql`
      select convert_from(body, 'UTF8')::jsonb #>> '{data,units}' as units from deliveries where endpoint = 'shop-world' order by id`;
    return rows.map(({ units }) => Number(units));
  };

  test('takes the first webhook of a new sender, whatever number the sender before it gave its own', async () => {
    assert.deepEqual(await received(5, '1').then(({ status, duplicate }) => [status, duplicate]), [200, false]);
    await removeEndpoint(sql, 'shop-world');
    // Until the gateway has read its endpoints anew, the old sender is still heard.
    await received(6, '2');
    await known();
    assert.equal((await received(7, '3')).status, 404);
    await addAgain();
    assert.deepEqual(await received(100, '1').then(({ status, duplicate }) => [status, duplicate]), [200, false]);
    assert.deepEqual(await received(200, '2').then(({ status, duplicate }) => [status, duplicate]), [200, false]);
    assert.equal((await received(100, '1')).duplicate, true, 'and what it sends twice is kept once');
    assert.deepEqual(await unitsKept(), [5, 6, 100, 200]);
  });

  test('one that is there keeps its keys when it is written again, as a new secret is', async () => {
    await addAgain();
    assert.equal((await received(100, '1')).duplicate, true);
    assert.deepEqual(await unitsKept(), [5, 6, 100, 200]);
  });

  test('the same after its whole store was removed and added again', async () => {
    await removeConnection(sql, 'shop');
    await sql`update stores set mode = 'live' where store = 'shop'`;
    await addAgain();
    assert.equal((await received(300, '1')).duplicate, false);
    assert.deepEqual(await unitsKept(), [5, 6, 100, 200, 300]);
  });
});
