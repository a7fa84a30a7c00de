import { randomBytes } from 'node:crypto';
import { uuidv7 } from '#shared/kernel/ids.ts';

const PER_MS = 0xfff;
const TAIL = 10;
/** Random bytes are drawn for many ids at once: one call costs as much as a thousand bytes. */
const POOL = 1_000 * TAIL;

/**
 * uuidv7 that also ascends within a millisecond (RFC 9562, 6.2, method 1): deliveries are mapped in the order of their
 * ids, and that is to be the order in which this process took them in. A clock that steps back does not step the ids back.
 */
export function orderedIds(nowMs: () => number): () => string {
  let lastMs = 0;
  let counter = 0;
  let pool = randomBytes(POOL);
  let at = 0;
  return () => {
    const now = nowMs();
    counter = now > lastMs ? 0 : counter + 1;
    if (now > lastMs) lastMs = now;
    if (counter > PER_MS) {
      lastMs += 1;
      counter = 0;
    }
    if (at + TAIL > pool.length) {
      pool = randomBytes(POOL);
      at = 0;
    }
    const tail = pool.subarray(at, at + TAIL);
    at += TAIL;
    tail[0] = counter >> 8;
    tail[1] = counter & 0xff;
    return uuidv7(lastMs, tail);
  };
}
