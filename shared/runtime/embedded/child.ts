import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, renameSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { sleep } from '../clocks.ts';

const LOG_BYTES = 10 * 1024 * 1024;

export interface ServerProcess {
  readonly pid: number;
  /** Resolves with how it ended, once it has. */
  readonly ended: Promise<string>;
  /** Sends the polite signal, then SIGKILL after the limit. */
  stop(signal: NodeJS.Signals, limitMs: number): Promise<void>;
}

interface SpawnOptions {
  command: string;
  args: readonly string[];
  logFile: string;
  /** As root: the user to become, because Postgres refuses to run as root. */
  uid?: number | undefined;
  environment?: Readonly<Record<string, string>>;
}

/**
 * A server of somebody else's making, in a process group of its own, so that Ctrl-C reaches the launcher alone and the
 * launcher stops things in order. Beside it waits a tiny shell: when this process dies without a word, the pipe between
 * them closes, and the shell ends the server.
 */
export function spawnServer(options: SpawnOptions): ServerProcess {
  const log = openLog(options.logFile);
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(options.command, [...options.args], {
    // A user who may not enter our own folder must not start in it.
    cwd: '/',
    detached: true,
    stdio: ['ignore', log, log],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...options.environment },
    ...identity,
  });
  closeSync(log);
  const guard = child.pid === undefined ? undefined : spawnGuard(child.pid);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  void ended.then(() => guard?.kill('SIGKILL'));
  return {
    pid: child.pid ?? -1,
    ended,
    stop: async (signal, limitMs) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function spawnGuard(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const guard = spawn('/bin/sh', ['-c', `read -r _; kill -INT ${pid}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return guard;
}

/** Appends; what has grown too large is put aside once. */
export function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o640);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Whether a listener could be opened there now. */
export function isPortFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Waits until somebody accepts connections there; false when it took too long or `gone` says that nobody will. */
export async function waitForPort(port: number, limitMs: number, gone: () => boolean): Promise<boolean> {
  const until = performance.now() + limitMs;
  while (performance.now() < until && !gone()) {
    if (await accepts(port)) return true;
    await sleep(10);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether a process lives and its command line holds `text`; where that cannot be read, living is enough. */
export async function isAlive(pid: number, text: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const { readFile } = await import('node:fs/promises');
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (line === undefined) return process.platform !== 'linux';
  return line.replaceAll('\0', ' ').includes(text);
}
