import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import postgres from 'postgres';
import { isAlive, isPortFree } from './child.ts';
import { findNatsServer } from './nats-binary.ts';
import { isOlder, startNats } from './nats-server.ts';
import { SUPERUSER, startPostgres } from './postgres.ts';
import { isReachable } from './postgres-binaries.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-embedded-'));
chmodSync(folder, 0o711);
after(() => rmSync(folder, { recursive: true, force: true }));

describe('embedded Postgres', () => {
  test('keeps what was committed over a SIGKILL, and starts over the stale pid file', async () => {
    const settings = { folder: join(folder, 'pg'), password: 'p', logFile: join(folder, 'pg.log'), durable: true };
    const first = await startPostgres(settings);
    const url = `postgres://${SUPERUSER}:p@127.0.0.1:${first.port}/postgres`;
    const before = postgres(url, { max: 1, onnotice: () => {} });
    await before`create table kept as select 42 as n`;
    process.kill(first.pid, 'SIGKILL');
    assert.equal(await first.ended, 'signal SIGKILL');
    await before.end({ timeout: 1 });
    const second = await startPostgres({ ...settings, port: first.port });
    const sql = postgres(url, { max: 1 });
    assert.deepEqual([...(await sql`select n from kept`)], [{ n: 42 }]);
    await sql.end();
    await second.stop();
    await assert.rejects(async () => postgres(url, { connect_timeout: 1 })`select 1`, /ECONNREFUSED/);
  });

  test('takes no connection without the password', async () => {
    const server = await startPostgres({
      folder: join(folder, 'pg'),
      password: 'p',
      logFile: join(folder, 'pg.log'),
      durable: true,
    });
    const sql = postgres(`postgres://${SUPERUSER}:wrong@127.0.0.1:${server.port}/postgres`, { max: 1 });
    await assert.rejects(async () => sql`select 1`, /password authentication failed/);
    await sql.end();
    await server.stop();
  });
});

describe('nats-server', () => {
  const search = { path: process.env.PATH, cache: join(folder, 'cache'), say: () => {} };

  test('a NATS_SERVER_BIN that does not run is an error, never passed over', async () => {
    await assert.rejects(findNatsServer({ ...search, given: '/no/such/file' }), /NATS_SERVER_BIN=\/no\/such\/file/);
  });

  test('versions compare as numbers', () => {
    assert.ok(isOlder('2.9.10', '2.10.0'));
    assert.ok(!isOlder('2.10.0', '2.9.10'));
    assert.ok(!isOlder('2.9.10', '2.9.10'));
  });

  test('an older server gets a fresh store, the same one keeps it', async () => {
    const binary = await findNatsServer({ ...search, given: process.env.TEST_NATS_SERVER_BIN });
    const own = join(folder, 'nats');
    const marker = join(own, 'store', 'marker');
    const start = async () => {
      const server = await startNats({
        binary,
        folder: own,
        logFile: join(folder, 'nats.log'),
        accounts: '',
        maxPayload: 1024,
      });
      await server.stop();
    };
    await start();
    mkdirSync(join(own, 'store'), { recursive: true });
    writeFileSync(marker, '');
    await start();
    assert.ok(existsSync(marker));
    writeFileSync(join(own, 'version'), '99.0.0');
    await start();
    assert.ok(!existsSync(marker));
  });
});

test('a folder that others may not enter is not reachable', () => {
  const closed = join(folder, 'closed', 'inner');
  mkdirSync(closed, { recursive: true });
  chmodSync(join(folder, 'closed'), 0o700);
  assert.ok(!isReachable(closed, 64_999));
  chmodSync(join(folder, 'closed'), 0o711);
  chmodSync(closed, 0o711);
  assert.ok(isReachable(closed, 64_999));
});

test('a port in use is noticed; a process is known by its command line', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  assert.ok(!(await isPortFree(port, '127.0.0.1')));
  await new Promise((resolve) => server.close(resolve));
  assert.ok(await isPortFree(port, '127.0.0.1'));
  assert.ok(!(await isAlive(process.pid, 'a text that no command line holds')));
});
