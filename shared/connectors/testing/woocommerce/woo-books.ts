import type { Meta } from '../../woocommerce/marks.ts';

export interface FakeProduct {
  readonly id: number;
  /** Of a variation: the product that it belongs to. */
  readonly parent_id: number;
  readonly type: 'simple' | 'variable' | 'variation';
  readonly sku: string;
  readonly name: string;
  status: string;
  price: string;
  regular_price: string;
  sale_price: string;
  date_on_sale_from_gmt: string | null;
  date_on_sale_to_gmt: string | null;
  manage_stock: boolean | 'parent';
  stock_quantity: number | null;
  variations: number[];
  meta_data: Meta[];
  date_modified_gmt: string;
}

export interface FakeRefund {
  readonly id: number;
  readonly amount: string;
  readonly reason: string;
  refunded_payment: boolean;
  readonly meta_data: Meta[];
}

export interface FakeOrder {
  readonly id: number;
  status: string;
  readonly currency: string;
  readonly total: string;
  date_paid_gmt: string | null;
  readonly customer_id: number;
  readonly billing: { readonly email: string };
  readonly date_created_gmt: string;
  readonly line_items: {
    readonly product_id: number;
    readonly sku: string;
    readonly quantity: number;
    readonly subtotal: string;
  }[];
  /** Whether its units have been taken off the shelf. */
  isStockReduced: boolean;
  readonly refunds: FakeRefund[];
  readonly notes: { readonly id: number; readonly note: string; readonly customer_note: boolean }[];
  meta_data: Meta[];
  date_modified_gmt: string;
}

export interface FakeCoupon {
  readonly id: number;
  code: string;
  discount_type: string;
  amount: string;
  date_expires_gmt: string | null;
  individual_use: boolean;
  exclude_sale_items: boolean;
  usage_limit: number | null;
  product_ids: number[];
  email_restrictions: string[];
  meta_data: Meta[];
}

/** What the fake shop holds; tests read it and change it as a person at the shop would. */
export interface WooBooks {
  readonly products: Map<number, FakeProduct>;
  readonly orders: Map<number, FakeOrder>;
  readonly customers: Map<number, { readonly id: number; readonly email: string }>;
  readonly coupons: FakeCoupon[];
  /** What the payment provider does with the next refunds. */
  readonly provider: { refuses: boolean; money: string[] };
  /** The action of each effect, in order. */
  readonly effects: string[];
}

export const MODIFIED = '2026-11-21T09:00:00';

export function product(
  id: number,
  sku: string,
  price: string,
  units: number,
  more: Partial<FakeProduct> = {},
): FakeProduct {
  return {
    id,
    parent_id: 0,
    type: 'simple',
    sku,
    name: `Product ${sku}`,
    status: 'publish',
    price,
    regular_price: price,
    sale_price: '',
    date_on_sale_from_gmt: null,
    date_on_sale_to_gmt: null,
    manage_stock: true,
    stock_quantity: units,
    variations: [],
    meta_data: [],
    date_modified_gmt: MODIFIED,
    ...more,
  };
}

/** Two simple products, A and B, and one with two variations; order 9 of customer 5, paid and not sent yet. */
export function newWooBooks(): WooBooks {
  const variation = { parent_id: 30, type: 'variation' } as const;
  const products = [
    product(11, 'A', '2.55', 7),
    product(12, 'B', '4.00', 5),
    product(30, 'C', '', 9, { type: 'variable', variations: [31, 32] }),
    product(31, 'C-RED', '10.00', 3, variation),
    product(32, 'C-BLUE', '10.00', 9, { ...variation, manage_stock: 'parent' }),
  ];
  const order: FakeOrder = {
    id: 9,
    status: 'processing',
    currency: 'GBP',
    total: '15.65',
    date_paid_gmt: '2026-11-21T08:00:00',
    customer_id: 5,
    billing: { email: 'customer5@example.invalid' },
    date_created_gmt: '2026-11-21T07:59:00',
    line_items: [
      { product_id: 11, sku: 'A', quantity: 3, subtotal: '7.65' },
      { product_id: 12, sku: 'B', quantity: 2, subtotal: '8.00' },
    ],
    isStockReduced: true,
    refunds: [],
    notes: [],
    meta_data: [],
    date_modified_gmt: MODIFIED,
  };
  return {
    products: new Map(products.map((each) => [each.id, each])),
    orders: new Map([[9, order]]),
    customers: new Map([[5, { id: 5, email: 'customer5@example.invalid' }]]),
    coupons: [],
    provider: { refuses: false, money: [] },
    effects: [],
  };
}
