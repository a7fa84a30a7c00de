import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { event, NOW, policy, propose, setPrice } from '#shared/judgement/testing.ts';
import type { Proposed } from '#shared/judgement/types.ts';
import { DAY_MS, HOUR_MS, plus } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import type { Sql } from '#shared/store/connect.ts';
import { insertActions, insertClaims } from '#shared/store/coordinator/outcome.ts';
import { writeDeadLettersOnce } from '#shared/store/dead-letters.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { loadBatch } from './load.ts';

const ago = (hours: number) => plus(NOW, -hours * HOUR_MS);
const STORE = 'shop';

/** Rows as the coordinator wrote them in earlier rounds. */
const CLAIMS = [
  {
    claim: 'word/customer:1',
    resource: 'customer:1',
    aspect: 'contact',
    from: ago(30),
    to: ago(6),
    exclusive: false,
    owner: 'support',
    action: 'word',
    layer: { action: 'notice.send', layer: { contacts: 1 }, intent: 'word', rank: [1], same: ['one-word 1'] },
  },
  {
    claim: 'cut/sku:A',
    resource: 'sku:A',
    aspect: 'price',
    from: ago(5),
    to: ago(4),
    exclusive: true,
    owner: 'pricing',
    action: 'cut',
    layer: { action: 'price.set', layer: { priceMinor: 900 }, intent: 'cut', rank: [1] },
  },
  {
    claim: 'lost/sku:A',
    resource: 'sku:A',
    aspect: 'price',
    from: ago(3),
    to: ago(2),
    exclusive: true,
    owner: 'pricing',
    action: 'lost',
    layer: { action: 'price.set', layer: { priceMinor: 800 }, intent: 'lost', rank: [1] },
  },
  {
    claim: 'sale/sku:A',
    resource: 'sku:A',
    aspect: 'promotion',
    from: ago(1),
    to: plus(NOW, DAY_MS),
    exclusive: false,
    owner: 'marketing',
    action: 'sale',
    layer: { action: 'promotion.launch', layer: { discountBasisPoints: 500 }, intent: 'sale', rank: [1] },
  },
].map((row) => ({ ...row, store: STORE, amount: null }));

const action = (id: string, type: string, cause: string) => ({
  store: STORE,
  action: id,
  type,
  agent: 'pricing',
  params: { sku: 'A' },
  leaves: ['sku:A'],
  writes: [{ resource: 'sku:A', attribute: 'price', value: 1 }],
  inverse: [{ action: type, params: { sku: 'A' } }],
  cause,
  notBefore: ago(5),
  correlation: 'c',
  depth: 1,
});

describe('what the coordinator reads for a batch', () => {
  let database: TestDatabase;
  let sql: Sql;

  before(async () => {
    database = await createDatabase();
    sql = database.open('coordinator');
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'sandbox', 'live', ${NOW}, 7, 'live', 'GBP', 'UTC')`;
    await inStores(sql, [STORE], async (tx) => {
      await insertClaims(tx, CLAIMS);
      const all = [
        action('word', 'notice.send', 'order:1'),
        action('cut', 'price.set', 'order:1'),
        action('cut.undo', 'price.set', 'order:1'),
        action('lost', 'price.set', 'order:1'),
        action('sale', 'promotion.launch', 'sku:A'),
      ];
      await insertActions(tx, all);
    });
    await database.sql`update actions set state = case when action = 'lost' then 'failed' else 'done' end`;
    await database.sql`update claims set ended_as = case when action = 'lost' then 'failed' else 'window' end where upper(during) < ${NOW}`;
  });
  after(() => database.close());

  const load = (proposed: readonly Proposed[], rules: Partial<Policy>, cause = event(9)) => {
    const batch = { store: STORE, now: NOW, agents: [], rounds: [{ event: cause, proposed }] };
    return inStores(sql, [STORE], async (tx) => (await loadBatch(tx, batch, policy(rules))).world);
  };
  const sameWord = (withinMs: number): Partial<Policy> => ({
    sameness: () => [{ rule: 'one-word', why: 'w', key: 'one-word 1', withinMs }],
  });
  // Proposals of the coordinator need no manifest.
  const mail = propose('coordinator', {
    action: 'campaign.send',
    params: { customer: '2', campaign: 'c', subject: 's', text: 't' },
  });
  const price = setPrice('coordinator', 'A', 950);

  test('a like wish that was granted within the time, though its claim is over, and of another resource', async () => {
    const world = await load([mail], sameWord(2 * DAY_MS));
    assert.equal(world.sameSince('one-word 1', ago(48))?.claim, 'word/customer:1');
    assert.equal((await load([mail], sameWord(DAY_MS))).sameSince('one-word 1', ago(24)), undefined);
  });

  test('earlier changes of the key by actions that are done', async () => {
    const world = await load([price], { dampingMs: DAY_MS });
    assert.deepEqual(world.changesOn('sku:A', 'price', ago(24)), [{ at: ago(5), level: 900, action: 'price.set' }]);
    assert.deepEqual((await load([price], {})).changesOn('sku:A', 'price', ago(24)), []);
  });

  test('the action behind a claim in force, with its way back', async () => {
    const world = await load([price], {});
    const sale = world.actionOf('sale');
    assert.deepEqual([sale?.state, sale?.inverse.length, sale?.writes.length], ['done', 1, 1]);
    assert.equal(world.claimsOn('sku:A', NOW)[0]?.actionState, 'done');
  });

  test('actions whose cause the batch voids, and whether they were undone before', async () => {
    const world = await load([], {}, event(9, { type: 'order.cancelled', subject: 'order:1' }));
    const found = world.actionsOf('order:1').map(({ action: id, state, undone }) => [id, state, undone === true]);
    assert.deepEqual(found.sort(), [
      ['cut', 'done', true],
      ['cut.undo', 'done', false],
      ['word', 'done', false],
    ]);
  });

  test('what is left to a person is set aside once', async () => {
    const letter = (id: string) => ({
      store: STORE,
      id,
      service: 'coordinator',
      kind: 'action' as const,
      ref: 'sale',
      reason: 'changed-meanwhile',
      detail: 'd',
      raw: {},
    });
    const ids = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];
    for (const id of ids) await inStores(sql, [STORE], (tx) => writeDeadLettersOnce(tx, [letter(id), letter(id)]));
    const rows = await database.sql`select id from dead_letters where ref = 'sale'`;
    assert.deepEqual(
      rows.map((row) => row.id),
      ids.slice(0, 1),
    );
  });
});
