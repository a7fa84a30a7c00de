import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { FAKE_TOKEN, FakeStore } from '#shared/connectors/testing/fake-store.ts';
import { readMasterKey, seal } from '#shared/runtime/seal.ts';
import { putCredential } from '#shared/store/setup/installation.ts';
import { orderBody } from '../../services/gateway/fixtures/bodies.ts';
import { startWorld, type World } from '../world.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 20_000;
const LOOK_MS = 50;

/** A merchant's way: watch, read the report, open one area, see it act, and go back. */
describe('a store from watching to acting', { timeout: 120_000 }, () => {
  let world: World;
  let store: FakeStore;
  before(async () => {
    store = new FakeStore();
    await store.open();
    world = await startWorld({ ownPostgres: true });
    const key = readMasterKey(join(world.dataPath, 'master.key'));
    const sealed = seal(key, `credential:${world.store}:sandbox`, Buffer.from(FAKE_TOKEN));
    await putCredential(world.sql, world.store, 'sandbox', sealed, store.url);
    await world.sql`update stores set mode = 'watch'`;
  });
  after(async () => {
    await world?.stop();
    await store.close();
  });

  const parley = (...words: string[]) =>
    new Promise<{ code: number | null; said: Record<string, unknown>; notes: string }>((resolve) => {
      const child = spawn(
        process.execPath,
        [join(ROOT, 'services/cli/main.ts'), ...words, '--json', '--url', world.operatorUrl],
        {
          cwd: ROOT,
          env: { PATH: process.env.PATH },
        },
      );
      let text = '';
      let notes = '';
      child.stdout.on('data', (part) => (text += part));
      child.stderr.on('data', (part) => (notes += part));
      child.once('close', (code) => {
        const last = text.trim().split('\n').at(-1) ?? '';
        resolve({ code, notes, said: last === '' ? {} : JSON.parse(last) });
      });
    });
  const goLive = (...flags: string[]) =>
    parley('store', 'go-live', world.store, '--data', world.dataPath, '--yes', ...flags);

  /** An order that its risk makes the orders agent hold; how that ended. */
  const risky = async (id: number) => {
    const gid = `gid://shopify/Order/${id}`;
    const now = new Date().toISOString();
    const order = orderBody({ id, admin_graphql_api_id: gid, name: `#${id}`, created_at: now, updated_at: now });
    assert.equal((await world.postShopify('orders/create', order)).status, 200);
    const facts = [{ description: 'Billing and shipping differ', sentiment: 'negative' }];
    const risk = { order_id: id, admin_graphql_api_order_id: gid, risk_level: 'high', created_at: now, facts };
    assert.equal((await world.postShopify('orders/risk_assessment_changed', risk)).status, 200);
    for (const until = performance.now() + LIMIT_MS; performance.now() < until; await sleep(LOOK_MS)) {
      const [row] = await world.sql<{ action: string; end: string }[]>`
        select action, concat_ws(' ', state, reason) as end from actions
        where type = 'order.hold' and leaves @> ${[`order:${id}`]} and state not in ('pending', 'calling')`;
      if (row) return { ...row, effects: store.effectsOf(row.action) };
    }
    return assert.fail(`nothing came of order ${id}`);
  };

  test('watches, tells what it would have done, and acts once its area is opened', async () => {
    const watched = await risky(9_001);
    assert.deepEqual([watched.end, watched.effects], ['revoked watch', 0]);

    const { code, said } = await parley('store', 'report', world.store);
    assert.equal(code, 0);
    const areas = said.areas as { agent: string; action: string; watched: number; examples: { intent: string }[] }[];
    const area = areas.find((one) => one.action === 'order.hold')!;
    assert.deepEqual([area.agent, area.watched, area.examples[0]?.intent], ['orders', 1, watched.action]);

    const wrong = await goLive('--agents', 'order');
    assert.equal(wrong.code, 2);
    assert.match(String(wrong.said.message), /Did you mean "orders"/);

    const opened = await goLive('--agents', 'orders', '--actions', 'order.hold');
    assert.equal(opened.code, 0, opened.notes);
    assert.deepEqual(opened.said.opens, [{ agent: 'orders', action: 'order.hold' }]);
    const acted = await risky(9_002);
    assert.deepEqual([acted.end, acted.effects], ['done', 1]);
    assert.equal(store.effectsOf(watched.action), 0, 'what was only watched is not made up for');

    assert.equal((await goLive('--watch')).code, 0);
    assert.equal((await risky(9_003)).end, 'revoked watch');
  });
});
