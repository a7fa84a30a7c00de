import { HOUR_MS } from '#shared/kernel/time.ts';

/** What would be said again and again is said once an hour; a restart may say it once more. */
export class Seldom {
  readonly #saidAtMs = new Map<string, number>();

  isDue(what: string, nowMs: number): boolean {
    const before = this.#saidAtMs.get(what);
    if (before !== undefined && nowMs - before < HOUR_MS) return false;
    this.#saidAtMs.set(what, nowMs);
    return true;
  }
}
