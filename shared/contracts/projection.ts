import { afterDiscount, marginBasisPoints } from '#shared/kernel/money.ts';
import type { Layer } from './actions/define.ts';
import type { FactView } from './facts.ts';
import type { ResourceKey } from './resource.ts';

/**
 * The state of one leaf if everything admitted and in force were carried out: what guardrails are asked about. A figure
 * whose facts are missing is absent, and a guardrail that needs it is `unknown`.
 */
export interface Projection {
  readonly listMinor?: number;
  /** Price after every discount, compounded, less the shipping that the shop pays. */
  readonly netMinor?: number;
  readonly costMinor?: number;
  readonly marginBasisPoints?: number;
  /** The whole discount against the list price. */
  readonly discountBasisPoints: number;
  /** Units that are still free to promise. */
  readonly availableToPromise?: number;
  /** How often the customer would have been written to within a day. */
  readonly contacts: number;
  readonly spendMinor: number;
  readonly refundMinor: number;
  readonly refundableMinor?: number;
  readonly reorderUnits: number;
  readonly states: readonly string[];
}

/**
 * Combines the facts of a leaf with layers upon it. The order of the layers does not matter: discounts compound, amounts add,
 * and of several list prices the lowest counts, because a floor has to hold whichever of them comes last.
 */
export function project(leaf: ResourceKey, facts: FactView, layers: readonly Layer[]): Projection {
  const prices = layers.flatMap((layer) => layer.priceMinor ?? []);
  const listMinor = prices.length > 0 ? Math.min(...prices) : facts.get(leaf, 'price')?.value.minor;
  const costMinor = facts.get(leaf, 'cost')?.value.minor;
  const netMinor = listMinor === undefined ? undefined : netPrice(listMinor, layers);
  const available = facts.get(leaf, 'available')?.value.units;
  const placed = facts.get(leaf, 'placed')?.value.totalMinor;
  const refundMinor = sum(layers, 'refundMinor');
  return {
    ...(listMinor === undefined ? {} : { listMinor }),
    ...(netMinor === undefined ? {} : { netMinor }),
    ...(costMinor === undefined ? {} : { costMinor }),
    ...(netMinor === undefined || costMinor === undefined
      ? {}
      : { marginBasisPoints: marginBasisPoints(netMinor, costMinor) }),
    discountBasisPoints:
      listMinor && netMinor !== undefined ? Math.round(((listMinor - netMinor) * 10_000) / listMinor) : 0,
    ...(available === undefined ? {} : { availableToPromise: available - sum(layers, 'units') }),
    contacts: sum(layers, 'contacts'),
    spendMinor: sum(layers, 'spendMinor'),
    refundMinor,
    ...(placed === undefined
      ? {}
      : { refundableMinor: placed - (facts.get(leaf, 'refunded')?.value ?? 0) - refundMinor }),
    reorderUnits: sum(layers, 'reorderUnits'),
    states: layers.flatMap((layer) => layer.state ?? []).sort(),
  };
}

function netPrice(listMinor: number, layers: readonly Layer[]): number {
  // Largest first, so that rounding does not depend on the order in which the layers came.
  const discounts = layers.flatMap((layer) => layer.discountBasisPoints ?? []).sort((a, b) => b - a);
  return discounts.reduce(afterDiscount, listMinor) - sum(layers, 'subsidyMinor');
}

function sum(
  layers: readonly Layer[],
  key: 'units' | 'contacts' | 'spendMinor' | 'refundMinor' | 'reorderUnits' | 'subsidyMinor',
): number {
  return layers.reduce((total, layer) => total + (layer[key] ?? 0), 0);
}
