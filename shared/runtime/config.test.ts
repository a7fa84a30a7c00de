import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import { commonShape, KNOWN_KEYS, port, readConfig } from './config.ts';

const SERVICES = fileURLToPath(new URL('../../services', import.meta.url));
const GOOD = { DATABASE_URL: 'postgres://me:secret@127.0.0.1/parley', NATS_URL: 'nats://me:secret@127.0.0.1:4222' };

/** What `readConfig` says is wrong, line by line. */
function faultsOf(shape: z.ZodRawShape, environment: Record<string, string>): string[] {
  try {
    readConfig(shape, environment);
  } catch (thrown) {
    assert.ok(thrown instanceof PermanentError);
    assert.equal(thrown.reason, 'bad-config');
    return thrown.message.split('\n  ').slice(1);
  }
  return [];
}

describe('known keys', () => {
  /** A key that is only handed on stands in quotes there, and does not count. */
  const sources = globSync('*/**/*.ts', { cwd: SERVICES })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(SERVICES, file), 'utf8'))
    .join('\n');

  test('are each in the schema of a service', () => {
    for (const key of KNOWN_KEYS) {
      if (key in commonShape) continue;
      assert.ok(
        new RegExp(`[\\s{]${key}: (z\\b|port\\b|hostNames\\b)`).test(sources),
        `${key} is known, but no service has it in its schema`,
      );
    }
  });

  test('are all that a service’s schema names', () => {
    const named = sources.matchAll(/[\s{](PARLEY_[A-Z_]+): (?:z\b|port\b|hostNames\b)/g);
    for (const [, key] of named)
      assert.ok((KNOWN_KEYS as readonly string[]).includes(key!), `${key} is in a schema, but not known`);
  });

  test('are each there once', () => {
    assert.equal(new Set(KNOWN_KEYS).size, KNOWN_KEYS.length);
  });
});

describe('a configuration', () => {
  test('that is right is read, frozen, with its defaults', () => {
    const config = readConfig(
      { ...commonShape, PARLEY_PUBLIC_PORT: port },
      { ...GOOD, PARLEY_PUBLIC_PORT: '8080', HOME: '/root' },
    );
    assert.deepEqual(config, { ...GOOD, PARLEY_LOG_LEVEL: 'info', PARLEY_PUBLIC_PORT: 8080 });
    assert.ok(Object.isFrozen(config));
  });

  test('ignores keys of other services and of other programs', () => {
    assert.deepEqual(faultsOf(commonShape, { ...GOOD, PARLEY_SMTP_URL: 'anything', PATH: '/bin' }), []);
  });

  test('with a key of ours that nobody knows is refused, with what was probably meant', () => {
    assert.deepEqual(faultsOf(commonShape, { ...GOOD, PARLEY_LOG_LEVL: 'info' }), [
      'PARLEY_LOG_LEVL: unknown key. Did you mean "PARLEY_LOG_LEVEL"?',
    ]);
    assert.deepEqual(faultsOf(commonShape, { ...GOOD, PARLEY_ZZZZZZZZZZZZZZZZZZZZZZZZ: '1' }), [
      'PARLEY_ZZZZZZZZZZZZZZZZZZZZZZZZ: unknown key.',
    ]);
  });

  test('with several faults names them all, each with its key', () => {
    const faults = faultsOf(
      { ...commonShape, PARLEY_PUBLIC_PORT: port },
      { NATS_URL: 'http://127.0.0.1', PARLEY_PUBLIC_PORT: '70000', PARLEY_LOG_LEVEL: 'loud' },
    );
    assert.deepEqual(faults.map((fault) => fault.split(':')[0]).sort(), [
      'DATABASE_URL',
      'NATS_URL',
      'PARLEY_LOG_LEVEL',
      'PARLEY_PUBLIC_PORT',
    ]);
    assert.ok(faults.includes('DATABASE_URL: missing'));
    assert.ok(faults.includes('NATS_URL: must begin with nats:// or tls://'));
  });

  test('takes an empty value for a missing one', () => {
    assert.deepEqual(faultsOf(commonShape, { ...GOOD, DATABASE_URL: '' }), ['DATABASE_URL: missing']);
  });

  test('never shows a value, which may be a secret', () => {
    assert.ok(
      !faultsOf(commonShape, { ...GOOD, NATS_URL: 'https://me:s3cret@host' })
        .join()
        .includes('s3cret'),
    );
  });

  test('reads ports from text, and nothing but those', () => {
    for (const text of ['0', '65535']) assert.ok(port.safeParse(text).success, text);
    for (const text of ['-1', '65536', '1.5', 'x']) assert.ok(!port.safeParse(text).success, text);
  });
});
