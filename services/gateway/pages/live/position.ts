import type { Seen } from '#shared/store/pages/feed.ts';

/** How far a viewer has seen each store. It is the id of what the stream sends, so a browser that comes back names it. */
export type Position = ReadonlyMap<string, Seen>;

export const NOWHERE: Seen = { events: 0, rounds: 0 };

const ENTRY = /^([a-z0-9-]{1,40}):(\d{1,15}):(\d{1,15})$/;

export function writePosition(position: Position): string {
  return [...position].map(([store, seen]) => `${store}:${seen.events}:${seen.rounds}`).join(',');
}

/** Reads what `writePosition` wrote; undefined for anything else, so that a mistyped position is refused and not guessed. */
export function parsePosition(text: string): Position | undefined {
  const position = new Map<string, Seen>();
  for (const entry of text === '' ? [] : text.split(',')) {
    const match = ENTRY.exec(entry);
    if (!match) return undefined;
    position.set(match[1]!, { events: Number(match[2]), rounds: Number(match[3]) });
  }
  return position;
}
