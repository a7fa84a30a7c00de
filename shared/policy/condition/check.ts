import type { ASTNode } from '@marcbachmann/cel-js';
import type { Unit } from '../units.ts';
import type { FieldType } from './vocabulary.ts';

/** A fault in a condition, with its place in the translated text. */
export interface ConditionFault {
  readonly at: number;
  readonly message: string;
}

/** Calls that conditions may make. `matches()` is not among them: a pattern can take for ever. */
const CALLS: ReadonlySet<string> = new Set(['has', 'size', 'exists', 'all', 'contains', 'startsWith', 'endsWith']);
const LOOPS: ReadonlySet<string> = new Set(['exists', 'all']);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const PLAIN: ReadonlySet<string> = new Set([
  'value',
  'id',
  '.',
  'call',
  'rcall',
  'list',
  '?:',
  '||',
  '&&',
  '!_',
  '-_',
  'in',
]);
const UNIT_NOUNS: Readonly<Record<Unit, string>> = {
  money: 'an amount of money (£5,000)',
  percent: 'a percentage (15%)',
  duration: 'a length of time (24h)',
  count: 'a plain number',
};

export const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** `projected.margin` for a node that reads it; undefined for any other node. */
export function pathOf(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const rest = pathOf(node.args[0]);
  return rest === undefined ? undefined : `${rest}.${node.args[1]}`;
}

/** The type of a field by its whole path; undefined for what is none. */
export type TypeOf = (path: string) => FieldType | undefined;

export function childrenOf(node: ASTNode): readonly ASTNode[] {
  if (node.op === 'call') return node.args[1];
  if (node.op === 'rcall') return [node.args[1], ...node.args[2]];
  if (node.op === '.') return [node.args[0]];
  if (node.op === '!_' || node.op === '-_') return [node.args];
  if (node.op === 'value' || node.op === 'id' || node.op === 'map') return [];
  return (node.args as readonly unknown[]).filter(
    (child): child is ASTNode => typeof child === 'object' && child !== null,
  );
}

/** Which roots it reads (`projected`, `conflict`), and which fields, each by its whole path. */
export function pathsIn(node: ASTNode, typeOf: TypeOf): readonly string[] {
  const path = pathOf(node);
  if (path !== undefined && typeOf(path) !== undefined) return [path];
  return childrenOf(node).flatMap((child) => pathsIn(child, typeOf));
}

/**
 * What the type checker of CEL does not know: calls that are too dear, loops in loops, and figures of different units.
 * `shares` are the places of percentages that are meant as shares of what they are multiplied with.
 */
export function checkCondition(
  node: ASTNode,
  units: ReadonlyMap<number, Unit>,
  typeOf: TypeOf,
): { readonly fault: ConditionFault | undefined; readonly shares: readonly number[] } {
  const check = new UnitCheck(units, typeOf);
  const fault = forbidden(node, false) ?? check.run(node);
  return { fault, shares: check.shares };
}

function forbidden(node: ASTNode, inLoop: boolean): ConditionFault | undefined {
  const known = PLAIN.has(node.op) || COMPARISONS.has(node.op) || ['+', '-', '*', '/'].includes(node.op);
  if (!known) return { at: node.start, message: `"${node.op}" cannot be used in a condition` };
  let loop = false;
  if (node.op === 'call' || node.op === 'rcall') {
    const called = node.args[0];
    if (!CALLS.has(called)) {
      return {
        at: node.start,
        message: `"${called}()" cannot be used in a condition; there are ${[...CALLS].join(', ')}`,
      };
    }
    loop = LOOPS.has(called);
    if (loop && inLoop) return { at: node.start, message: 'a loop inside a loop cannot be used in a condition' };
  }
  for (const child of childrenOf(node)) {
    const fault = forbidden(child, inLoop || loop);
    if (fault) return fault;
  }
  return undefined;
}

/** Works out the unit of every figure, as a physicist would, and finds where two do not go together. */
class UnitCheck {
  readonly shares: number[] = [];
  readonly #units: ReadonlyMap<number, Unit>;
  readonly #typeOf: TypeOf;
  #fault: ConditionFault | undefined;

  constructor(units: ReadonlyMap<number, Unit>, typeOf: TypeOf) {
    this.#units = units;
    this.#typeOf = typeOf;
  }

  run(node: ASTNode): ConditionFault | undefined {
    this.#unitOf(node);
    return this.#fault;
  }

  #unitOf(node: ASTNode): Unit | undefined {
    const path = pathOf(node);
    if (path !== undefined) return unitOfType(this.#typeOf(path));
    if (node.op === 'value') return this.#units.get(node.start) ?? (isNumber(node.args) ? 'count' : undefined);
    const units = childrenOf(node).map((child) => this.#unitOf(child));
    const [left, right] = units;
    if (node.op === '-_') return left;
    if (COMPARISONS.has(node.op) || node.op === '+' || node.op === '-') {
      this.#same(node, left, right);
      return COMPARISONS.has(node.op) ? undefined : left;
    }
    if (node.op === '*' || node.op === '/') return this.#product(node, left, right);
    if (node.op === '?:') return units[1];
    return undefined;
  }

  /** Of what a percentage is multiplied with it is a share; a plain number makes a multiple of it: 2 * 15%. */
  #product(node: ASTNode, left: Unit | undefined, right: Unit | undefined): Unit | undefined {
    const [first, second] = childrenOf(node);
    if (left === undefined || right === undefined) return left ?? right;
    if (node.op === '/' && left === right) return 'count';
    if (node.op === '*' && right === 'percent' && second?.op === 'value' && first?.op !== 'value') {
      this.shares.push(second.start);
      return left;
    }
    if (right === 'count') return left;
    if (node.op === '*' && left === 'count' && (right !== 'percent' || first?.op === 'value')) return right;
    this.#fault ??= {
      at: second?.start ?? node.start,
      message: 'multiply and divide by plain numbers only; a share of something is written projected.list * 80%',
    };
    return left;
  }

  #same(node: ASTNode, left: Unit | undefined, right: Unit | undefined): void {
    if (left === undefined || right === undefined || left === right) return;
    const [subject] = childrenOf(node);
    const name = (subject && pathOf(subject)) ?? 'the left side';
    this.#fault ??= {
      at: childrenOf(node)[1]?.start ?? node.start,
      message: `${name} is ${UNIT_NOUNS[left]} and cannot be compared with ${UNIT_NOUNS[right]}`,
    };
  }
}

function unitOfType(type: FieldType | undefined): Unit | undefined {
  return type === 'money' || type === 'percent' || type === 'duration' || type === 'count' ? type : undefined;
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}
