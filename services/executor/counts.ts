import type { Logger } from '#shared/runtime/logger.ts';

/** What this process has done since its last line: one log line a minute carries it, and nothing when nothing was done. */
export class Counts {
  readonly #counts = new Map<string, number>();
  #callMs = 0;

  add(name: string, callMs = 0): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    this.#callMs += callMs;
  }

  write(logger: Logger): void {
    if (this.#counts.size === 0) return;
    logger.info({ ...Object.fromEntries(this.#counts), callMs: Math.round(this.#callMs) }, 'actions and mails');
    this.#counts.clear();
    this.#callMs = 0;
  }
}
