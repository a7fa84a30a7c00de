/** One webhook of the storm, as its platform would send it. */
export interface Told {
  /** Which endpoint of its shop it goes to. */
  readonly source: 'shopify' | 'stripe' | 'easypost' | 'standard' | 'woocommerce';
  readonly topic: string;
  readonly body: string;
  /** When it happened, in milliseconds; no two of a shop happen at the same second. */
  readonly atMs: number;
  readonly id: string;
}

export type Tell = (source: Told['source'], topic: string, body: object) => void;

/** Seconds of a shop's life: each thing that happens has one of its own, in order. */
export class Life {
  readonly told: Told[] = [];
  readonly #steps: { atMs: number; n: number; work: () => void }[] = [];
  #n = 0;
  nowMs: number;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  later(inMs: number, work: () => void): void {
    this.#steps.push({ atMs: this.nowMs + inMs, n: this.#n++, work });
  }

  /** Does what comes next; false when nothing is left to do. */
  next(): boolean {
    let first = 0;
    for (let index = 1; index < this.#steps.length; index++) {
      const [a, b] = [this.#steps[index]!, this.#steps[first]!];
      if (a.atMs < b.atMs || (a.atMs === b.atMs && a.n < b.n)) first = index;
    }
    const [step] = this.#steps.splice(first, 1);
    if (!step) return false;
    this.nowMs = Math.max(this.nowMs + 1_000, Math.ceil(step.atMs / 1_000) * 1_000);
    step.work();
    return true;
  }

  readonly tell: Tell = (source, topic, body) => {
    const id = `${source}-${this.told.length}`;
    this.told.push({ source, topic, body: JSON.stringify(body), atMs: this.nowMs, id });
    // What the same moment tells on another topic is a second later: two bodies of one second have no order.
    this.nowMs += 1_000;
  };

  get now(): string {
    return new Date(this.nowMs).toISOString().replace('.000Z', 'Z');
  }
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
