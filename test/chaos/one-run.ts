import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { sleep } from '#shared/runtime/clocks.ts';
import { freePort } from '#shared/runtime/embedded/child.ts';
import { removeCluster } from '#shared/runtime/embedded/postgres.ts';
import { type Aftermath, readAftermath } from './aftermath.ts';
import { childrenOf, processOf, strike } from './processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOOK_MS = 40;
const STOP_MS = 20_000;
/** A victim that is not back by then is not waited for any longer before the next one is struck. */
const BACK_MS = 20_000;

/** When each victim is struck, in milliseconds after the system was ready. */
export interface Strike {
  readonly victim: string;
  readonly atMs: number;
}

export interface Struck {
  readonly victim: string;
  /** Wall time in milliseconds. */
  readonly atMs: number;
}

export interface RunOptions {
  readonly file: string;
  readonly store: string;
  readonly strikes: readonly Strike[];
  readonly limitMs: number;
  say(text: string): void;
}

export interface RunResult {
  readonly summary: Summary | undefined;
  readonly exitCode: number | null;
  readonly struck: readonly Struck[];
  /** Wall time at which the system was ready, in milliseconds. */
  readonly readyAtMs: number;
  readonly missed: readonly string[];
  /** It was stopped before its end: its time was up, or somebody wanted no more. */
  readonly timedOut: boolean;
  readonly aftermath: Aftermath | undefined;
  readonly seconds: number;
  /** Kept for whoever looks for the cause, when something is wrong; see `forgetRun`. */
  readonly folder: string;
}

/** The last line of a replay, as far as it is compared here. */
export interface Summary {
  readonly webhooks: { sent: number; accepted: number; duplicates: number; refused: number };
  readonly rounds: { complete: number; settled: number };
  readonly orderLines: number;
  readonly events: number;
  readonly intents: number;
  readonly actions: Readonly<Record<string, number>>;
  readonly deadLetters: number;
  readonly lost: number;
  readonly seconds: number;
  readonly webhooksPerSecond: number;
  readonly broken?: readonly string[];
}

/** One replay by the real launcher, in a folder of its own, with the strikes that were asked for. */
export async function runOnce(options: RunOptions): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
  const dataPath = join(folder, 'data');
  const port = await freePortPair();
  const startedAt = performance.now();
  const launcher = startLauncher(options, dataPath, port);
  const limit = setTimeout(() => launcher.giveUp(), options.limitMs);
  const stop = () => launcher.giveUp();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const blow = strikeAll(launcher, options, dataPath);
  const { code, lastLine, timedOut } = await launcher.ended;
  clearTimeout(limit);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  const { struck, missed, readyAtMs } = await blow;
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const aftermath = await readAftermath(dataPath, options.store).catch((thrown: Error) => {
    options.say(`the cluster cannot be read afterwards: ${thrown.message}`);
    return undefined;
  });
  const summary = readSummary(lastLine);
  return { summary, exitCode: code, struck, readyAtMs, missed, timedOut, aftermath, seconds, folder };
}

export function forgetRun(result: RunResult): void {
  // As root the cluster lies elsewhere, where Postgres's own user can reach it.
  removeCluster(join(result.folder, 'data', 'postgres'));
  rmSync(result.folder, { recursive: true, force: true });
}

function readSummary(line: string): Summary | undefined {
  try {
    return JSON.parse(line) as Summary;
  } catch {
    return undefined;
  }
}

interface Launcher {
  readonly pid: number;
  readonly ready: Promise<void>;
  readonly ended: Promise<{ code: number | null; lastLine: string; timedOut: boolean }>;
  hasEnded(): boolean;
  giveUp(): void;
}

function startLauncher(options: RunOptions, dataPath: string, port: number): Launcher {
  const { DATABASE_URL: _database, NATS_URL: _bus, ...environment } = process.env;
  const flags = ['--fresh', '--replay', options.file, '--speed', 'max', '--exit', '--json'];
  const child = spawn(
    process.execPath,
    [join(ROOT, 'services/local/main.ts'), ...flags, '--data', dataPath, '--port', String(port)],
    { cwd: ROOT, env: { ...environment, PARLEY_PUBLIC_HOST: '127.0.0.1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let lastLine = '';
  let hasEnded = false;
  let timedOut = false;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.trim() !== '') lastLine = line;
  });
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      options.say(`  | ${line}`);
      if (line.startsWith('Parley is ready')) resolve();
    });
  });
  const ended = new Promise<{ code: number | null; lastLine: string; timedOut: boolean }>((resolve) => {
    // `close` and not `exit`: the last line may still be in the pipe when the process is gone.
    child.once('close', (code) => {
      hasEnded = true;
      resolve({ code, lastLine, timedOut });
    });
  });
  const giveUp = () => {
    timedOut = true;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref();
  };
  return { pid: child.pid!, ready, ended, hasEnded: () => hasEnded, giveUp };
}

async function strikeAll(
  launcher: Launcher,
  options: RunOptions,
  dataPath: string,
): Promise<{ struck: Struck[]; missed: string[]; readyAtMs: number }> {
  const struck: Struck[] = [];
  await Promise.race([launcher.ready, launcher.ended]);
  const readyAtMs = Date.now();
  const readyAt = performance.now();
  for (const { victim, atMs } of options.strikes) {
    while (!launcher.hasEnded() && performance.now() - readyAt < atMs) await sleep(LOOK_MS);
    const pid = await livingProcess(launcher, victim);
    if (pid === undefined) break;
    strike(victim, pid, dataPath);
    struck.push({ victim, atMs: Date.now() });
    options.say(`struck ${victim} (process ${pid}) after ${((performance.now() - readyAt) / 1_000).toFixed(1)} s`);
  }
  return { struck, readyAtMs, missed: options.strikes.slice(struck.length).map(({ victim }) => victim) };
}

/** A victim may still be on its way back from the strike before. */
async function livingProcess(launcher: Launcher, victim: string): Promise<number | undefined> {
  const until = performance.now() + BACK_MS;
  while (!launcher.hasEnded() && performance.now() < until) {
    const pid = childrenOf(launcher.pid).get(processOf(victim));
    if (pid !== undefined) return pid;
    await sleep(LOOK_MS);
  }
  return undefined;
}

/** The launcher takes two ports that follow each other. */
async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port < 65_000) return port;
  }
}
