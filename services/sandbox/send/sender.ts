import { backoffMs } from '#shared/kernel/backoff.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import type { SentRow } from '#shared/store/sandbox/journal.ts';
import type { Delivery } from '../world/steps.ts';
import type { Answer, Post } from './post.ts';

/** What the journal has to know of a delivery beside its content. */
export interface Posting {
  readonly delivery: Delivery;
  readonly position: number | null;
  readonly outgoing: number | null;
  readonly echo: boolean;
  done(): void;
}

interface Entry extends Posting {
  blockers: number;
  readonly dependents: Entry[];
}

const RETRY_BASE_MS = 50;
const RETRY_MAX_MS = 2_000;
/** Answers that promise a later success; every other 4xx is final. */
const LATER = new Set([408, 425, 429]);

/**
 * A closed loop: at most `inFlight` webhooks wait for their answer. A webhook is sent when every earlier one about the same
 * resource is acknowledged, and again under the same id until it is answered: it never gives up.
 */
export class Sender {
  readonly #post: Post;
  readonly #inFlight: number;
  readonly #window: number;
  readonly #record: (row: SentRow) => void;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #tails = new Map<string, Entry>();
  readonly #ready: Entry[] = [];
  #waiting = 0;
  #acknowledged = 0;
  #flying = 0;
  #wake: (() => void)[] = [];

  constructor(options: { post: Post; inFlight: number; record: (row: SentRow) => void; logger: Logger }) {
    this.#post = options.post;
    this.#inFlight = options.inFlight;
    this.#window = options.inFlight * 4;
    this.#record = options.record;
    this.#logger = options.logger;
  }

  /** How many are known to the sender and not yet acknowledged. */
  get pending(): number {
    return this.#waiting + this.#flying;
  }

  /** How many were acknowledged since this process began. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  offer(posting: Posting): void {
    const entry: Entry = { ...posting, done: posting.done, blockers: 0, dependents: [] };
    for (const key of new Set(posting.delivery.keys)) {
      const before = this.#tails.get(key);
      if (before) {
        before.dependents.push(entry);
        entry.blockers += 1;
      }
      this.#tails.set(key, entry);
    }
    this.#waiting += 1;
    if (entry.blockers === 0) this.#ready.push(entry);
    this.#launch();
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.pending >= this.#window && !this.#stop.signal.aborted) await this.#change();
  }

  async idle(): Promise<void> {
    while (this.pending > 0 && !this.#stop.signal.aborted) await this.#change();
  }

  stop(): void {
    this.#stop.abort();
    this.#notify();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }

  #launch(): void {
    while (this.#flying < this.#inFlight && this.#ready.length > 0 && !this.#stop.signal.aborted) {
      const entry = this.#ready.shift()!;
      this.#waiting -= 1;
      this.#flying += 1;
      void this.#send(entry);
    }
  }

  async #send(entry: Entry): Promise<void> {
    const { delivery } = entry;
    const body = Buffer.from(delivery.body());
    const sentAtMs = Date.now();
    let mayHaveArrived = 0;
    for (let attempt = 1; !this.#stop.signal.aborted; attempt++) {
      const startedAt = performance.now();
      const answer = await this.#post(delivery, body).catch((error: NodeJS.ErrnoException) => error);
      if (answer instanceof Error) {
        // A refused connection carried nothing; any other break may have come after the receiver's commit.
        if (answer.code !== 'ECONNREFUSED') mayHaveArrived += 1;
      } else {
        mayHaveArrived += 1;
        if (answer.status < 500 && !LATER.has(answer.status)) {
          return this.#finish(entry, answer, mayHaveArrived, sentAtMs, performance.now() - startedAt);
        }
      }
      if (attempt === 1 || attempt % 20 === 0) {
        this.#logger.warn(
          {
            topic: delivery.topic,
            id: delivery.id,
            attempt,
            why: answer instanceof Error ? (answer.code ?? answer.message) : answer.status,
          },
          'webhook not accepted, will be sent again',
        );
      }
      await sleep(backoffMs(attempt, RETRY_BASE_MS, RETRY_MAX_MS, Math.random()), this.#stop.signal);
    }
  }

  #finish(entry: Entry, answer: Answer, mayHaveArrived: number, sentAtMs: number, ackMs: number): void {
    const { delivery, position, outgoing, echo } = entry;
    // The receiver knows it though this process sent it once: the first copy left before a restart.
    const attempts = answer.duplicate ? Math.max(2, mayHaveArrived) : mayHaveArrived;
    this.#record({
      id: delivery.id,
      topic: delivery.topic,
      status: answer.status,
      attempts,
      echo,
      orderLines: delivery.orderLines,
      position,
      sentAtMs,
      ackedAtMs: Date.now(),
      ackMs,
      outgoing,
    });
    if (answer.status >= 300)
      this.#logger.warn({ topic: delivery.topic, id: delivery.id, status: answer.status }, 'webhook refused');
    for (const key of delivery.keys) if (this.#tails.get(key) === entry) this.#tails.delete(key);
    for (const dependent of entry.dependents) {
      dependent.blockers -= 1;
      if (dependent.blockers === 0) this.#ready.push(dependent);
    }
    this.#flying -= 1;
    this.#acknowledged += 1;
    entry.done();
    this.#launch();
    this.#notify();
  }
}
