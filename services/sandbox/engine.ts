import type { Sender } from './send/sender.ts';
import { present } from './world/present.ts';
import type { Delivery, Step } from './world/steps.ts';
import type { World } from './world/world.ts';

/** A webhook as it is kept in `sandbox.outgoing`: the body is text, since what it tells was true at the moment of the write. */
export interface KeptDelivery extends Omit<Delivery, 'body'> {
  readonly body: string;
  readonly echo: boolean;
}

interface Entered {
  /** The position that is reached when this and all before it are acknowledged. */
  readonly after: number;
  left: number;
  readonly moved: readonly [number, number][];
}

/** Puts steps into the store and their webhooks into the sender, and knows how far everything is acknowledged. */
export class Engine {
  readonly world: World;
  readonly #sender: Sender;
  readonly #known: Set<string>;
  readonly #settled: (moved: readonly [number, number][]) => void;
  #entered: Entered[] = [];
  position: number;
  ended: boolean;

  constructor(options: {
    world: World;
    sender: Sender;
    known: Set<string>;
    position: number;
    ended: boolean;
    settled: (moved: readonly [number, number][]) => void;
  }) {
    this.world = options.world;
    this.#sender = options.sender;
    this.#known = options.known;
    this.position = options.position;
    this.ended = options.ended;
    this.#settled = options.settled;
  }

  /** `position` names the step in the journal; `after` is where the store stands once it is acknowledged. */
  enter(step: Step, position: number, after: number): void {
    this.world.moved = [];
    const told = present(this.world, step);
    for (const { keys, atMs } of told) this.world.touch(keys, atMs);
    const deliveries = told.filter((delivery) => !this.#known.has(delivery.id));
    const entered: Entered = { after, left: deliveries.length, moved: this.world.moved };
    this.#entered.push(entered);
    if (deliveries.length === 0) this.#advance();
    for (const delivery of deliveries) {
      this.#known.add(delivery.id);
      const done = () => {
        entered.left -= 1;
        if (step.kind === 'end') this.ended = true;
        if (entered.left === 0) this.#advance();
      };
      this.#sender.offer({ delivery, position, outgoing: null, echo: false, done });
    }
  }

  /** What a committed write caused; its row in `outgoing` goes when it is acknowledged. */
  push(n: number, kept: KeptDelivery): void {
    const { body, echo, ...rest } = kept;
    this.#known.add(kept.id);
    this.world.touch(kept.keys, kept.atMs);
    this.#sender.offer({ delivery: { ...rest, body: () => body }, position: null, outgoing: n, echo, done: () => {} });
  }

  isKnown(id: string): boolean {
    return this.#known.has(id);
  }

  #advance(): void {
    let done = 0;
    for (const entered of this.#entered) {
      if (entered.left > 0) break;
      this.position = entered.after;
      this.#settled(entered.moved);
      done += 1;
    }
    if (done > 0) this.#entered = this.#entered.slice(done);
  }
}
