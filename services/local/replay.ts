import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { PermanentError } from '#shared/kernel/errors.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { progressOf, whatIsOpen } from '#shared/store/setup/drained.ts';
import { figuresOf, missingDeliveries } from '#shared/store/setup/summary.ts';
import { type SenderSide, type Summary, summarize } from './summary.ts';
import type { System } from './system.ts';

const LOOK_MS = 500;
const TELL_MS = 5_000;
/** Nothing has moved for this long although something is open: a replay that hangs must end with a reason. */
const STUCK_MS = 180_000;

/** A replay runs in a store of its own, named after the bytes of its file. */
export async function replayStore(file: string): Promise<string> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new PermanentError('bad-config', `--replay: there is no file ${file}`, { position: '--replay' });
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return `replay-${hash.digest('hex').slice(0, 12)}`;
}

/** How far the sandbox is, as it says itself (`GET /stores/<store>/progress`). */
interface Sending {
  readonly acknowledged: number;
  readonly ended: boolean;
  readonly pending: number;
}

/** Waits until the sandbox has sent everything and the store is at rest; tells how far it is. */
export async function waitUntilDrained(
  system: System,
  store: string,
  say: (text: string) => void,
  stop: AbortSignal,
): Promise<boolean> {
  let toldAt = performance.now();
  let movedAt = performance.now();
  let before = '';
  while (!stop.aborted) {
    const [sending, progress] = await Promise.all([
      (system.askSandbox(`/stores/${store}/progress`) as Promise<Sending>).catch(() => undefined),
      progressOf(system.sql, store).catch(() => ({ head: 0, clock: '' })),
    ]);
    // What is open is counted in the tables, and means little before everything is sent.
    const open =
      sending?.ended === false
        ? { webhooks: sending.pending }
        : await whatIsOpen(system.sql, store).catch(() => ({ database: 1 }));
    const resting = Object.keys(open).length === 0;
    if (sending?.ended && sending.pending === 0 && resting) return true;
    const now = JSON.stringify([sending?.acknowledged, progress, open]);
    if (now !== before) movedAt = performance.now();
    before = now;
    if (performance.now() - movedAt > STUCK_MS) {
      say(`replay: nothing has moved for ${STUCK_MS / 1_000} s; still open: ${describe(open)}`);
      return false;
    }
    if (performance.now() - toldAt > TELL_MS) {
      toldAt = performance.now();
      say(
        `replay: ${sending?.acknowledged ?? '?'} webhooks acknowledged, ${progress.head} events, shop time ${progress.clock.slice(0, 16)}${sending?.ended ? `; still open: ${describe(open)}` : ''}`,
      );
    }
    await sleep(LOOK_MS, stop);
  }
  return false;
}

function describe(open: Record<string, number>): string {
  return Object.entries(open)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

export async function closeReplay(
  system: System,
  store: string,
  seconds: number,
): Promise<{ summary: Summary; broken: string[] }> {
  const ledger = (await system.askSandbox(`/stores/${store}/ledger`)) as SenderSide;
  const accepted = (await system.askSandbox(`/stores/${store}/ledger/accepted`)) as string[];
  const [figures, missing] = await Promise.all([
    figuresOf(system.sql, store),
    missingDeliveries(system.sql, store, accepted),
  ]);
  return summarize(ledger, figures, missing.length, seconds);
}
