import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Flags, parseFlags } from './flags.ts';

function flags(...argv: string[]): Flags {
  const parsed = parseFlags(argv, '/data');
  if ('fault' in parsed) throw new Error(parsed.fault);
  return parsed.flags;
}

function fault(...argv: string[]): string {
  const parsed = parseFlags(argv, '/data');
  assert.ok('fault' in parsed, 'was accepted');
  return parsed.fault;
}

describe('flags', () => {
  test('none: the defaults', () => {
    assert.deepEqual(flags(), {
      port: 8080,
      publicUrl: undefined,
      data: '/data',
      fresh: false,
      replay: undefined,
      speed: 'max',
      exit: false,
      sandbox: true,
      json: false,
      help: false,
    });
  });

  test('all of them, with a blank and with an equals sign', () => {
    const all = flags(
      '--port',
      '9000',
      '--public-url=https://a.example/',
      '--data=/d',
      '--fresh',
      '--replay',
      'f.csv',
      '--speed',
      '2.5',
      '--exit',
      '--json',
    );
    assert.equal(all.port, 9000);
    assert.equal(all.publicUrl, 'https://a.example');
    assert.equal(all.data, '/d');
    assert.equal(all.speed, '2.5');
    assert.ok(all.fresh && all.exit && all.json);
    assert.equal(flags('--no-sandbox').sandbox, false);
  });

  test('an unknown one is refused with a suggestion', () => {
    assert.match(fault('--relpay', 'x'), /Unknown flag --relpay\. Did you mean "--replay"\?/);
    assert.match(fault('replay'), /Unknown flag replay/);
  });

  test('values that are missing or wrong are refused', () => {
    for (const argv of [
      ['--port'],
      ['--data', '--fresh'],
      ['--port=0'],
      ['--port', '65535'],
      ['--port', 'x'],
      ['--speed', '0', '--replay', 'f'],
      ['--public-url', 'ftp://x'],
      ['--fresh=yes'],
    ]) {
      fault(...argv);
    }
  });

  test('combinations that would change nothing are refused', () => {
    assert.match(fault('--exit'), /--replay/);
    assert.match(fault('--speed', '3'), /--replay/);
    assert.match(fault('--no-sandbox', '--replay', 'f'), /--no-sandbox/);
  });
});
