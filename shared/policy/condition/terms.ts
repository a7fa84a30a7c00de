import { type ASTNode, type Environment, EvaluationError } from '@marcbachmann/cel-js';
import { childrenOf, pathsIn, type TypeOf } from './check.ts';
import type { Root, Values } from './vocabulary.ts';

export type Answer = boolean | 'unknown';
type Program = ReturnType<Environment['parse']>;
type Given = Readonly<Partial<Record<Root, Values>>>;

/** What a program is run on is made only when one is run; undefined where a root is missing. */
export interface Asked {
  readonly values: Given;
  context(): Readonly<Record<string, unknown>> | undefined;
}

export type Term = (asked: Asked) => Answer;

/**
 * A condition as terms joined by and, or and not, each a program of its own. A term in which every field counts is not
 * run where one is missing: CEL would raise an error for it, at ten times the cost of all the rest. The answers are those
 * of CEL: what is false makes an `and` false, and what is true an `or` true, whatever else is unknown.
 */
export function termOf(node: ASTNode, whole: Program, text: string, environment: Environment, typeOf: TypeOf): Term {
  const parts = partsOf(node, text, environment, typeOf);
  return parts ?? programTerm(node, whole, typeOf);
}

function partsOf(node: ASTNode, text: string, environment: Environment, typeOf: TypeOf): Term | undefined {
  if (node.op === '!_') {
    const inner = partsOf(node.args, text, environment, typeOf);
    return inner && ((asked) => negated(inner(asked)));
  }
  if (node.op === '&&' || node.op === '||') {
    const [first, second] = node.args.map((child) => partsOf(child, text, environment, typeOf));
    return first && second && joined(node.op === '||', first, second);
  }
  const program = programOf(node, text, environment);
  return program && programTerm(node, program, typeOf);
}

function negated(answer: Answer): Answer {
  return answer === 'unknown' ? answer : !answer;
}

function joined(decisive: boolean, first: Term, second: Term): Term {
  return (asked) => {
    const one = first(asked);
    if (one === decisive) return decisive;
    const other = second(asked);
    if (other === decisive) return decisive;
    return one === 'unknown' || other === 'unknown' ? 'unknown' : !decisive;
  };
}

/** The node as a program of its own; undefined where its text, without the parentheses around it, does not read the same. */
function programOf(node: ASTNode, text: string, environment: Environment): Program | undefined {
  const bare = text.slice(node.start, node.end);
  const opened = bare.split('(').length - bare.split(')').length;
  const balanced = '('.repeat(Math.max(0, -opened)) + bare + ')'.repeat(Math.max(0, opened));
  try {
    const program = environment.parse(balanced);
    return sameShape(program.ast, node) && program.check().valid ? program : undefined;
  } catch {
    return undefined;
  }
}

function sameShape(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, n) => sameShape(item, b[n]));
  const [first, second] = [a as Partial<ASTNode>, b as Partial<ASTNode>];
  return first.op === second.op && sameShape(first.args, second.args);
}

function programTerm(node: ASTNode, program: Program, typeOf: TypeOf): Term {
  const needed = needsAll(node) ? [...new Set(pathsIn(node, typeOf))].map((path) => path.split('.')) : [];
  return ({ values, context }) => {
    for (const steps of needed) if (at(values, steps) === undefined) return 'unknown';
    const given = context();
    if (!given) return 'unknown';
    try {
      return program(given as Record<string, unknown>) === true;
    } catch (thrown) {
      if (thrown instanceof EvaluationError) return 'unknown';
      throw thrown;
    }
  };
}

/** Whether no part can go unread: there is no choice, no loop and no call in it. */
function needsAll(node: ASTNode): boolean {
  return !['&&', '||', '?:', 'call', 'rcall'].includes(node.op) && childrenOf(node).every(needsAll);
}

function at(values: Given, steps: readonly string[]): unknown {
  let value: unknown = values;
  for (const step of steps) value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  return value;
}
