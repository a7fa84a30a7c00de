import type { Meta } from './marks.ts';
import type { Errand } from './operation.ts';

/** An order, as far as it is looked at before it is written to. */
export interface Order {
  readonly id: number;
  readonly status: string;
  readonly currency: string;
  readonly total: string;
  readonly date_paid_gmt: string | null;
  /** Their totals are negative. */
  readonly refunds: readonly { id: number; reason: string | null; total: string }[];
  readonly billing?: { readonly email?: string };
  readonly meta_data: readonly Meta[];
}

export function readOrder({ woo, call }: Errand, id: string): Promise<Order> {
  return woo.get(`/orders/${id}`, {}, call);
}

export function changeOrder({ woo, call }: Errand, id: string, change: object): Promise<Order> {
  return woo.put(`/orders/${id}`, change, call);
}
