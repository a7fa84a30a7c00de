import {
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { closest } from '#shared/kernel/suggest.ts';
import { RULE_LIMITS, type RuleError } from './rule-error.ts';

export type Path = readonly (string | number)[];

/** Where in a file a fault is: at a value, at a key of a map, or so many characters into a text value. */
export interface Spot {
  readonly path: Path;
  readonly key?: string;
  readonly offset?: number;
}

/** Keys that would reach an object's prototype when somebody merges what was read. */
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/** One rule file as read: its data, and the place in the text of everything in it. */
export class Source {
  readonly file: string;
  readonly errors: RuleError[] = [];
  readonly data: unknown;
  readonly #document: Document | undefined;
  readonly #lines = new LineCounter();
  readonly #endsWithBreak: boolean;

  constructor(file: string, text: string) {
    this.file = file;
    this.#endsWithBreak = text.endsWith('\n');
    const unreadable = refuse(text);
    if (unreadable) {
      this.errors.push({ file, line: 1, column: 1, message: unreadable });
      return;
    }
    this.#document = parseDocument(text, {
      lineCounter: this.#lines,
      version: '1.2',
      strict: true,
      uniqueKeys: true,
      merge: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
    this.#collectFaults(this.#document);
    if (this.errors.length === 0) this.data = this.#document.toJS({ maxAliasCount: 0 });
  }

  /** Notes a fault at a spot; `known` are the names among which the one written was looked for. */
  report(spot: Spot, message: string, guess?: { readonly name: string; readonly known: readonly string[] }): void {
    const didYouMean = guess && closest(guess.name, guess.known);
    const { line, column } = this.position(spot);
    if (this.errors.length >= RULE_LIMITS.errors) return;
    this.errors.push({ file: this.file, line, column, message, ...(didYouMean === undefined ? {} : { didYouMean }) });
  }

  /** Notes a fault of the last line, where something that should come is missing. */
  reportAtEnd(message: string): void {
    const line = Math.max(1, this.#lines.lineStarts.length - (this.#endsWithBreak ? 1 : 0));
    this.errors.push({ file: this.file, line, column: 1, message });
  }

  position(spot: Spot): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(this.#offset(spot));
    return { line: Math.max(1, line), column: Math.max(1, col) };
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
    let node: unknown = this.#document?.contents;
    for (const step of path) {
      const next: unknown = isCollection(node) ? node.get(step, true) : undefined;
      if (!isNode(next)) break;
      node = next;
    }
    return isNode(node) ? node : undefined;
  }

  #collectFaults(document: Document): void {
    for (const fault of [...document.errors, ...document.warnings]) {
      this.#at(fault.pos[0], wordsFor(fault.code, fault.message));
    }
    visit(document, {
      Alias: (_key, node) => this.#at(node.range?.[0] ?? 0, 'aliases (*name) are not allowed in rule files'),
      Pair: (_key, pair) => {
        const name = isScalar(pair.key) ? pair.key.value : undefined;
        const offset = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
        if (typeof name !== 'string') this.#at(offset, 'every key must be text');
        else if (FORBIDDEN_KEYS.has(name)) this.#at(offset, `the key "${name}" is not allowed`);
      },
    });
  }

  #at(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    if (this.errors.length >= RULE_LIMITS.errors) return;
    this.errors.push({ file: this.file, line: Math.max(1, line), column: Math.max(1, col), message });
  }
}

/** The commonest slips in a merchant's words; the parser's own for the rest. */
function wordsFor(code: string, message: string): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'a text that begins with "!" must stand in quotes';
  if (code === 'DUPLICATE_KEY') return 'this key stands here twice';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with tabs';
  if (code === 'BAD_INDENT') return 'this line is not indented like the lines beside it';
  return message.split('\n')[0] ?? 'not YAML';
}

function refuse(text: string): string | undefined {
  if (new TextEncoder().encode(text).length > RULE_LIMITS.fileBytes) {
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
