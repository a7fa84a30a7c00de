/** What the shop of the storm is made of, and how its platform writes it down. */

export interface Product {
  readonly n: number;
  readonly sku: string;
  title: string;
  priceMinor: number;
  costMinor: number;
  level: number;
  status: 'active' | 'draft';
}

export interface Customer {
  readonly id: number;
  subscribed: boolean;
  tags: string[];
}

export interface Order {
  readonly id: number;
  readonly createdAt: string;
  readonly customer: Customer;
  readonly lines: readonly { product: Product; units: number; priceMinor: number }[];
  readonly promisedAt: string;
  paid: boolean;
  cancelledAt: string | null;
  sent: number;
  tags: string[];
}

export const money = (minor: number) => (minor / 100).toFixed(2);
export const gid = (type: string, id: number) => `gid://shopify/${type}/${id}`;

export function totalOf({ lines }: Order): number {
  return lines.reduce((sum, { units, priceMinor }) => sum + units * priceMinor, 0);
}

export function personOf({ id }: Customer) {
  return {
    id,
    admin_graphql_api_id: gid('Customer', id),
    email: `c${id}@example.invalid`,
    first_name: 'Ada',
    last_name: String(id),
  };
}

export function orderBody(order: Order, now: string) {
  const total = money(totalOf(order));
  return {
    id: order.id,
    admin_graphql_api_id: gid('Order', order.id),
    name: `#${order.id}`,
    test: false,
    created_at: order.createdAt,
    updated_at: now,
    cancelled_at: order.cancelledAt,
    cancel_reason: order.cancelledAt && 'customer',
    currency: 'GBP',
    total_price: total,
    tags: order.tags.join(', '),
    financial_status: order.paid ? 'paid' : 'pending',
    payment_gateway_names: ['card'],
    source_name: 'web',
    customer: personOf(order.customer),
    shipping_address: { country_code: 'GB' },
    note_attributes: [{ name: 'promised_at', value: order.promisedAt }],
    refunds: order.cancelledAt ? [{ restock: true, refund_line_items: [{ restock_type: 'cancel' }] }] : [],
    line_items: order.lines.map(({ product, units, priceMinor }) => ({
      sku: product.sku,
      quantity: units,
      price: money(priceMinor),
      product_id: 8_000 + product.n,
      product_exists: true,
      gift_card: false,
    })),
  };
}

export function productBody(product: Product, now: string) {
  return {
    id: 8_000 + product.n,
    admin_graphql_api_id: gid('Product', 8_000 + product.n),
    title: product.title,
    vendor: 'Acme Ltd.',
    product_type: product.n % 2 === 0 ? 'Candles' : 'Jars',
    status: product.status,
    updated_at: now,
    variants: [
      {
        id: 4_400 + product.n,
        admin_graphql_api_id: gid('ProductVariant', 4_400 + product.n),
        sku: product.sku,
        title: 'Default Title',
        price: money(product.priceMinor),
        inventory_item_id: 4_600 + product.n,
      },
    ],
  };
}
