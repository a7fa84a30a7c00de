import type { FactView } from '#shared/contracts/facts.ts';
import { type ResourceKey, resource } from '#shared/contracts/resource.ts';

/** The handle under which this agent holds; it releases no other. */
export const FRAUD_HANDLE = 'parley-fraud';

/** A first order above this is unusual for a gift shop, whose typical order is some hundreds. */
const FIRST_ORDER_MINOR = 300_000;
/** An order so many times what the customer's orders have been worth on average. */
const OUT_OF_CHARACTER = 10;
const OUT_OF_CHARACTER_MINOR = 100_000;
/** Signals from which on a person should look before goods leave. */
const HOLD_FROM = 3;

export interface Suspicion {
  readonly points: number;
  readonly signals: readonly string[];
}

/**
 * Adds up signals that payment fraud literature and platforms agree on: the provider's own risk level weighs most, a
 * first order of unusual value and a break with the customer's own habit add to it. Many lines or a wholesale quantity
 * are no signal: that is how this trade buys.
 */
export function suspicionOf(order: ResourceKey, facts: FactView): Suspicion {
  const placed = facts.get(order, 'placed')?.value;
  if (!placed) return { points: 0, signals: [] };
  const signals: string[] = [];
  let points = 0;
  const add = (more: number, signal: string) => {
    points += more;
    signals.push(signal);
  };
  const risk = facts.get(order, 'risk')?.value;
  if (risk?.level === 'high')
    add(3, `the provider flags it high${risk.signals.length > 0 ? ` (${risk.signals.slice(0, 3).join(', ')})` : ''}`);
  if (risk?.level === 'medium') add(1, 'the provider flags it medium');
  const customer = placed.customer === undefined ? undefined : resource('customer', placed.customer);
  const orders = customer ? (facts.get(customer, 'orders')?.value ?? 1) : 0;
  const spent = customer && facts.get(customer, 'spent')?.value[placed.currency];
  if (customer && orders <= 1 && placed.totalMinor >= FIRST_ORDER_MINOR) add(2, 'a first order of unusual value');
  if (spent && isOutOfCharacter(placed.totalMinor, spent)) add(1, 'far above what this customer usually orders');
  if (facts.get(order, 'paid') === undefined) points += signals.length > 0 ? 1 : 0;
  return { points, signals };
}

/** Against the customer's other orders of the same currency; one alone is no habit. */
function isOutOfCharacter(minor: number, spent: { readonly orders: number; readonly minor: number }): boolean {
  const before = (spent.minor - minor) / (spent.orders - 1);
  return spent.orders > 2 && minor >= OUT_OF_CHARACTER_MINOR && minor >= OUT_OF_CHARACTER * before;
}

export function shouldHold(suspicion: Suspicion): boolean {
  return suspicion.points >= HOLD_FROM;
}
