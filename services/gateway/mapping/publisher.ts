import type { Bus } from '#shared/bus/bus.ts';
import { eventSubject } from '#shared/bus/subjects.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { Logger } from '#shared/runtime/logger.ts';

/**
 * Puts committed events on the bus, in order, so many at once, beside the mapping that goes on. An event that does not
 * get there is not lost: context and coordinator look into Postgres each second.
 */
export class Publisher {
  readonly #bus: Bus;
  readonly #logger: Logger;
  readonly #onFailure: (count: number) => void;
  #waiting: Envelope[] = [];
  #flying = 0;

  constructor(bus: Bus, logger: Logger, onFailure: (count: number) => void) {
    this.#bus = bus;
    this.#logger = logger;
    this.#onFailure = onFailure;
  }

  offer(events: readonly Envelope[]): void {
    if (events.length === 0) return;
    if (!this.#bus.isConnected() || this.#waiting.length + events.length > LIMITS.publishesWaiting) {
      this.#onFailure(events.length);
      return;
    }
    this.#waiting.push(...events);
    this.#launch();
  }

  #launch(): void {
    const room = LIMITS.publishesAtOnce - this.#flying;
    for (const event of this.#waiting.splice(0, Math.max(0, room))) {
      this.#flying += 1;
      void this.#publish(event);
    }
  }

  async #publish(event: Envelope): Promise<void> {
    try {
      await this.#bus.publish(eventSubject(event.store, event.type), JSON.stringify(event), event.id);
    } catch (thrown) {
      this.#onFailure(1);
      this.#logger.debug({ err: toParleyError(thrown), event: event.id }, 'an event was not published');
    }
    this.#flying -= 1;
    this.#launch();
  }
}
