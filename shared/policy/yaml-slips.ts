import type { YAMLParseError } from 'yaml';

/** What is wrong with the form of a text, where a merchant would look for it. */
interface Slip {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Faults of single values, after which the rest of the text is read as it was meant. */
const OF_ONE_VALUE: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED', 'BAD_DQ_ESCAPE']);

const TABS = 'indent with spaces, not with tabs';
const UNEVEN = 'this line is not indented like the lines beside it';
const QUOTES = 'a text that begins with such a sign must stand in quotes';

type Fault = Pick<YAMLParseError, 'code' | 'message' | 'pos'>;

/**
 * The faults of single values, each slip once: of keys that stand twice one below the other (a dash was forgotten) the first.
 */
export function ofOneValue<Given extends Fault>(faults: readonly Given[], lineOf: (fault: Given) => number): Given[] {
  let last = Number.NEGATIVE_INFINITY;
  return faults.filter((fault) => {
    if (!OF_ONE_VALUE.has(fault.code)) return false;
    if (fault.code !== 'DUPLICATE_KEY') return true;
    const follows = lineOf(fault) - last <= NEIGHBOURS;
    last = lineOf(fault);
    return !follows;
  });
}

/** So many lines apart, keys that stand twice come from one slip. */
const NEIGHBOURS = 2;

/** The first fault after which the parser has lost its way; what it says from there on follows from that one. */
export function firstLost<Given extends Fault>(faults: readonly Given[]): Given | undefined {
  return faults
    .filter((fault) => !OF_ONE_VALUE.has(fault.code))
    .sort((one, other) => one.pos[0] - other.pos[0] || Number(isNarrow(other)) - Number(isNarrow(one)))[0];
}

/** Of two faults at one place the one that says more. */
function isNarrow({ code }: Fault): boolean {
  return code === 'TAB_AS_INDENT' || code === 'BAD_SCALAR_START';
}

/**
 * The slip behind a fault of the parser. A parser notices a wrongly indented line only where it can no longer make sense of
 * the text, often a line before or after; so the lines are looked at first, as a person would.
 */
export function slipBehind(
  text: string,
  fault: Fault,
  place: { readonly line: number; readonly column: number },
): Slip {
  const lines = text.split(/\r?\n/);
  const tab = lines.findIndex((line, index) => index <= place.line && /^ *\t+ *\S/.test(line));
  if (tab >= 0) return { line: tab + 1, column: (lines[tab] ?? '').indexOf('\t') + 1, message: TABS };
  const words = wordsFor(fault.code, fault.message);
  const quote = CLOSING.exec(fault.message)?.[1];
  const opening = quote === undefined ? undefined : openingOf(quote, lines, place.line);
  if (opening) return { ...opening, message: words };
  if (isAboutValue(fault)) return { ...place, message: words };
  const uneven = unevenLine(lines);
  if (uneven !== undefined && Math.abs(uneven - place.line) <= 1) return { line: uneven, column: 1, message: UNEVEN };
  const keyless = lines[place.line - 1] ?? '';
  if (LOST_KEY.has(fault.code) && !KEY.test(keyless)) {
    return { line: place.line, column: keyless.search(/\S|$/) + 1, message: COLON };
  }
  return { ...place, message: words };
}

const CLOSING = /Missing closing (["'])/;
const COLON = 'after a key come a colon and a blank, as in "why: the reason"';
const KEY = /^\s*(?:- +)*(?:[\w.'"-]+):(?:\s|$)/;
const LOST_KEY: ReadonlySet<string> = new Set(['MULTILINE_IMPLICIT_KEY', 'MISSING_CHAR', 'BLOCK_AS_IMPLICIT_KEY']);

/** Where the text begins whose quote is not closed: the parser notices only at the end, which may be that of the file. */
function openingOf(quote: string, lines: readonly string[], until: number) {
  const opens = (line: string) => line.split(quote).length % 2 === 0 && new RegExp(`[:,[{-]\\s+${quote}`).test(line);
  const index = lines.slice(0, until).findIndex(opens);
  return index < 0 ? undefined : { line: index + 1, column: (lines[index] ?? '').indexOf(quote) + 1 };
}

/** Quotes and signs at the beginning of a value are what they look like, however the lines are indented. */
function isAboutValue({ code, message }: Fault): boolean {
  return code === 'BAD_SCALAR_START' || code === 'UNEXPECTED_TOKEN' || /closing|end with/.test(message);
}

/**
 * The first line that fits to none of those before it: set back to where nothing begins, or set in below a key that has its
 * value already. Only keys and items of lists are looked at.
 */
function unevenLine(lines: readonly string[]): number | undefined {
  let open: number[] = [];
  let mayNest = true;
  let inBlock: number | undefined;
  for (const [index, line] of lines.entries()) {
    const indent = line.search(/\S/);
    if (indent < 0 || line[indent] === '#') continue;
    if (inBlock !== undefined && indent > inBlock) continue;
    inBlock = undefined;
    if (!KEY.test(line) && !/^\s*-(?:\s|$)/.test(line)) continue;
    const last = open.at(-1) ?? -1;
    if (indent > last ? !mayNest : !open.includes(indent)) return index + 1;
    open = open.filter((column) => column < indent);
    for (const column of startsOf(line)) open.push(column);
    const value = line.replace(/ #.*$/, '').replace(KEY, '').trim();
    mayNest = value === '' || value === '-';
    if (/^[|>][\d+-]*$/.test(value)) inBlock = open.at(-1) ?? indent;
  }
  return undefined;
}

/** Where a line begins, and where its key does after the dashes of a list. */
function startsOf(line: string): readonly number[] {
  const indent = line.search(/\S/);
  const starts = [indent];
  for (let at = indent; line[at] === '-' && line[at + 1] === ' '; ) {
    at += 1 + line.slice(at + 1).search(/\S|$/);
    starts.push(at);
  }
  return starts;
}

const WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'what follows "---" would not be read; take the line away, or make it a file of its own',
  TAG_RESOLVE_FAILED: 'a text that begins with "!" must stand in quotes',
  DUPLICATE_KEY: 'this key stands here twice',
  TAB_AS_INDENT: TABS,
  BAD_INDENT: UNEVEN,
  BAD_SCALAR_START: QUOTES,
  BAD_DQ_ESCAPE: 'between double quotes a backslash must be written twice, or use single quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a value with a colon in it must stand in quotes, or this line is not indented like the others',
  MULTILINE_IMPLICIT_KEY: UNEVEN,
  UNEXPECTED_TOKEN: 'this is too much here: a text with such signs must stand in quotes',
};

/** A fault of the parser in a merchant's words; the parser's own for the rest. */
export function wordsFor(code: string, message: string): string {
  const closing = CLOSING.exec(message);
  if (closing) return `the closing ${closing[1]} is missing`;
  const bracket = /end with an? ([}\]])/.exec(message);
  if (bracket) return `before this a closing ${bracket[1]} is missing, or a comma`;
  if (message.startsWith('Implicit map keys')) return COLON;
  if (message.startsWith('Sequence item')) return UNEVEN;
  return WORDS[code] ?? message.split('\n')[0] ?? 'not YAML';
}
