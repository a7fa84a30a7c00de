import type { ASTNode } from '@marcbachmann/cel-js';
import { pathOf } from './check.ts';
import type { Condition } from './compile.ts';
import { comparisonOf, conjuncts } from './words.ts';

/** One plain comparison: a field with a fixed figure, text or flag; `in` and `has` with the texts on one side. */
export interface SimpleComparison {
  readonly field: string;
  readonly operator: '<' | '<=' | '>' | '>=' | '==' | '!=' | 'in' | 'has';
  readonly value: number | string | boolean | readonly string[];
}

/** A condition as data: what it joins with && and can be read as plain comparisons. */
export interface SimpleCondition {
  readonly source: string;
  readonly comparisons: readonly SimpleComparison[];
  /** Whether these comparisons are the whole condition. */
  readonly exact: boolean;
  /** Every field that it reads, by its whole path, whether in a plain comparison or not. */
  readonly reads: readonly string[];
}

export function simpleOf(condition: Condition): SimpleCondition {
  const parts = conjuncts(condition.ast);
  const comparisons = parts.flatMap((node) => simple(node, condition) ?? []);
  const exact = comparisons.length === parts.length;
  return { source: condition.source, comparisons, exact, reads: condition.reads };
}

function simple(node: ASTNode, condition: Condition): SimpleComparison | undefined {
  const figure = comparisonOf(node, condition.typeOf);
  if (figure) return { field: figure.path, operator: figure.operator, value: figure.limit };
  if (node.op === '!_') return flag(node.args, false, condition);
  if (node.op === 'in') return membership(node.args[0], node.args[1], condition);
  if (node.op !== '==' && node.op !== '!=') return flag(node, true, condition);
  const [left, right] = node.args;
  return equality(left, node.op, right, condition) ?? equality(right, node.op, left, condition);
}

function flag(node: ASTNode, value: boolean, condition: Condition): SimpleComparison | undefined {
  const field = fieldOf(node, condition);
  return field !== undefined && condition.typeOf(field) === 'flag' ? { field, operator: '==', value } : undefined;
}

function equality(
  subject: ASTNode,
  operator: '==' | '!=',
  fixed: ASTNode,
  condition: Condition,
): SimpleComparison | undefined {
  const field = fieldOf(subject, condition);
  const value: unknown = fixed.op === 'value' ? fixed.args : undefined;
  if (field === undefined || (typeof value !== 'string' && typeof value !== 'boolean')) return undefined;
  return { field, operator, value };
}

function membership(left: ASTNode, right: ASTNode, condition: Condition): SimpleComparison | undefined {
  const field = fieldOf(left, condition);
  const listed = right.op === 'list' ? (right.args as readonly ASTNode[]).map(textOf) : undefined;
  if (field !== undefined && listed?.every((text) => text !== undefined)) {
    return { field, operator: 'in', value: listed };
  }
  const list = fieldOf(right, condition);
  const text = textOf(left);
  return list !== undefined && text !== undefined ? { field: list, operator: 'has', value: text } : undefined;
}

function fieldOf(node: ASTNode, condition: Condition): string | undefined {
  const path = pathOf(node);
  return path !== undefined && condition.typeOf(path) !== undefined ? path : undefined;
}

function textOf(node: ASTNode): string | undefined {
  const value: unknown = node.op === 'value' ? node.args : undefined;
  return typeof value === 'string' ? value : undefined;
}
