import { type Instant, toMs } from '#shared/kernel/time.ts';
import type { LimitScope } from '#shared/policy/policy.ts';
import type { LimitEntry } from '../types.ts';

interface Entry {
  readonly atMs: number;
  amount: number;
}

/** The entries of one limit in time, and the sum of those that a rolling window of one length still holds. */
class Window {
  readonly #overMs: number;
  readonly #entries: Entry[];
  #first = 0;
  #next = 0;
  sum = 0;

  constructor(overMs: number, entries: Entry[]) {
    this.#overMs = overMs;
    this.#entries = entries;
  }

  /** Times only go forward, so that each entry enters once and leaves once. */
  at(nowMs: number): number {
    for (; this.#next < this.#entries.length; this.#next++) this.sum += this.#entries[this.#next]!.amount;
    for (; this.#first < this.#next; this.#first++) {
      const entry = this.#entries[this.#first]!;
      if (nowMs - entry.atMs < this.#overMs) break;
      this.sum -= entry.amount;
    }
    return this.sum;
  }

  struck(entry: Entry): void {
    const index = this.#entries.indexOf(entry);
    if (index >= this.#first && index < this.#next) this.sum -= entry.amount;
  }
}

/** What a rule set counts towards its own cumulative limits while it is tried on history. */
export class Ledger {
  readonly #entries = new Map<string, Entry[]>();
  readonly #windows = new Map<string, Map<number, Window>>();
  readonly #byIntent = new Map<string, { key: string; entry: Entry }[]>();

  counted(limit: LimitScope, now: Instant): number {
    const key = keyOf(limit);
    const entries = this.#entries.get(key);
    if (!entries) return 0;
    const windows = this.#windows.get(key)!;
    let window = windows.get(limit.overMs);
    if (!window) {
      window = new Window(limit.overMs, entries);
      windows.set(limit.overMs, window);
    }
    return window.at(toMs(now));
  }

  add(entry: LimitEntry, now: Instant): void {
    const key = keyOf(entry);
    const added = { atMs: toMs(now), amount: entry.amount };
    const known = this.#entries.get(key);
    if (known) known.push(added);
    else {
      this.#entries.set(key, [added]);
      this.#windows.set(key, new Map());
    }
    const mine = this.#byIntent.get(entry.intent);
    if (mine) mine.push({ key, entry: added });
    else this.#byIntent.set(entry.intent, [{ key, entry: added }]);
  }

  strike(intent: string): void {
    for (const { key, entry } of this.#byIntent.get(intent) ?? []) {
      for (const window of this.#windows.get(key)!.values()) window.struck(entry);
      entry.amount = 0;
    }
  }
}

function keyOf({ rule, scope, measure }: LimitScope): string {
  return `${rule} ${scope} ${measure}`;
}
