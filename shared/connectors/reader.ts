import type { ReadKind } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { type Instant, plus, SECOND_MS } from '#shared/kernel/time.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { samePage } from './pages.ts';

/** A resource as the platform shows it now. */
export interface ReadItem {
  /** The platform's own id, as its webhooks give it. */
  readonly ref: string;
  /** By the resource's own clock. */
  readonly version: Instant;
  /** What the gateway's topic `fetched/<kind>` of this platform understands. */
  readonly body: unknown;
  /** Somebody may still have to do something about it: an order that is neither sent nor cancelled. */
  readonly isOpen: boolean;
}

/** Reads a store; never writes. Throws PermanentError or TransientError, as every read. */
export interface StoreReader {
  /** What `changedSince` can list, in the order in which a new store is gone through: items before the orders that name them. */
  readonly listed: readonly ReadKind[];
  /** Undefined: the platform has nothing under this id (any more). */
  read(kind: ReadKind, ref: string, signal: AbortSignal): Promise<ReadItem | undefined>;
  /** Whatever has changed since then, oldest change first, so that whoever is interrupted can go on where it stood. */
  changedSince(kind: ReadKind, since: Instant, signal: AbortSignal): AsyncIterable<ReadItem>;
}

/** Kinds that a platform has nothing of are never asked of it: its webhooks name none. */
export function notRead(kind: ReadKind): never {
  throw new PermanentError('not-supported', `This platform has no ${kind} to read`);
}

/** One entry of a list, before the rest of it is read. */
export interface Listed {
  readonly ref: string;
  readonly version: Instant;
}

/**
 * Goes through a list that is sorted by time of change while it changes: what is changed meanwhile moves to its end, and
 * whoever only counted pages would miss what moved up. So it goes on from the last time that was seen, and by pages only
 * within one second, which may hold more than a page. `page` gives entries changed at or after a time.
 */
export async function* inOrderOfChange<Entry extends Listed>(
  page: (since: Instant, number: number) => Promise<readonly Entry[]>,
  since: Instant,
  size: number,
): AsyncGenerator<Entry> {
  const seen = new Set<string>();
  let from = since;
  let before: string | undefined;
  let withoutNews = 0;
  for (let number = 1; ; ) {
    const entries = await page(from, number);
    const names = entries.map(({ ref, version }) => `${ref} ${version}`);
    const shown = names.join('\n');
    withoutNews = names.every((name) => seen.has(name)) ? withoutNews + 1 : 0;
    for (const [index, entry] of entries.entries()) {
      const name = names[index]!;
      if (seen.has(name)) continue;
      seen.add(name);
      yield entry;
    }
    if (entries.length < size) return;
    // The first page from a later time may show once more what is known; the second of one time is never the first.
    if ((number > 1 && shown === before) || withoutNews > LIMITS.pagesWithoutNews) throw samePage();
    before = shown;
    // Platforms cut off fractions of a second on either side of the comparison.
    const last = plus(entries.at(-1)!.version, -SECOND_MS);
    if (last > from) {
      from = last;
      number = 1;
    } else {
      number += 1;
    }
  }
}
