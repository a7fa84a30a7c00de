import type { ASTNode } from '@marcbachmann/cel-js';
import { figure, type Unit } from '../units.ts';
import { ARITHMETIC, pathOf, type TypeOf } from './check.ts';
import type { Condition } from './compile.ts';
import type { FieldType, Root, Values } from './vocabulary.ts';

/** A comparison of one figure with one fixed number: `projected.margin >= 15%`. */
export interface Comparison {
  readonly path: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=';
  readonly limit: number;
  readonly unit: Unit;
}

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=' } as const;
const NOT_HELD = {
  '<': 'is not below',
  '<=': 'is above',
  '>': 'is not above',
  '>=': 'is below',
  '==': 'is not',
  '!=': 'is',
};
const HELD = {
  '<': 'is below',
  '<=': 'is not above',
  '>': 'is above',
  '>=': 'is at least',
  '==': 'is',
  '!=': 'is not',
};

/** The parts of a condition that must all hold. */
export function conjuncts(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjuncts) : [node];
}

/** Reads a node as a comparison of a figure with a number, in either order of writing. */
export function comparisonOf(node: ASTNode, typeOf: TypeOf): Comparison | undefined {
  if (!(node.op in MIRRORED)) return undefined;
  const operator = node.op as Comparison['operator'];
  const [left, right] = node.args as unknown as [ASTNode, ASTNode];
  return asComparison(left, operator, right, typeOf) ?? asComparison(right, MIRRORED[operator], left, typeOf);
}

function asComparison(
  subject: ASTNode,
  operator: Comparison['operator'],
  fixed: ASTNode,
  typeOf: TypeOf,
): Comparison | undefined {
  const path = pathOf(subject);
  const unit = path === undefined ? undefined : typeOf(path);
  const limit = numberOf(fixed);
  if (path === undefined || limit === undefined) return undefined;
  if (unit !== 'money' && unit !== 'percent' && unit !== 'duration' && unit !== 'count') return undefined;
  return { path, operator, limit, unit };
}

function numberOf(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const inner = numberOf(node.args);
    return inner === undefined ? undefined : -inner;
  }
  if (node.op !== 'value') return undefined;
  const value: unknown = node.args;
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

export function holds(operator: Comparison['operator'], value: number, limit: number): boolean {
  if (operator === '<') return value < limit;
  if (operator === '<=') return value <= limit;
  if (operator === '>') return value > limit;
  if (operator === '>=') return value >= limit;
  return operator === '==' ? value === limit : value !== limit;
}

/**
 * How far each of its comparisons is from holding, in the order in which they are written; 0 where one holds. What is no
 * comparison of two figures, or lacks one, is left out.
 */
export function shortfalls(
  condition: Condition,
  values: Readonly<Partial<Record<Root, Values>>>,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const node of conjuncts(condition.ast)) {
    if (!(node.op in MIRRORED)) continue;
    const [left, right] = (node.args as unknown as readonly ASTNode[]).map((side) => figureOf(side, values));
    if (left === undefined || right === undefined) continue;
    const operator = node.op as Comparison['operator'];
    found.set(node.start, holds(operator, left, right) ? 0 : Math.abs(left - right));
  }
  return found;
}

function figureOf(node: ASTNode, values: Readonly<Partial<Record<Root, Values>>>): number | undefined {
  const apply = ARITHMETIC[node.op];
  if (apply) {
    const [left, right] = (node.args as readonly ASTNode[]).map((side) => figureOf(side, values));
    return left === undefined || right === undefined ? undefined : apply(left, right);
  }
  const path = pathOf(node);
  const value = path === undefined ? numberOf(node) : figureAt(values, path);
  return typeof value === 'number' ? value : undefined;
}

/** `projected margin 9.8 % is below 15 %`. */
export function comparisonWords(comparison: Comparison, value: number, currency: string, held: boolean): string {
  const relation = (held ? HELD : NOT_HELD)[comparison.operator];
  const { unit } = comparison;
  return `${pathWords(comparison.path)} ${figure(value, unit, currency)} ${relation} ${figure(comparison.limit, unit, currency)}`;
}

function pathWords(path: string): string {
  return path.replaceAll('.', ' ');
}

/** Why a condition that must hold does not: the comparisons that fail, or all the figures that it reads. */
export function whyNot(
  condition: Condition,
  values: Readonly<Partial<Record<Root, Values>>>,
  currency: string,
): string {
  const failed = conjuncts(condition.ast).flatMap((node) => {
    const comparison = comparisonOf(node, condition.typeOf);
    const value = comparison && figureAt(values, comparison.path);
    if (!comparison || typeof value !== 'number' || holds(comparison.operator, value, comparison.limit)) return [];
    return [comparisonWords(comparison, value, currency, false)];
  });
  return failed.length > 0
    ? failed.join('; ')
    : `${readings(condition, values, currency)}, where "${condition.source}" must hold`;
}

/** The figures that a condition looked at: `projected net £8.00, projected contacts 3`. */
export function readings(
  condition: Condition,
  values: Readonly<Partial<Record<Root, Values>>>,
  currency: string,
): string {
  return condition.reads
    .map((path) => reading(path, condition.typeOf(path), figureAt(values, path), currency))
    .join(', ');
}

function reading(path: string, type: FieldType | undefined, value: unknown, currency: string): string {
  const words = pathWords(path);
  if (value === undefined || value === null) return `${words} unknown`;
  if (typeof value === 'number' && type !== 'text' && type !== 'texts' && type !== 'flag' && type !== undefined) {
    return `${words} ${figure(value, type, currency)}`;
  }
  return `${words} ${Array.isArray(value) ? value.join(' + ') || 'none' : String(value)}`;
}

/** Names of the figures that are missing. */
export function missing(condition: Condition, values: Readonly<Partial<Record<Root, Values>>>): readonly string[] {
  return condition.reads.filter((path) => figureAt(values, path) === undefined).map(pathWords);
}

export function figureAt(values: Readonly<Partial<Record<Root, Values>>>, path: string): unknown {
  let value: unknown = values;
  for (const step of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  return value;
}
