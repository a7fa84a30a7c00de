import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sleep } from '#shared/runtime/clocks.ts';
import { forTerminal, Supervised } from './supervise.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-supervise-'));
after(() => rmSync(folder, { recursive: true }));

function supervised(name: string, script: string): { service: Supervised; said: string[]; log: () => string } {
  const bundle = join(folder, `${name}.mjs`);
  const logFile = join(folder, `${name}.log`);
  writeFileSync(bundle, script);
  const said: string[] = [];
  const service = new Supervised(
    { name, bundle, environment: { ONLY: 'mine' }, logFile, niceness: 1, cwd: folder },
    (text) => said.push(text),
  );
  return { service, said, log: () => readFileSync(logFile, 'utf8') };
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; waited < 8_000 && !condition(); waited += 20) await sleep(20);
  assert.ok(condition(), 'did not happen in time');
}

const READY =
  "process.send({ ready: 'x', startMs: 1 }); process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000);";

describe('a supervised service', () => {
  test('is up when it says so, sees only its own environment, and goes on SIGTERM', async () => {
    const { service, log } = supervised('good', `console.log(JSON.stringify(Object.keys(process.env))); ${READY}`);
    await service.start();
    assert.equal(service.status.state, 'up');
    await service.stop();
    assert.equal(service.status.state, 'stopped');
    assert.deepEqual(JSON.parse(log()), ['ONLY']);
  });

  test('is started again when it is killed, and that is said', async () => {
    const { service, said } = supervised('killed', READY);
    await service.start();
    const first = service.status.pid!;
    process.kill(first, 'SIGKILL');
    await until(() => service.status.state === 'up' && service.status.pid !== first);
    assert.equal(service.status.restarts, 1);
    assert.match(said.join('\n'), /killed ended \(signal SIGKILL\); starting it again in 0\.\d s/);
    await service.stop();
  });

  test('is not started again when it refuses its configuration', async () => {
    const { service, said } = supervised('refuses', 'process.exit(78)');
    await service.start();
    assert.equal(service.status.state, 'failed');
    assert.equal(service.status.restarts, 0);
    assert.match(said.join('\n'), /refuses its configuration/);
    await service.stop();
  });

  test('that ignores SIGTERM is ended all the same', { timeout: 15_000 }, async () => {
    const { service } = supervised(
      'deaf',
      "process.send({ ready: 'x' }); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);",
    );
    await service.start();
    const pid = service.status.pid!;
    await service.stop();
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
  });
});

test('the terminal shows warnings, errors and what is not a log record', () => {
  assert.equal(forTerminal('{"level":30,"msg":"started"}'), undefined);
  assert.equal(forTerminal('{"level":40,"msg":"slow"}'), 'warning: slow');
  assert.equal(
    forTerminal('{"level":50,"msg":"no","reason":"bad-config","err":{"message":"why"}}'),
    'error: no (why) [bad-config]',
  );
  assert.equal(
    forTerminal('{"level":40,"store":"candles","kind":"order","msg":"a list was not read","err":{"message":"why"}}'),
    'warning: a list was not read (store candles, order) (why)',
  );
  assert.equal(forTerminal('Segmentation fault'), 'Segmentation fault');
  assert.equal(forTerminal(''), undefined);
});
