import { LIMITS } from '#shared/runtime/limits.ts';

export interface BodyUnderWay {
  /** So many bytes more are held for it. */
  grew(bytes: number): void;
  /** Nothing is held for it here any more. Any number of times. */
  ended(): void;
}

/**
 * The bytes of all bodies that are being read. Whoever sends them has shown no signature yet, so together they are bounded.
 * Beyond the bound the body that began first is given up: a sender who means to be heard is done in milliseconds, and one
 * that only holds memory is the one that lasts.
 */
export class BodiesUnderWay {
  /** In the order in which they began. */
  readonly #bodies = new Map<() => void, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** `giveUp` is called at most once, and lets go of what was read. */
  begin(giveUp: () => void): BodyUnderWay {
    this.#bodies.set(giveUp, 0);
    return {
      grew: (bytes) => {
        const before = this.#bodies.get(giveUp);
        if (before === undefined) return;
        this.#bodies.set(giveUp, before + bytes);
        this.#bytes += bytes;
        this.#makeRoom();
      },
      ended: () => this.#forget(giveUp),
    };
  }

  #makeRoom(): void {
    for (const [giveUp] of this.#bodies) {
      if (this.#bytes <= LIMITS.bytesUnderWay) return;
      this.#forget(giveUp);
      giveUp();
    }
  }

  #forget(giveUp: () => void): void {
    this.#bytes -= this.#bodies.get(giveUp) ?? 0;
    this.#bodies.delete(giveUp);
  }
}
