import { type ChildProcess, fork } from 'node:child_process';
import { heapOf } from '../../services/local/supervise.ts';
import { ALLOCATION } from '../../services/local/system.ts';
import type { Usage } from './report.ts';

export interface ServerProcess {
  readonly pid: number;
  readonly ports: Readonly<Record<string, number>>;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts a server in a process of its own, so that its memory and its CPU are its own; returns when it listens. A service gets no more memory than the launcher gives it. */
export function startProcess(
  file: URL,
  given: readonly string[],
  memory: 'as node' | 'as launched',
): Promise<ServerProcess> {
  const bounded = memory === 'as launched';
  const child = fork(file, [...given], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: bounded ? heapOf('gateway') : [],
    env: bounded ? { ...process.env, ...ALLOCATION } : process.env,
  });
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`${file.pathname} ended with code ${code}`));
    child.once('exit', died);
    child.once('message', (ports) => {
      child.off('exit', died);
      resolve({
        pid: child.pid!,
        ports: ports as Record<string, number>,
        usage: () => usageOf(child),
        stop: () => stop(child),
      });
    });
  });
}

function usageOf(child: ChildProcess): Promise<Usage> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null) => reject(new Error(`It ended with code ${code}`));
    child.once('exit', died);
    child.once('message', (usage) => {
      child.off('exit', died);
      resolve(usage as Usage);
    });
    child.send('usage');
  });
}

function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.disconnect();
  });
}
