// Control characters and those that turn the reading direction or take no room: text of others must not draw over ours.
const UNWANTED = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const UNWANTED_IN_BLOCK = /(?!\n)[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Somebody's text as one line for people, bounded: for a page, a mail or a terminal. It is not markup, and is still to be escaped where it is shown. */
export function line(value: unknown, max = 300): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return bounded(text.toWellFormed().replace(UNWANTED, ' '), max);
}

/** The same with its line breaks kept. */
export function block(value: unknown, max = 2_000): string {
  const text = String(value ?? '')
    .replaceAll('\r\n', '\n')
    .toWellFormed();
  return bounded(text.replace(UNWANTED_IN_BLOCK, ' '), max);
}

const MAX_LABEL = 200;

/** Text from outside as a label: one line, without characters that would disturb a page or a mail, and short enough to be kept. */
export function clean(value: string, max = MAX_LABEL): string {
  return cut(value.replace(UNWANTED, ' ').trim(), max);
}

function bounded(text: string, max: number): string {
  return text.length > max ? `${cut(text, max - 1)}…` : text;
}

/** Whether a column can hold the text: Postgres keeps no U+0000, and UTF-8 has no half of a pair. */
const isKeepableText = (text: string): boolean => text.isWellFormed() && !text.includes('\0');

/** Deeper than anything that we write; Postgres itself gives up at a few thousand. */
const DEPTH_MAX = 32;

/** Whether Postgres can keep the value as JSON: each text and key in it, and no deeper than anybody needs. */
export function isKeepable(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return false;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item === 'string' && !isKeepableText(item)) return false;
      if (typeof item !== 'object' || item === null) continue;
      if (Array.isArray(item)) for (const entry of item) next.push(entry);
      else for (const [key, entry] of Object.entries(item)) next.push(key, entry);
    }
    level = next;
  }
  return true;
}

/** Somebody's text as a column can hold it: at most so long, never ending in half a character, with U+FFFD for what cannot be kept. */
export function cut(text: string, max: number): string {
  const short = text.length > max ? text.slice(0, max).replace(/[\ud800-\udbff]$/, '') : text;
  return isKeepableText(short) ? short : short.toWellFormed().replaceAll('\0', '\ufffd');
}

/** A fault of a shape in words for whoever wrote the body: what is not there at all is missing, and of no wrong type. */
export function faultText({ code, message }: { readonly code?: string | undefined; readonly message: string }): string {
  return code === 'invalid_type' && message.endsWith('received undefined') ? 'missing' : message;
}
