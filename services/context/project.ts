import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactChange } from '#shared/contracts/events/define.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { fold, type Stored } from './fold.ts';

export interface HistoryRow extends Stored {
  readonly resource: string;
  readonly attribute: string;
  readonly folded: 'yes' | 'late';
}

/** What a batch of events changes: one last value a fact, and every value that it had on the way. */
export interface Projection {
  readonly facts: ReadonlyMap<string, Stored>;
  readonly history: readonly HistoryRow[];
  /** Events that could not be applied; the watermark goes on without them. */
  readonly faults: readonly { readonly event: Envelope; readonly thrown: unknown }[];
}

export function factKey(resource: string, attribute: string): string {
  return `${resource}\n${attribute}`;
}

/** The changes of each event, or why there are none. */
export function changesOf(
  events: readonly Envelope[],
): { event: Envelope; changes: readonly FactChange[]; thrown?: unknown }[] {
  return events.map((event) => {
    try {
      const type = EVENT_TYPES.get(event.type);
      if (!type) throw new PermanentError('unknown-event-type', `There is no event type "${event.type}".`);
      return { event, changes: type.facts?.(event as never) ?? [] };
    } catch (thrown) {
      return { event, changes: [], thrown };
    }
  });
}

/** Folds events in `seq` order, each once and whole: an event that cannot be applied leaves no half of itself behind. */
export function project(
  events: ReturnType<typeof changesOf>,
  current: (key: string) => Stored | undefined,
): Projection {
  const facts = new Map<string, Stored>();
  const history = new Map<string, HistoryRow>();
  const faults: { event: Envelope; thrown: unknown }[] = [];
  for (const { event, changes, thrown } of events) {
    const mine = new Map<string, Stored>();
    const rows = new Map<string, HistoryRow>();
    try {
      if (thrown) throw thrown;
      for (const change of changes) {
        const key = factKey(change.resource, change.attribute);
        const folded = fold(mine.get(key) ?? facts.get(key) ?? current(key), change, event);
        const stored = 'next' in folded ? folded.next : folded.late;
        if ('next' in folded) mine.set(key, stored);
        rows.set(`${key}\n${event.seq}`, {
          ...stored,
          resource: change.resource,
          attribute: change.attribute,
          folded: 'next' in folded ? 'yes' : 'late',
        });
      }
    } catch (fault) {
      faults.push({ event, thrown: fault });
      continue;
    }
    for (const [key, stored] of mine) facts.set(key, stored);
    for (const [key, row] of rows) history.set(key, row);
  }
  return { facts, history: [...history.values()], faults };
}
