import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { backoffMs } from '#shared/kernel/backoff.ts';
import { MINUTE_MS } from '#shared/kernel/time.ts';
import { sleep, systemClocks } from '#shared/runtime/clocks.ts';
import { openLog } from '#shared/runtime/embedded/child.ts';
import { EXIT_BAD_CONFIG } from '#shared/runtime/lifecycle.ts';

/**
 * Small young generations: V8 gives a process of this kind up to 100 MB of them, for garbage that a scavenge every few
 * milliseconds collects as well. A gateway fell from 300 MB to 137 MB resident. The old space is bounded, so that a leak
 * ends in a visible restart instead of a slow machine.
 */
export function heapOf(service: string): string[] {
  const youngMb = YOUNG_MB[service] ?? 1;
  return [`--max-semi-space-size=${youngMb}`, '--max-old-space-size=160'];
}

/**
 * At 64 webhooks at once those under way outlive a scavenge of 1 MB and are copied into the old space: a webhook costs a
 * fifth more CPU then. With 4 or 8 MB it costs no less than with 2 (`npm run bench -- ingress`).
 */
const YOUNG_MB: Readonly<Record<string, number>> = { gateway: 2 };

const FIRST_RESTART_MS = 200;
const LAST_RESTART_MS = 10_000;
/** A process that has lived this long begins again with the shortest wait. */
const SETTLED_MS = MINUTE_MS;
const TERM_LIMIT_MS = 6_000;
const WARN = 40;

type State = 'starting' | 'up' | 'restarting' | 'failed' | 'stopped';

export interface ServiceStatus {
  state: State;
  pid: number | undefined;
  restarts: number;
  startMs: number | undefined;
  lastEnd: string | undefined;
}

interface ServiceSpec {
  readonly name: string;
  readonly bundle: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Added to the niceness, so that the gateway's 200 stays quick when the machine is full. */
  readonly niceness: number;
  readonly cwd: string;
}

/** One service as a process of its own: started, watched, restarted with a growing wait, stopped. */
export class Supervised {
  readonly spec: ServiceSpec;
  readonly status: ServiceStatus = {
    state: 'starting',
    pid: undefined,
    restarts: 0,
    startMs: undefined,
    lastEnd: undefined,
  };
  readonly #say: (text: string) => void;
  readonly #log: WriteStream;
  readonly #stop = new AbortController();
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #settled: (() => void) | undefined;

  constructor(spec: ServiceSpec, say: (text: string) => void) {
    this.spec = spec;
    this.#say = say;
    this.#log = createWriteStream('', { fd: openLog(spec.logFile) });
  }

  /** Resolves when the service has said that it is ready, or has ended for the first time. */
  start(): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    void this.#keepRunning();
    return settled;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), TERM_LIMIT_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    if (this.status.state !== 'failed') this.status.state = 'stopped';
    await new Promise<void>((resolve) => this.#log.end(resolve));
  }

  async #keepRunning(): Promise<void> {
    let failures = 0;
    while (!this.#stop.signal.aborted) {
      const startedAt = performance.now();
      const { code, how } = await this.#runOnce();
      if (this.#stop.signal.aborted) return;
      this.status.lastEnd = how;
      if (code === EXIT_BAD_CONFIG) {
        this.status.state = 'failed';
        this.#say(`${this.spec.name} refuses its configuration and is not started again; see ${this.spec.logFile}`);
        this.#settled?.();
        return;
      }
      failures = performance.now() - startedAt > SETTLED_MS ? 1 : failures + 1;
      const waitMs = backoffMs(failures, FIRST_RESTART_MS, LAST_RESTART_MS, systemClocks.random());
      this.status.state = 'restarting';
      this.status.restarts++;
      this.#settled?.();
      this.#say(`${this.spec.name} ended (${how}); starting it again in ${(waitMs / 1_000).toFixed(1)} s`);
      await sleep(waitMs, this.#stop.signal);
    }
  }

  #runOnce(): Promise<{ code: number | null; how: string }> {
    const { spec } = this;
    // Without --enable-source-maps: it costs 50 MB in every process, and the bundles keep the names of functions.
    const child = spawn(process.execPath, [...heapOf(spec.name), spec.bundle], {
      cwd: spec.cwd,
      env: { ...spec.environment },
      // A group of its own: Ctrl-C reaches the launcher alone, which then stops things in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.status.pid = child.pid;
    if (child.pid !== undefined) lowerPriority(child.pid, spec.niceness);
    child.on('message', (message: { ready?: string; startMs?: number }) => {
      if (message.ready === undefined) return;
      this.status.state = 'up';
      this.status.startMs = message.startMs;
      this.#settled?.();
    });
    createInterface({ input: child.stdout! }).on('line', (line) => this.#take(line));
    createInterface({ input: child.stderr! }).on('line', (line) => this.#take(line));
    const ended = new Promise<{ code: number | null; how: string }>((resolve) => {
      child.once('error', (error) => resolve({ code: null, how: error.message }));
      child.once('exit', (code, signal) =>
        resolve({ code, how: signal === null ? `exit code ${code}` : `signal ${signal}` }),
      );
    });
    this.#ended = ended.then(() => {});
    return ended;
  }

  #take(line: string): void {
    if (!this.#log.writableEnded) this.#log.write(`${line}\n`);
    const shown = forTerminal(line);
    if (shown !== undefined && !this.#stop.signal.aborted) this.#say(`${this.spec.name}: ${shown}`);
  }
}

/** Warnings and errors for people; everything is in the log file. What is not JSON comes from Node itself and is shown. */
export function forTerminal(line: string): string | undefined {
  if (!line.startsWith('{')) return line.trim() === '' ? undefined : line;
  try {
    const record = JSON.parse(line) as {
      level?: number;
      msg?: string;
      reason?: string;
      store?: string;
      kind?: string;
      err?: { message?: string };
    };
    if ((record.level ?? 0) < WARN) return undefined;
    const level = (record.level ?? 0) > WARN ? 'error' : 'warning';
    const cause =
      record.err?.message === undefined || record.err.message === record.msg ? '' : ` (${record.err.message})`;
    const about = [record.store && `store ${record.store}`, record.kind].filter(Boolean).join(', ');
    return `${level}: ${record.msg ?? 'no message'}${about && ` (${about})`}${cause}${record.reason ? ` [${record.reason}]` : ''}`;
  } catch {
    return line;
  }
}

function lowerPriority(pid: number, niceness: number): void {
  if (niceness === 0) return;
  try {
    setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system does not allow it: the order of priority is a courtesy.
  }
}
