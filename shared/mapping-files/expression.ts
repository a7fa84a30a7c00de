import {
  type ASTNode,
  TypeError as CelTypeError,
  Environment,
  EvaluationError,
  ParseError,
} from '@marcbachmann/cel-js';
import { PermanentError } from '#shared/kernel/errors.ts';
import { parseMinor } from '#shared/kernel/money.ts';
import { childrenOf } from '#shared/policy/condition/check.ts';
import { RULE_LIMITS } from '#shared/policy/rule-error.ts';

/** An expression over `body`, ready to be asked. Undefined where it reads something that is not there. */
export interface Expression {
  readonly source: string;
  /** How many parts it has, and how many of them are asked again for each item of a list. */
  readonly parts: { readonly once: number; readonly eachItem: number };
  of(body: unknown): unknown;
}

export interface BadExpression {
  readonly offset: number;
  readonly message: string;
  /** Set where a name was mistyped. */
  readonly guess?: { readonly name: string; readonly known: readonly string[] };
}

/** Calls that an expression may make. `matches()` is not among them: a pattern can take for ever. */
const CALLS = [
  'has',
  'size',
  'exists',
  'all',
  'map',
  'filter',
  'contains',
  'startsWith',
  'endsWith',
  'string',
  'int',
  'double',
  'minor',
];
const LOOPS = ['exists', 'all', 'map', 'filter'];

const environment = new Environment({
  homogeneousAggregateLiterals: false,
  limits: {
    maxAstNodes: RULE_LIMITS.conditionNodes,
    maxDepth: RULE_LIMITS.conditionDepth,
    maxListElements: RULE_LIMITS.listLength,
    maxMapEntries: 0,
    maxCallArguments: 4,
  },
}).registerVariable('body', 'dyn');
// CEL keeps whole numbers and fractions apart; JSON does not.
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
for (const [operator, apply] of Object.entries(ARITHMETIC)) {
  environment.registerOperator(`double ${operator} int`, (a: number, b: bigint) => apply(a, Number(b)));
  environment.registerOperator(`int ${operator} double`, (a: bigint, b: number) => apply(Number(a), b));
}
environment.registerOperator('double == int', (a: number, b: bigint) => a === Number(b));
/** `minor("12.50", "GBP")` is 1250: exact, where `12.5 * 100` need not be. */
environment.registerFunction('minor(string, string): int', (amount: string, currency: string) =>
  BigInt(parseMinor(amount, currency)),
);
environment.registerFunction('minor(double, string): int', (amount: number, currency: string) =>
  BigInt(parseMinor(String(amount), currency)),
);

/** Parses, type-checks and bounds an expression; a condition has to be true or false. */
export function compileExpression(
  source: string,
  wanted: 'value' | 'condition',
): { readonly expression: Expression } | { readonly bad: BadExpression } {
  if (source.length > RULE_LIMITS.conditionCharacters)
    return { bad: { offset: 0, message: `longer than ${RULE_LIMITS.conditionCharacters} characters` } };
  try {
    const parsed = environment.parse(source);
    const fault = forbidden(parsed.ast, false);
    if (fault) return { bad: fault };
    const { valid, type, error } = parsed.check();
    if (!valid) return { bad: badFrom(error, source) };
    if (wanted === 'condition' && type !== 'bool' && type !== 'dyn')
      return { bad: { offset: 0, message: 'a condition must be true or false; compare it with something' } };
    return { expression: { source, parts: partsOf(parsed.ast, false), of: (body) => evaluate(parsed, body) } };
  } catch (thrown) {
    if (thrown instanceof ParseError || thrown instanceof CelTypeError) return { bad: badFrom(thrown, source) };
    throw thrown;
  }
}

function evaluate(parsed: ReturnType<Environment['parse']>, body: unknown): unknown {
  try {
    return plain(parsed({ body }));
  } catch (thrown) {
    if (!(thrown instanceof EvaluationError)) throw thrown;
    if (MISSING.test(thrown.message)) return undefined;
    const [message = ''] = thrown.message.split('\n');
    throw new PermanentError('unknown-shape', message, { cause: thrown });
  }
}

const MISSING = /^No such key|out of bounds|of null|on type null/i;

/** CEL's whole numbers are bigints; contracts hold plain numbers. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

function partsOf(node: ASTNode, inLoop: boolean): Expression['parts'] {
  const isLoop = inLoop || ((node.op === 'call' || node.op === 'rcall') && LOOPS.includes(node.args[0]));
  const below = childrenOf(node).map((child) => partsOf(child, isLoop));
  const sum = (kind: keyof Expression['parts']) => below.reduce((total, parts) => total + parts[kind], 0);
  return { once: sum('once') + (isLoop ? 0 : 1), eachItem: sum('eachItem') + (isLoop ? 1 : 0) };
}

function forbidden(node: ASTNode, inLoop: boolean): BadExpression | undefined {
  let loop = false;
  if (node.op === 'map') return { offset: node.start, message: 'groups ({…}) cannot be used here' };
  if (node.op === 'call' || node.op === 'rcall') {
    const called = node.args[0];
    if (!CALLS.includes(called)) {
      const message = `"${called}()" cannot be used here; there are ${CALLS.join(', ')}.`;
      return { offset: node.start, message, guess: { name: called, known: CALLS } };
    }
    loop = LOOPS.includes(called);
    if (loop && inLoop) return { offset: node.start, message: 'a loop inside a loop cannot be used here' };
  }
  for (const child of childrenOf(node)) {
    const fault = forbidden(child, inLoop || loop);
    if (fault) return fault;
  }
  return undefined;
}

function badFrom(error: ParseError | CelTypeError | undefined, source: string): BadExpression {
  const offset = error?.range?.start ?? 0;
  const name = /^[A-Za-z_]\w*/.exec(source.slice(offset))?.[0] ?? '';
  if (error?.code === 'unknown_variable') {
    const message = `unknown name "${name}"; an expression reads "body". A fixed text stands in quotes within quotes: '"${name}"'.`;
    return { offset, message, guess: { name, known: ['body'] } };
  }
  const summary = error?.summary ?? 'it cannot be read';
  return {
    offset,
    message: `not an expression: ${summary.charAt(0).toLowerCase()}${summary.slice(1).replace('EOF', 'end of text')}`,
  };
}
