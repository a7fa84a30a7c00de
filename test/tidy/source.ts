import { parseSync } from 'oxc-parser';

/** One source file as the checks see it. */
export interface Source {
  /** From the root, with forward slashes: `services/gateway/main.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Fault {
  readonly check: string;
  readonly where: string;
  readonly what: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface ParsedSource extends Source {
  readonly imports: readonly { readonly specifier: string; readonly line: number }[];
  readonly functions: readonly { readonly name: string; readonly line: number; readonly lines: number }[];
  /** Dotted member expressions and plain calls: `Date.now`, `process.env`, `fetch()`. */
  readonly uses: readonly { readonly name: string; readonly line: number }[];
  readonly strings: readonly { readonly value: string; readonly line: number }[];
  /** Names of tagged templates: `` sql`…` ``, `` tx`…` ``. */
  readonly tags: readonly { readonly name: string; readonly line: number }[];
  /** Syntax that Node's type stripping cannot run. */
  readonly untypable: readonly { readonly what: string; readonly line: number }[];
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Reads what the checks need off the syntax tree, so that a comment or a string is never taken for code. */
export function parse(source: Source): ParsedSource {
  const { program } = parseSync(source.path, source.text, {
    sourceType: 'module',
    lang: source.path.endsWith('.mjs') ? 'js' : 'ts',
  });
  const lineOf = lineFinder(source.text);
  const found = { imports: [], functions: [], uses: [], strings: [], tags: [], untypable: [] } as unknown as {
    [Key in keyof ParsedSource]: ParsedSource[Key] extends readonly (infer Item)[] ? Item[] : never;
  };
  walk(program as unknown as Node, undefined, (node, parent) => {
    const line = lineOf(node.start);
    const specifier = (node.source as Node | undefined)?.value;
    if (/^(Import|ExportNamed|ExportAll)/.test(node.type) && typeof specifier === 'string')
      found.imports.push({ specifier, line });
    if (FUNCTIONS.has(node.type))
      found.functions.push({ name: nameOf(node, parent), line, lines: lineOf(node.end) - line + 1 });
    if (node.type === 'MemberExpression') found.uses.push({ name: dotted(node), line });
    if (node.type === 'CallExpression' && (node.callee as Node).type === 'Identifier')
      found.uses.push({ name: `${(node.callee as Node).name}()`, line });
    if (node.type === 'NewExpression')
      found.uses.push({ name: `new ${dotted(node.callee as Node)}/${(node.arguments as unknown[]).length}`, line });
    if (node.type === 'Literal' && typeof node.value === 'string') found.strings.push({ value: node.value, line });
    if (node.type === 'TemplateElement') found.strings.push({ value: (node.value as { raw: string }).raw, line });
    if (node.type === 'TaggedTemplateExpression') found.tags.push({ name: dotted(node.tag as Node), line });
    if (node.type === 'TSEnumDeclaration' || node.type === 'TSParameterProperty' || node.type === 'TSModuleDeclaration')
      found.untypable.push({ what: node.type, line });
  });
  return { ...source, ...found };
}

function walk(node: Node, parent: Node | undefined, visit: (node: Node, parent: Node | undefined) => void): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (child && typeof child === 'object' && typeof (child as Node).type === 'string')
        walk(child as Node, node, visit);
    }
  }
}

function nameOf(node: Node, parent: Node | undefined): string {
  const named = (node.id ?? parent?.id ?? parent?.key) as Node | undefined;
  return typeof named?.name === 'string' ? named.name : '(anonymous)';
}

function dotted(node: Node): string {
  if (node.type === 'Identifier') return String(node.name);
  if (node.type !== 'MemberExpression') return '?';
  return `${dotted(node.object as Node)}.${String((node.property as Node).name ?? '?')}`;
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let index = 0; index < text.length; index++) if (text[index] === '\n') starts.push(index + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
