import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStore, type Sql } from '#shared/store/connect.ts';
import { ensureLogin } from '#shared/store/setup/logins.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { grantOf, RIGHTS, type Rights, WITHOUT_POLICY } from './database-rights.ts';

/**
 * Every login tries every verb on every table that the catalogue names; what may succeed is in `database-rights.ts`.
 * A table, a column or a role that nobody has thought about therefore fails here.
 */

interface Column {
  readonly name: string;
  readonly type: string;
}
interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly secured: boolean;
}

const ROLES = [
  'gateway',
  'context',
  'coordinator',
  'executor',
  'sandbox',
  'operator',
  'pricing',
  'inventory',
  'marketing',
  'support',
  'orders',
];
/** An agent that somebody adds: a login without a role of its own. */
const NEWCOMER = 'newcomer';

let database: TestDatabase;
let tables: Table[];
const logins = new Map<string, Sql>();

before(async () => {
  database = await createDatabase();
  tables = await readTables(database.sql);
  for (const role of ROLES) logins.set(role, database.open(role));
  const own = new URL(database.url);
  own.username = await ensureLogin(database.sql, own.pathname.slice(1), NEWCOMER, 'newcomer');
  own.password = 'newcomer';
  logins.set(NEWCOMER, openStore({ url: own.href, service: NEWCOMER }));
});
after(async () => {
  const login = `${new URL(database.url).pathname.slice(1)}_${NEWCOMER}`;
  await logins.get(NEWCOMER)?.end({ timeout: 2 });
  await database.sql.unsafe(`drop role if exists "${login}"`).catch(() => {});
  await database.close();
});

async function readTables(sql: Sql): Promise<Table[]> {
  const rows = await sql`
    select c.oid::regclass::text as name, c.relrowsecurity and c.relforcerowsecurity as secured,
      json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, null)) order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p', 'v', 'm') and c.relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
    group by c.oid order by 1`;
  return rows.map((row) => ({ name: row['name'], secured: row['secured'], columns: row['columns'] }) as Table);
}

const hasStore = (table: Table) => table.columns.some(({ name }) => name === 'store');

/** Statements that touch no row but need the right. */
function statements(table: Table): Array<{ verb: keyof Rights; column?: string; text: string }> {
  const { name, columns } = table;
  return [
    ...columns.map(
      ({ name: column }) => ({ verb: 'select', column, text: `select "${column}" from ${name} where false` }) as const,
    ),
    ...columns.map(
      ({ name: column }) =>
        ({ verb: 'update', column, text: `update ${name} set "${column}" = default where false` }) as const,
    ),
    { verb: 'insert', text: `insert into ${name} select * from ${name} where false` },
    { verb: 'insert', text: `insert into ${name} default values` },
    { verb: 'delete', text: `delete from ${name} where false` },
    { verb: 'forbidden', text: `truncate ${name}` },
    { verb: 'forbidden', text: `alter table ${name} disable row level security` },
    ...(table.secured ? [{ verb: 'forbidden', text: `drop policy by_store on ${name}` } as const] : []),
    { verb: 'forbidden', text: `drop table ${name}` },
  ];
}

const DENIED = '42501';

/** Whether the statement is refused for want of a right; any other fault means that the right was there. */
async function isDenied(sql: Sql, text: string): Promise<boolean> {
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(`set local app.stores = 'a'`);
      await tx.unsafe(text);
      throw new Error('rolled back');
    });
  } catch (thrown) {
    return (thrown as { code?: string }).code === DENIED;
  }
  return false;
}

describe('what each login may do with each table', () => {
  for (const role of [...ROLES, NEWCOMER]) {
    test(role, async (context) => {
      const sql = logins.get(role)!;
      const wrong: string[] = [];
      let tried = 0;
      for (const table of tables) {
        const rights = grantOf(role, table.name);
        for (const { verb, column, text } of statements(table)) {
          // `insert … select` needs the right to read as well; the other form asks for the right to write alone.
          if (text.includes('select *') && rights.select !== true) continue;
          const right = rights[verb];
          const allowed = right === true || (Array.isArray(right) && column !== undefined && right.includes(column));
          const denied = await isDenied(sql, text);
          tried += 1;
          // A row without a store, or of another one, is denied by the policy even where the table is granted.
          if (allowed && denied && text.includes('default values')) continue;
          if (allowed === denied) wrong.push(`${role} ${denied ? 'needs' : 'must not'}: ${text}`);
        }
      }
      assert.deepEqual(wrong, []);
      context.diagnostic(`${tried} statements tried`);
    });
  }

  test('names no table and no role that there is not', () => {
    const names = new Set(tables.map(({ name }) => name));
    for (const [role, granted] of Object.entries(RIGHTS)) {
      assert.ok(role === 'agent' || ROLES.includes(role), role);
      for (const table of Object.keys(granted)) assert.ok(names.has(table), `${role}: ${table}`);
    }
  });
});

