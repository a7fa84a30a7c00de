import { shareOf } from '#shared/kernel/money.ts';
import type { OrderView } from './order-view.ts';

/** Goodwill below this is felt as an insult, above it a person decides; the same bounds in every currency with hundredths. */
const LEAST_MINOR = 100;
const MOST_CREDIT_MINOR = 2_500;
const MOST_REFUND_MINOR = 3_000;
/** Of an order, together with what was refunded before. */
const SHARE_OF_ORDER_BASIS_POINTS = 5_000;
const STEP_MINOR = 50;

/** Why nothing is given for this order, or undefined where something may be. */
export function barredFromGoodwill(order: OrderView): string | undefined {
  if (order.disputed) return 'the payment is disputed: nothing is given back twice';
  if (order.cancelled) return 'the order is cancelled';
  if (!order.paid) return 'the order is not paid';
  if (order.told.goodwill) return 'something was given for this order already';
  if (order.refundedMinor * 2 >= order.placed.totalMinor) return 'half of the order was refunded already';
  return undefined;
}

/**
 * A share of the order's value in steps of 50, within bounds; 0 where the order is too small for it. The bound by amount
 * keeps a wholesale order of thousands from being treated like a gift of twenty.
 */
export function goodwillMinor(order: OrderView, shareBasisPoints: number, kind: 'credit' | 'refund'): number {
  const most = kind === 'credit' ? MOST_CREDIT_MINOR : MOST_REFUND_MINOR;
  const left = shareOf(order.placed.totalMinor, SHARE_OF_ORDER_BASIS_POINTS) - order.refundedMinor;
  const wanted = Math.max(LEAST_MINOR, shareOf(order.placed.totalMinor, shareBasisPoints));
  const amount = Math.floor(Math.min(wanted, most, left) / STEP_MINOR) * STEP_MINOR;
  return amount >= LEAST_MINOR ? amount : 0;
}

/** The coordinator may make a gift smaller, down to half of it. */
export function flexOf(amountMinor: number): { flex?: { param: string; min: number; max: number } } {
  const min = Math.max(LEAST_MINOR, Math.ceil(amountMinor / 2));
  return min < amountMinor ? { flex: { param: 'amountMinor', min, max: amountMinor } } : {};
}
