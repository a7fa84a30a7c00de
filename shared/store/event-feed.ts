import type { Envelope } from '#shared/contracts/envelope.ts';

/**
 * The events of one store as they come in by the bus, waiting for their turn. A message is a doorbell that brings its
 * row along: where the rows continue the position without a gap they are taken as they are, otherwise the caller reads
 * Postgres. Bounded: beyond `limit` a message only rings.
 */
export class EventFeed {
  readonly #waiting = new Map<number, Envelope>();
  readonly #limit: number;
  #newest = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Highest `seq` that has been heard of; greater than the position means that there is something to take. */
  get newest(): number {
    return this.#newest;
  }

  offer(event: Envelope): void {
    this.#newest = Math.max(this.#newest, event.seq);
    if (this.#waiting.size < this.#limit) this.#waiting.set(event.seq, event);
  }

  /** The unbroken run of events that follows the position, at most `max`; empty when the next one has not come by the bus. */
  take(position: number, max: number): Envelope[] {
    const run: Envelope[] = [];
    for (let seq = position + 1; run.length < max; seq++) {
      const event = this.#waiting.get(seq);
      if (!event) break;
      run.push(event);
    }
    return run;
  }

  /** Forgets everything up to the position. */
  forget(position: number): void {
    for (const seq of this.#waiting.keys()) if (seq <= position) this.#waiting.delete(seq);
  }
}
