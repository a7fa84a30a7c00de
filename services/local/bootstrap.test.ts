import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep } from '#shared/runtime/clocks.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'parley-bootstrap-'));
after(() => rmSync(folder, { recursive: true }));

/** An entry that says that it runs, and what made it stop. */
const entry = join(folder, 'entry.mjs');
const said = join(folder, 'said');
writeFileSync(
  entry,
  `import { appendFileSync } from 'node:fs';
const say = (text) => appendFileSync(${JSON.stringify(said)}, text + ' ');
process.on('SIGTERM', () => { say('SIGTERM'); process.exit(0); });
setTimeout(() => say('never stopped'), ${LIMIT_MS * 2});
say('started');`,
);

const untilSaid = async (word: string) => {
  const until = performance.now() + LIMIT_MS;
  while (!existsSync(said) || !readFileSync(said, 'utf8').includes(word)) {
    assert.ok(performance.now() < until, `waited for "${word}" in vain`);
    await sleep(20);
  }
};

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`npm that gets ${signal} takes what it started along`, { skip: process.platform === 'win32' }, async () => {
    rmSync(said, { force: true });
    const script = `services/local/bootstrap.mjs ${relative(ROOT, entry)}`;
    // What npm does: a process between the shell of its caller and the command, which passes no signal on.
    const npm = spawn(
      process.execPath,
      ['-e', `require('node:child_process').spawn(process.execPath, ${JSON.stringify(script.split(' '))})`],
      { cwd: ROOT, stdio: 'ignore', env: { PATH: '/usr/bin:/bin', npm_lifecycle_event: 'start' } },
    );
    await untilSaid('started');
    npm.kill(signal);
    await untilSaid('SIGTERM');
  });
}
