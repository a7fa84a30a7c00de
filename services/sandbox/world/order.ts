import type { Variant } from '../catalogue/goods.ts';
import type { Customer } from '../catalogue/people.ts';
import type { Step } from './steps.ts';

export interface OrderLine {
  readonly variant: Variant;
  readonly units: number;
  readonly priceMinor: number;
}

/** What is written down of an order; everything else about it follows by rule. Live trading stores exactly this. */
export interface OrderRoot {
  readonly id: number;
  readonly name: string;
  readonly atMs: number;
  readonly customer: string;
  readonly country: string;
  readonly lines: readonly (readonly [sku: string, units: number, priceMinor: number])[];
  readonly shippingMinor: number;
}

export interface Order {
  readonly id: number;
  readonly name: string;
  readonly atMs: number;
  readonly customer: Customer | null;
  readonly country: string;
  readonly countryCode: string;
  readonly lines: readonly OrderLine[];
  readonly subtotalMinor: number;
  readonly shippingMinor: number;
  readonly totalMinor: number;
  readonly gateway: 'card' | 'paypal' | 'bank_transfer';
  readonly promisedAtMs: number;
  /** What has happened so far, as the store's plan goes on; writes through the Admin API are kept apart, in the records. */
  readonly state: OrderState;
}

export interface OrderState {
  placed: boolean;
  paid: boolean;
  cancelledAtMs: number | null;
  /** Parts (fulfilment orders) that have left the warehouse. */
  readonly fulfilled: Set<number>;
  /** When each of them did, and by whom. */
  readonly parcels: Map<number, { readonly atMs: number; readonly carrier: string }>;
  /** What the shop itself gave back. */
  readonly refunds: { readonly refund: Refund; readonly atMs: number }[];
  /** Units given back, by line. */
  readonly refunded: Map<number, number>;
  /** Steps that wait because the order is on hold. */
  parked: Step[];
}

export interface RefundLine {
  readonly variant: Variant;
  /** Place of the line in its order; null where the order is not known. */
  readonly index: number | null;
  readonly units: number;
  readonly priceMinor: number;
  readonly restocked: boolean;
}

export interface Refund {
  readonly id: number;
  readonly orderId: number;
  readonly order: Order | null;
  readonly lines: readonly RefundLine[];
  /** What goes back on top of the lines' value, or less than it (as an adjustment). */
  readonly otherMinor: number;
  readonly note: string;
}
