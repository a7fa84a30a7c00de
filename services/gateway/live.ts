import type { Bus } from '#shared/bus/bus.ts';
import { EVERY_DECISION, EVERY_EVENT } from '#shared/bus/subjects.ts';

/** One message of the bus as a page may show it: the subject says store, type or agent; the payload is its JSON text. */
type LiveListener = (subject: string, payload: string) => void;

/** What happens now, for pages that follow along: events and decisions as they pass over the bus. Nothing is kept. */
export interface LiveFeed {
  /** Returns how to stop listening. */
  listen(listener: LiveListener): () => void;
  readonly listeners: number;
}

export function followBus(bus: Bus): LiveFeed {
  const listeners = new Set<LiveListener>();
  const tell: LiveListener = (subject, payload) => {
    for (const listener of listeners) listener(subject, payload);
  };
  bus.watch(EVERY_EVENT, tell);
  bus.watch(EVERY_DECISION, tell);
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get listeners() {
      return listeners.size;
    },
  };
}
