import type { WriteOffCause } from '../catalogue/codes.ts';
import type { Product, Supplier, Variant } from '../catalogue/goods.ts';
import type { Customer } from '../catalogue/people.ts';
import type { Order, Refund } from './order.ts';

/**
 * Something that happens in the store at a time, decided beforehand. `ref` names it for good: the ids of its webhooks derive
 * from it, so a step presented again after a crash is the same webhooks again.
 */
export type Step = { readonly atMs: number; readonly ref: string } & Happening;

export type Happening =
  | { readonly kind: 'product'; readonly product: Product }
  | { readonly kind: 'item'; readonly variant: Variant }
  | { readonly kind: 'level'; readonly variant: Variant }
  | { readonly kind: 'customer'; readonly customer: Customer }
  | { readonly kind: 'consent'; readonly customer: Customer; readonly subscribed: boolean }
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'paid'; readonly order: Order }
  | {
      readonly kind: 'risk';
      readonly order: Order;
      readonly level: 'medium' | 'high';
      readonly signals: readonly string[];
    }
  | { readonly kind: 'fulfil'; readonly order: Order; readonly carrier: string }
  | {
      readonly kind: 'transit';
      readonly order: Order;
      readonly carrier: string;
      readonly status: 'delayed' | 'delivered';
      readonly estimatedAtMs: number;
    }
  | { readonly kind: 'cancel'; readonly order: Order }
  | { readonly kind: 'refund'; readonly refund: Refund }
  | { readonly kind: 'dispute'; readonly order: Order }
  | { readonly kind: 'write-off'; readonly variant: Variant; readonly units: number; readonly cause: WriteOffCause }
  | { readonly kind: 'found'; readonly variant: Variant; readonly units: number }
  | { readonly kind: 'arrival'; readonly variant: Variant; readonly units: number; readonly purchaseOrder: string }
  | { readonly kind: 'restock-wanted'; readonly variant: Variant; readonly customer: Customer }
  | { readonly kind: 'supplier'; readonly supplier: Supplier }
  | {
      readonly kind: 'world';
      readonly type: string;
      readonly key: string;
      readonly data: unknown /** Said only while this order stands. */;
      readonly order?: Order;
    }
  | { readonly kind: 'end' };

/** One webhook. The body is made when it is sent: most of what waits never needs it twice. */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly endpoint: 'shopify' | 'world';
  readonly topic: string;
  readonly atMs: number;
  /** Resources whose webhooks must stay in order: a later one is not sent before the earlier was acknowledged. */
  readonly keys: readonly string[];
  readonly orderLines: number;
  readonly body: () => string;
}

/** How long a "day" of the shop lasts: a real one in a replay, minutes in live trading so that something happens. */
export interface Pace {
  readonly dayMs: number;
}
