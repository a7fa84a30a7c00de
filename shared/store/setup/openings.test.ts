import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { type Area, type Opened, readOpened, setOpened } from './openings.ts';

const STORE = 'candles';
const AT = '2026-05-05T10:00:00.000Z';

describe('opening a store that watches', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase();
    await database.sql`insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
      values (${STORE}, 'shopify', 'replay', ${AT}, 1, 'watch', 'EUR', 'UTC')`;
  });
  beforeEach(async () => {
    const { sql } = database;
    for (const table of ['actions', 'claims', 'limit_entries', 'openings']) await sql.unsafe(`delete from ${table}`);
    await sql`update stores set mode = 'watch'`;
  });
  after(() => database.close());

  const seed = async (action: string, agent: string, type: string, state: string, reason: string | null, due = AT) => {
    const { sql } = database;
    await sql`insert into actions (store, action, type, agent, params, leaves, writes, cause, not_before, state, reason, correlation, depth)
      values (${STORE}, ${action}, ${type}, ${agent}, '{}', '{}', '[]', 'order:1', ${due}, ${state}, ${reason}, 'c', 1)`;
    await sql`insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer, action)
      values (${STORE}, ${action}, ${`sku:${action}`}, 'price', tstzrange(${AT}, null), true, ${agent}, '{}', ${action})`;
    await sql`insert into limit_entries (store, rule, scope, intent, measure, amount, now)
      values (${STORE}, 'r', 's', ${action}, 'cashMinor', 5, ${AT})`;
  };
  const change = async (mode: 'watch' | 'live', openings: readonly Area[] = []) => {
    const before = (await readOpened(database.sql, STORE)) as Opened;
    return setOpened(database.sql, STORE, before, { mode, openings });
  };
  /** Claims in force and entries that count. */
  const standing = async () => {
    const { sql } = database;
    const claims = await sql`select claim from claims where ended_as is null order by claim`;
    const limits = await sql`select intent from limit_entries where not struck order by intent`;
    return { claims: claims.map((row) => row.claim), limits: limits.map((row) => row.intent) };
  };

  test('ends what it held for what it did not do, in the opened area alone', async () => {
    await seed('price', 'pricing', 'price.set', 'revoked', 'watch');
    await seed('promo', 'marketing', 'promotion.launch', 'revoked', 'watch');
    await seed('done', 'pricing', 'price.set', 'done', null);
    assert.deepEqual(await change('watch', [{ agent: 'pricing', action: '*' }]), { waiting: 0, released: 1 });
    assert.deepEqual(await standing(), { claims: ['done', 'promo'], limits: ['done', 'promo'] });
    assert.deepEqual(await readOpened(database.sql, STORE), {
      mode: 'watch',
      openings: [{ agent: 'pricing', action: '*' }],
    });
    assert.deepEqual(await change('live'), { waiting: 0, released: 1 });
    assert.deepEqual(await standing(), { claims: ['done'], limits: ['done'] });
  });

  test('what is due at that moment was decided for a store that watched; what waits for its time is carried out then', async () => {
    await seed('now', 'pricing', 'price.set', 'pending', null);
    await seed('later', 'pricing', 'price.set', 'pending', null, '2026-05-06T10:00:00.000Z');
    assert.deepEqual(await change('live'), { waiting: 1, released: 1 });
    const rows = await database.sql`select action, state, reason from actions order by action`;
    assert.deepEqual(
      rows.map(({ action, state, reason }) => [action, state, reason]),
      [
        ['later', 'pending', null],
        ['now', 'revoked', 'watch'],
      ],
    );
  });

  test('back to watch closes every area', async () => {
    await change('watch', [{ agent: '*', action: 'price.set' }]);
    await change('watch');
    assert.deepEqual(await readOpened(database.sql, STORE), { mode: 'watch', openings: [] });
  });

  test('of two who open at once the second is told', async () => {
    const before = (await readOpened(database.sql, STORE)) as Opened;
    assert.ok(await setOpened(database.sql, STORE, before, { mode: 'live', openings: [] }));
    assert.equal(await setOpened(database.sql, STORE, before, { mode: 'watch', openings: [] }), undefined);
    assert.equal((await readOpened(database.sql, STORE))?.mode, 'live');
  });

  test('there is nothing to open in a store that is not there', async () => {
    assert.equal(await readOpened(database.sql, 'nowhere'), undefined);
  });
});
