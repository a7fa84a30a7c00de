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

function bounded(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…` : text;
}
