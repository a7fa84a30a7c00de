import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#shared/kernel/ids.ts';

/** The wall clock, the random source and fresh ids: what pure code receives as arguments, drawn here and nowhere else. */
export interface Clocks {
  nowMs(): number;
  random(): number;
  newId(): string;
}

export const systemClocks: Clocks = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  newId: () => uuidv7(Date.now(), randomBytes(10)),
};

/** Waits, at most until the signal aborts; never rejects. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
