import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createDatabase } from './database.ts';
import { startTestNats } from './nats.ts';

describe('a test database', async () => {
  const database = await createDatabase();
  after(() => database.close());

  test('is migrated and empty', async () => {
    const [row] = await database.sql`select count(*)::int as n from stores`;
    assert.equal(row?.n, 0);
  });

  test('lets a service see only what is its own', async () => {
    const pricing = database.open('pricing');
    await pricing`select * from stores`;
    await assert.rejects(async () => pricing`select * from credentials`, /permission denied/);
  });
});

describe('a test nats-server', async () => {
  const nats = await startTestNats();
  after(() => nats.stop());

  test('has the streams once, and again after it was killed and its store was lost', async () => {
    assert.ok((await nats.ensure(['sandbox'])).includes('EVENTS'));
    assert.deepEqual(await nats.ensure(['sandbox']), []);
    await nats.restart();
    assert.deepEqual(await nats.ensure(['sandbox']), []);
    await nats.restart({ wipe: true });
    assert.ok((await nats.ensure(['sandbox'])).includes('EVENTS'));
  });
});
