import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sleep } from '#shared/runtime/clocks.ts';
import { freePort, isPortFree } from '#shared/runtime/embedded/child.ts';
import { round } from './figures.ts';

/**
 * The whole system by its launcher, cold and then warm; the floor is a bare start of the same Node. Then each service is
 * killed and comes back alone, `aloneMs`: in `startMs`, where all start together, they wait for each other's processors.
 */
export async function startup(): Promise<object> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const floor = await bareNode();
    const cold = await startAndStop(folder, 'together');
    const warm = await startAndStop(folder, 'alone too');
    return {
      name: 'startup',
      floor: round(floor),
      ours: round(warm.readyMs),
      ratio: round(warm.readyMs / floor),
      coldMs: round(cold.readyMs),
      startMs: warm.startMs,
      aloneMs: warm.aloneMs,
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

interface Start {
  readonly readyMs: number;
  readonly startMs: Record<string, number>;
  readonly aloneMs: Record<string, number>;
}

async function startAndStop(folder: string, alone: 'alone too' | 'together'): Promise<Start> {
  const port = await freePair();
  const data = join(folder, 'data');
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ['services/local/main.ts', '--port', String(port), '--data', data, '--no-sandbox'],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await until('it is ready', async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  });
  const readyMs = performance.now() - started;
  const startMs = Object.fromEntries([...lastStarts(data)].map(([name, start]) => [name, start.startMs]));
  const aloneMs = alone === 'alone too' ? await startedAlone(data) : {};
  child.kill('SIGINT');
  await ended;
  return { readyMs, startMs, aloneMs };
}

async function startedAlone(data: string): Promise<Record<string, number>> {
  const times: Record<string, number> = {};
  for (const [name, before] of lastStarts(data)) {
    process.kill(before.pid, 'SIGKILL');
    await until(`${name} is up again`, async () => lastStarts(data).get(name)?.pid !== before.pid);
    times[name] = lastStarts(data).get(name)!.startMs;
  }
  return times;
}

interface Started {
  readonly pid: number;
  readonly startMs: number;
}

/** As the services wrote it into their logs. */
function lastStarts(data: string): ReadonlyMap<string, Started> {
  const logs = join(data, 'logs');
  const starts = new Map<string, Started>();
  for (const file of readdirSync(logs)) {
    for (const line of readFileSync(join(logs, file), 'utf8').split('\n')) {
      if (line.includes('"startMs"')) starts.set(basename(file, '.log'), JSON.parse(line) as Started);
    }
  }
  return starts;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const started = performance.now(); !(await holds()); await sleep(20))
    if (performance.now() - started > 60_000) throw new Error(`not within a minute: ${what}`);
}
