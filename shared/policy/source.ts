import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { closest } from '#shared/kernel/suggest.ts';
import { RULE_LIMITS, type RuleError } from './rule-error.ts';
import { firstLost, ofOneValue, slipBehind, wordsFor } from './yaml-slips.ts';

export type Path = readonly (string | number)[];

/** Where in a file a fault is: at a value, at a key of a map, or so many characters into a text value. */
export interface Spot {
  readonly path: Path;
  readonly key?: string;
  readonly offset?: number;
}

/** Keys that would reach an object's prototype when somebody merges what was read. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** A text as parsed, with the way from an offset to its line. */
interface Parsed {
  readonly document: Document;
  readonly lines: LineCounter;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a good text holds, and the places that were asked for: enough to read it again without parsing it. */
interface Reading {
  readonly data: unknown;
  readonly places: Map<string, Place>;
}

/** Good texts that were read before, the latest last: of a folder that is saved anew, most files are as they were. */
const readings = new Map<string, Reading>();
const READINGS_KEPT = 2 * RULE_LIMITS.files;

/** One rule file as read: its data, and the place in the text of everything in it. */
export class Source {
  readonly file: string;
  readonly errors: RuleError[] = [];
  /** How often something was reported, also what was known already or was one too many to be told. */
  reported = 0;
  readonly data: unknown;
  readonly #text: string;
  readonly #places: Map<string, Place>;
  #parsed: Parsed | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    const before = readings.get(text);
    this.#places = before?.places ?? new Map();
    if (before) {
      this.data = before.data;
      keep(text, before);
      return;
    }
    const unreadable = refuse(text);
    if (unreadable) {
      this.errors.push({ file, line: 1, column: 1, message: unreadable });
      return;
    }
    const data = this.#read(this.#parse());
    if (this.errors.length > 0) return;
    this.data = data;
    keep(text, { data, places: this.#places });
  }

  #parse(): Parsed {
    if (this.#parsed) return this.#parsed;
    const lines = new LineCounter();
    const document = parseDocument(this.#text, {
      lineCounter: lines,
      version: '1.2',
      strict: true,
      uniqueKeys: true,
      merge: false,
      prettyErrors: false,
      // With "silent" a second document would be left out without a word, and its rules with it.
      logLevel: 'error',
    });
    this.#parsed = { document, lines };
    return this.#parsed;
  }

  /** Notes a fault at a spot; `known` are the names among which the one written was looked for. */
  report(spot: Spot, message: string, guess?: { readonly name: string; readonly known: readonly string[] }): void {
    const didYouMean = guess && closest(guess.name, guess.known);
    const { line, column } = this.position(spot);
    this.reported++;
    const known = this.errors.some((one) => one.line === line && one.column === column && one.message === message);
    if (known || this.errors.length >= RULE_LIMITS.errors) return;
    this.errors.push({ file: this.file, line, column, message, ...(didYouMean === undefined ? {} : { didYouMean }) });
  }

  /** Notes a fault of the last line, where something that should come is missing. */
  reportAtEnd(message: string): void {
    const line = Math.max(1, this.#text.split('\n').length - (this.#text.endsWith('\n') ? 1 : 0));
    this.errors.push({ file: this.file, line, column: 1, message });
  }

  position(spot: Spot): Place {
    const key = JSON.stringify([spot.path, spot.key, spot.offset]);
    const known = this.#places.get(key);
    if (known) return known;
    const { line, col } = this.#parse().lines.linePos(this.#offset(spot));
    const place = { line: Math.max(1, line), column: Math.max(1, col) };
    this.#places.set(key, place);
    return place;
  }

  #offset(spot: Spot): number {
    const node = this.#nodeAt(spot.path);
    if (spot.key !== undefined && isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === spot.key);
      if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
    }
    return (node?.range?.[0] ?? 0) + textOffset(node, spot.offset ?? 0);
  }

  /** The node at a path, or the nearest one around it where the path names something that is missing. */
  #nodeAt(path: Path): Node | undefined {
    let node: unknown = this.#parse().document.contents;
    for (const step of path) {
      const next: unknown = isCollection(node) ? node.get(step, true) : undefined;
      if (!isNode(next)) break;
      node = next;
    }
    return isNode(node) ? node : undefined;
  }

  /** The data, with everything noted that a rule file may not hold. One walk does both: files are read at every start. */
  #read({ document, lines }: Parsed): unknown {
    if (this.#reportSlips({ document, lines })) return undefined;
    const dataOf = (node: unknown): unknown => {
      if (isScalar(node)) return node.value;
      if (isSeq(node)) return node.items.map(dataOf);
      if (isAlias(node)) this.#at(lines, node.range?.[0] ?? 0, 'aliases (*name) are not allowed in rule files');
      if (!isMap(node)) return null;
      const data: Record<string, unknown> = {};
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? key.value : undefined;
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        if (typeof name !== 'string') this.#at(lines, offset, 'every key must be text');
        else if (FORBIDDEN_KEYS.has(name)) this.#at(lines, offset, `the key "${name}" is not allowed`);
        else data[name] = dataOf(value);
      }
      return data;
    };
    return dataOf(document.contents);
  }

  /** Notes what the parser found, each slip once, and says whether it lost its way: the rest then says nothing. */
  #reportSlips({ document, lines }: Parsed): boolean {
    const faults = [...document.errors, ...document.warnings];
    const lineOf = (fault: { readonly pos: readonly [number, number] }) => lines.linePos(fault.pos[0]).line;
    const lost = firstLost(faults);
    for (const fault of ofOneValue(faults, lineOf)) {
      if (!lost || fault.pos[0] < lost.pos[0]) this.#at(lines, fault.pos[0], wordsFor(fault.code, fault.message));
    }
    if (!lost) return false;
    const { line, col } = lines.linePos(lost.pos[0]);
    const slip = slipBehind(this.#text, lost, { line: Math.max(1, line), column: Math.max(1, col) });
    if (!this.errors.some((error) => error.line === slip.line)) this.errors.push({ file: this.file, ...slip });
    return true;
  }

  #at(lines: LineCounter, offset: number, message: string): void {
    const { line, col } = lines.linePos(offset);
    if (this.errors.length >= RULE_LIMITS.errors) return;
    this.errors.push({ file: this.file, line: Math.max(1, line), column: Math.max(1, col), message });
  }
}

function keep(text: string, reading: Reading): void {
  readings.delete(text);
  readings.set(text, reading);
  const [oldest] = readings.keys();
  if (readings.size > READINGS_KEPT && oldest !== undefined) readings.delete(oldest);
}

function refuse(text: string): string | undefined {
  // A character takes three bytes at most, so that only a long text is worth being counted.
  if (text.length * 3 > RULE_LIMITS.fileBytes && new TextEncoder().encode(text).length > RULE_LIMITS.fileBytes) {
    return `the file is larger than ${RULE_LIMITS.fileBytes / 1024} KB`;
  }
  if (text.trim() === '') return 'the file is empty; a rule file that holds no rules says "rules: []" and "end: true"';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a file with control characters is not a text file.
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text)) return 'the file is not plain UTF-8 text';
  return undefined;
}

/** Offsets into a value equal offsets into the file only for plain text on one line, and for quoted text without escapes. */
function textOffset(node: Node | undefined, offset: number): number {
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') return 0;
  const length = node.range[1] - node.range[0];
  if (node.type === 'PLAIN') return length === node.value.length ? offset : 0;
  return length === node.value.length + 2 ? offset + 1 : 0;
}
