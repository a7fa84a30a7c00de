import { sleep } from '#shared/runtime/clocks.ts';

/** Wakes one waiting loop. A ring while nobody waits is kept, so that nothing that came in between is overlooked. */
export class Bell {
  #rung = false;
  #waiting: AbortController | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung) {
      this.#waiting = new AbortController();
      await sleep(ms, AbortSignal.any([signal, this.#waiting.signal]));
      this.#waiting = undefined;
    }
    this.#rung = false;
  }
}
