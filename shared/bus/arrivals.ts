import type { BusMessage, Consumption } from './bus.ts';

/** The waiting room of a consumption: a bounded queue with one waiter. Its bound is the consumer's `max_ack_pending`. */
export class Arrivals implements Consumption {
  readonly #messages: BusMessage[] = [];
  readonly #onStop: () => Promise<void>;
  #wake: (() => void) | undefined;
  #stopped = false;

  constructor(onStop: () => Promise<void>) {
    this.#onStop = onStop;
  }

  offer(message: BusMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  async take(max: number): Promise<BusMessage[]> {
    while (this.#messages.length === 0 && !this.#stopped) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.takeNow(max);
  }

  takeNow(max: number): BusMessage[] {
    return this.#messages.splice(0, max);
  }

  get waiting(): number {
    return this.#messages.length;
  }

  working(): void {
    for (const message of this.#messages) message.working();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake?.();
    await this.#onStop();
  }
}
