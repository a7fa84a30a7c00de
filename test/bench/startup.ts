import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isPortFree } from '#shared/runtime/embedded/child.ts';
import { round } from './figures.ts';

/** The whole system by its launcher, cold and then warm; the floor is a bare start of the same Node. */
export async function startup(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const floor = await bareNode();
    const cold = await startAndStop(folder);
    const warm = await startAndStop(folder);
    return {
      name: 'startup',
      floor: round(floor),
      ours: round(warm.readyMs),
      ratio: round(warm.readyMs / floor),
      coldMs: round(cold.readyMs),
      startMs: warm.startMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The operator's port is the one after the public one. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (await isPortFree(port + 1, '127.0.0.1')) return port;
  }
}

function bareNode(): Promise<number> {
  const started = performance.now();
  return new Promise((resolve) =>
    spawn(process.execPath, ['-e', '0']).once('exit', () => resolve(performance.now() - started)),
  );
}

async function startAndStop(folder: string): Promise<{ readyMs: number; startMs: Record<string, number> }> {
  const port = await freePair();
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['services/local/main.ts', '--port', String(port), '--data', join(folder, 'data'), '--no-sandbox'],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.status === 200) break;
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    if (performance.now() - started > 60_000) throw new Error('not ready within a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const readyMs = performance.now() - started;
  child.kill('SIGINT');
  await ended;
  const state = JSON.parse(readFileSync(join(folder, 'data', 'state.json'), 'utf8')) as Record<
    string,
    { startMs?: number }
  >;
  return {
    readyMs,
    startMs: Object.fromEntries(Object.entries(state).map(([name, status]) => [name, status.startMs ?? 0])),
  };
}
