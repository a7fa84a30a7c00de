import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const LIFECYCLE = fileURLToPath(new URL('lifecycle.ts', import.meta.url));
const LIMIT_MS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'parley-lifecycle-'));
after(() => rmSync(folder, { recursive: true }));

/** A service that starts when `whenStarted` resolves and then stays; it tells its parent how far it is. */
function service(name: string, whenStarted: string): string {
  const file = join(folder, `${name}.ts`);
  writeFileSync(
    file,
    `import { runService } from ${JSON.stringify(LIFECYCLE)};
setInterval(() => {}, 1_000);
await runService('test', {}, async () => {
  process.send?.('starting');
  await ${whenStarted};
  return { stop: async () => {} };
});`,
  );
  return file;
}

const cases = [
  ['that has started ends in order', service('started', 'Promise.resolve()'), 'ready', 0],
  [
    'that still waits for the bus or the database ends at once',
    service('waiting', 'new Promise(() => {})'),
    'starting',
    1,
  ],
] as const;

for (const [name, file, word, code] of cases) {
  test(`a service ${name} when its launcher has died`, { timeout: LIMIT_MS }, async () => {
    const child = fork(file, { cwd: join(LIFECYCLE, '../../..'), stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    after(() => child.kill('SIGKILL'));
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve) => {
      child.on('message', (message: 'starting' | { ready?: string }) => {
        if (word === 'starting' ? message === 'starting' : typeof message === 'object') resolve();
      });
    });
    // What the death of the parent does to the channel.
    child.disconnect();
    assert.equal(await ended, code);
  });
}
