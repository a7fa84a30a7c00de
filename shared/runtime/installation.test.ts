import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { findInstallation, findOperator, INSTALLATION_FILES } from './installation.ts';
import { newMasterKeyText } from './seal.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-installation-'));
after(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const running = (value: object) => write(INSTALLATION_FILES.running, JSON.stringify(value));

const KEY = newMasterKeyText();
write(INSTALLATION_FILES.masterKey, KEY);
write(INSTALLATION_FILES.passwords, JSON.stringify({ postgres: 'secret', logins: {}, bus: {} }));

describe('the way into an installation', () => {
  test('where nothing runs, it is said what to do', () => {
    assert.throws(() => findInstallation({}, folder), /No Parley runs on .*npm start.*--data/);
    assert.equal(findOperator(folder), undefined);
  });

  test('beside a running launcher: its database, its key, its address', () => {
    running({ databasePort: 5_544, publicUrl: 'https://parley.example', operatorUrl: 'http://127.0.0.1:9091' });
    const found = findInstallation({}, folder);
    assert.equal(found.databaseUrl, 'postgres://parley:secret@127.0.0.1:5544/postgres');
    assert.equal(found.publicUrl, 'https://parley.example');
    assert.equal(findOperator(folder), 'http://127.0.0.1:9091');
    assert.equal(Buffer.from(found.masterKey.bytes).toString('hex'), KEY.trim());
  });

  test('a launcher that was given its database does not know the way to it', () => {
    running({ publicUrl: 'https://parley.example', operatorUrl: 'http://127.0.0.1:9091' });
    assert.throws(() => findInstallation({}, folder), /the same DATABASE_URL/);
    assert.equal(
      findInstallation({ DATABASE_URL: 'postgres://me@db/parley' }, folder).databaseUrl,
      'postgres://me@db/parley',
    );
  });

  test('in a container of the compose file', () => {
    const found = findInstallation({ PARLEY_SETUP_DIR: folder, PARLEY_SETUP_DATABASE_HOST: 'postgres:5432' }, '/none');
    assert.equal(found.databaseUrl, 'postgres://parley:secret@postgres:5432/parley');
  });

  test('what is given goes before what is found', () => {
    const other = newMasterKeyText();
    write('other.key', other);
    const found = findInstallation(
      {
        DATABASE_URL: 'postgres://me@db/parley',
        PARLEY_MASTER_KEY_FILE: join(folder, 'other.key'),
        PARLEY_PUBLIC_URL: 'https://else.example',
      },
      folder,
    );
    assert.equal(found.publicUrl, 'https://else.example');
    assert.equal(Buffer.from(found.masterKey.bytes).toString('hex'), other.trim());
  });

  test('a file that is half written counts as none', () => {
    write(INSTALLATION_FILES.running, '{"databasePort":');
    assert.throws(() => findInstallation({}, folder), /No Parley runs/);
  });
});
