import { LIMITS } from '#shared/runtime/limits.ts';

export interface BodyUnderWay {
  /** So many bytes more are held for it. */
  grew(bytes: number): void;
  /** Nothing is held for it here any more. Any number of times. */
  ended(): void;
}

/** The bodies that one endpoint is being sent. */
interface Share {
  bytes: number;
  /** What is held for each, by how it is given up; in the order in which they began. */
  readonly bodies: Map<() => void, number>;
}

/**
 * The bytes of all bodies that are being read. Whoever sends them has shown no signature yet, so together they are bounded.
 * Beyond the bound the endpoint that holds the most makes room, so that no source pushes another out; and of its bodies the
 * one that began first: a sender who means to be heard is done in milliseconds, and one that only holds memory lasts.
 */
export class BodiesUnderWay {
  readonly #shares = new Map<string, Share>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** `giveUp` is called at most once, and lets go of what was read. */
  begin(endpoint: string, giveUp: () => void): BodyUnderWay {
    const share = this.#shares.get(endpoint) ?? { bytes: 0, bodies: new Map() };
    this.#shares.set(endpoint, share);
    const { bodies } = share;
    bodies.set(giveUp, 0);
    return {
      grew: (bytes) => {
        const before = bodies.get(giveUp);
        if (before === undefined) return;
        bodies.set(giveUp, before + bytes);
        share.bytes += bytes;
        this.#bytes += bytes;
        while (this.#bytes > LIMITS.bytesUnderWay) this.#makeRoom();
      },
      ended: () => this.#forget(endpoint, share, giveUp),
    };
  }

  #makeRoom(): void {
    const [endpoint, greediest] = [...this.#shares].reduce((most, one) => (one[1].bytes > most[1].bytes ? one : most));
    for (const [giveUp, bytes] of greediest.bodies) {
      if (bytes === 0) continue;
      this.#forget(endpoint, greediest, giveUp);
      giveUp();
      return;
    }
  }

  #forget(endpoint: string, share: Share, giveUp: () => void): void {
    const bytes = share.bodies.get(giveUp);
    if (bytes === undefined) return;
    share.bodies.delete(giveUp);
    share.bytes -= bytes;
    this.#bytes -= bytes;
    // By identity: an endpoint that was empty for a moment has another share by now.
    if (share.bodies.size === 0 && this.#shares.get(endpoint) === share) this.#shares.delete(endpoint);
  }
}
