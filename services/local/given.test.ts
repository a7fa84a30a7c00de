import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connect } from 'nats';
import { wholeEnvironment } from '#shared/runtime/config.ts';
import { findNatsServer } from '#shared/runtime/embedded/nats-binary.ts';
import { type EmbeddedNats, startNats } from '#shared/runtime/embedded/nats-server.ts';
import { TEST_NATS_BINARY } from '#shared/testing/nats.ts';
import { DataFolder } from './data-folder.ts';
import { checkDatabase, givenBus } from './given.ts';
import type { SystemOptions } from './system.ts';

describe('a nats-server that is given', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-given-'));
  const environment = wholeEnvironment();
  let server: EmbeddedNats;
  let data: DataFolder;
  before(async () => {
    server = await startNats({
      binary: await findNatsServer({
        given: environment[TEST_NATS_BINARY] ?? environment.NATS_SERVER_BIN,
        path: environment.PATH,
        cache: join(tmpdir(), 'parley-nats-server'),
        say: () => {},
      }),
      folder: join(folder, 'nats'),
      logFile: join(folder, 'nats.log'),
      accounts: '',
      maxPayload: 1_000_000,
    });
    data = await DataFolder.open(join(folder, 'data'), { fresh: false, lockAs: 'node' });
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function give(url: string) {
    const said: string[] = [];
    const options = { data, say: (text: string) => said.push(text) } as unknown as SystemOptions;
    const bus = await givenBus(options, url, '');
    return { said, url: bus.urlOf('gateway') };
  }

  test('without passwords keeps nobody apart, whatever user one names, and that is said', async () => {
    const url = `nats://127.0.0.1:${server.port}`;
    const given = await give(url);
    assert.equal(given.url, url);
    assert.match(given.said.join(), /asks nobody for a password/);
  });

  test('on which another Parley beats is refused', async () => {
    const other = await connect({ servers: `127.0.0.1:${server.port}` });
    const beat = setInterval(() => other.publish('parley.alive.context', '{}'), 200);
    try {
      await assert.rejects(give(`nats://127.0.0.1:${server.port}`), {
        reason: 'bad-config',
        message: /another Parley runs on this bus/,
      });
    } finally {
      clearInterval(beat);
      await other.close();
    }
  });

  test('that does not answer is named by its key, and so is a database', async () => {
    const fault = (key: string) => ({ reason: 'bad-config', message: new RegExp(`^${key}: no .* answers at 127`) });
    await assert.rejects(give('nats://127.0.0.1:1'), fault('NATS_URL'));
    await assert.rejects(checkDatabase('postgres://nobody@127.0.0.1:1/none'), fault('DATABASE_URL'));
  });
});

describe('a data folder that cannot be', () => {
  for (const path of ['/proc/none', '/dev/null', '/dev/null/below']) {
    test(`${path} is refused in words`, { skip: process.platform !== 'linux', timeout: 10_000 }, async () => {
      const opening = DataFolder.open(path, { fresh: false, lockAs: 'node' });
      await assert.rejects(opening, { reason: 'bad-config', message: /^--data: .* cannot be the data folder/ });
    });
  }
});