describe('rows of one store', () => {
  const guarded = () => tables.filter((table) => hasStore(table) && !WITHOUT_POLICY.has(table.name));

  test('are behind a forced policy in every table that has a store, but the listed ones', async () => {
    assert.deepEqual(
      guarded()
        .filter(({ secured }) => !secured)
        .map(({ name }) => name),
      [],
    );
    const policies = await database.sql`select tablename, permissive, cmd, qual, with_check from pg_policies`;
    for (const { name } of guarded()) {
      const own = policies.filter(({ tablename }) => tablename === name);
      assert.equal(own.length, 1, `${name} has ${own.length} policies`);
      assert.match(own[0]!['qual'], /^\(\(store = ANY \(\(\s*SELECT app_stores\(\)[^;]*IS TRUE\)$/, name);
      assert.equal(own[0]!['cmd'], 'ALL', name);
      assert.equal(own[0]!['with_check'], null, name);
    }
  });

  test('are seen, changed and written by nobody who has not named the store', async (context) => {
    for (const table of guarded()) for (const store of ['a', 'b']) await insertRow(database.sql, table, store);
    let tried = 0;
    for (const [role, sql] of logins) {
      for (const table of guarded()) {
        const { name } = table;
        const rights = grantOf(role, name);
        const seen = (stores: string[]) =>
          inStores(sql, stores, async (tx) =>
            (await tx.unsafe(`select distinct store from ${name} order by 1`)).map((row) => row['store']),
          );
        if (rights.select) {
          assert.deepEqual(
            await sql.unsafe(`select store from ${name}`).then((rows) => rows.length),
            0,
            `${role} ${name}`,
          );
          assert.deepEqual(await seen([]), [], `${role} ${name}`);
          assert.deepEqual(await seen(['a']), ['a'], `${role} ${name}`);
          assert.deepEqual(await seen(['a', 'b']), ['a', 'b'], `${role} ${name}`);
          tried += 4;
        }
        if (rights.insert) {
          await assert.rejects(
            inStores(sql, ['a'], (tx) => insertRow(tx, table, 'c')),
            /violates row-level security policy/,
            `${role} ${name}`,
          );
          tried += 1;
        }
      }
    }
    context.diagnostic(`${tried} tries over ${guarded().length} tables`);
  });
});

/** Any row of a store, made from the types of the columns; every text is the store, so that keys differ. */
async function insertRow(sql: Pick<Sql, 'unsafe'>, table: Table, store: string): Promise<void> {
  const values = table.columns.map(({ type }) => (type === 'text' ? `'${store}'` : SAMPLE[type]));
  assert.ok(!values.includes(undefined), `${table.name} has a column of a type without a sample`);
  await sql.unsafe(`insert into ${table.name} values (${values.join(', ')})`);
}

const SAMPLE: Readonly<Record<string, string>> = {
  'text[]': `array['x']`,
  uuid: 'gen_random_uuid()',
  bigint: '1',
  integer: '1',
  'double precision': '1',
  boolean: 'false',
  jsonb: `'{}'`,
  bytea: `'\\x00'`,
  'timestamp with time zone': 'now()',
  tstzrange: `'empty'`,
};

describe('the roles themselves', () => {
  test('own nothing, log in nowhere, and pass no policy', async () => {
    const roles = await database.sql`
      select rolname from pg_roles where rolname like 'parley\\_%'
        and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolcanlogin or rolreplication
          or exists (select from pg_class where relowner = pg_roles.oid))`;
    assert.deepEqual(
      roles.map((role) => role['rolname']),
      [],
    );
  });

  test('are members of nothing else', async () => {
    const memberships = await database.sql`
      select m.member::regrole::text as member, m.roleid::regrole::text as role from pg_auth_members m
      where m.member::regrole::text like 'parley\\_%'`;
    assert.deepEqual([...memberships], []);
  });

  test('create nothing, and borrow nobody’s rights by a function', async () => {
    for (const [role, sql] of logins) {
      for (const text of [
        'create table public.mine (a int)',
        'create schema mine',
        'create function public.mine() returns int language sql as $$ select 1 $$',
      ])
        assert.ok(await isDenied(sql, text), `${role}: ${text}`);
    }
    const borrowed = await database.sql`
      select proname from pg_proc where prosecdef and pronamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`;
    assert.deepEqual([...borrowed], []);
  });

  test('keep what has happened: nobody changes or deletes events, decisions or history', () => {
    for (const role of [...ROLES, NEWCOMER]) {
      for (const table of ['events', 'decisions', 'fact_history', 'rule_sets']) {
        const { update, delete: remove } = grantOf(role, table);
        assert.ok(!update && !remove, `${role} ${table}`);
      }
      assert.equal(Boolean(grantOf(role, 'credentials').select), role === 'executor', role);
      assert.equal(Boolean(grantOf(role, 'personal').select), role === 'executor' || role === 'gateway', role);
    }
  });
});
