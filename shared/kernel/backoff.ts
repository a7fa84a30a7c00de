/**
 * Exponential backoff with full jitter, bounded: attempt 1 waits up to `baseMs`, each further one up to twice as long,
 * never more than `maxMs`. `random` in [0, 1) is an argument so that callers stay pure.
 */
export function backoffMs(attempt: number, baseMs: number, maxMs: number, random: number): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.ceil(ceiling / 2 + (ceiling / 2) * random);
}
