interface FakePart {
  readonly id: string;
  status: string;
  readonly holds: { id: string; handle: string }[];
  lines: { id: string; sku: string; remainingQuantity: number }[];
}

interface FakeDiscount {
  readonly id: string;
  readonly title: string;
  status: string;
  variants: string[];
  readonly code?: string;
  /** Of one that has been changed since the fake began. */
  updatedAt?: string;
}

/** What the fake store holds; tests read it and change it as a person at the store would. */
export interface FakeBooks {
  readonly prices: Map<string, string>;
  readonly products: Map<string, { status: string; variants: number }>;
  readonly levels: Map<string, number>;
  readonly discounts: FakeDiscount[];
  readonly parts: FakePart[];
  cancelledAt: string | null;
  readonly tags: string[];
  readonly refunds: { id: string; note: string }[];
  readonly credits: { amount: { amount: string; currencyCode: string }; createdAt: string }[];
  readonly purchaseOrders: Map<string, string>;
  /** Answers by idempotency key. */
  readonly kept: Map<string, object>;
  /** The action of each effect, in order. */
  readonly effects: string[];
}

export function newBooks(): FakeBooks {
  return {
    prices: new Map([
      ['gid://shopify/ProductVariant/11', '2.55'],
      ['gid://shopify/ProductVariant/12', '4.00'],
    ]),
    products: new Map([['gid://shopify/Product/1', { status: 'ACTIVE', variants: 1 }]]),
    levels: new Map([['gid://shopify/InventoryItem/21', 7]]),
    discounts: [],
    parts: [
      {
        id: 'gid://shopify/FulfillmentOrder/31',
        status: 'OPEN',
        holds: [],
        lines: [
          { id: 'gid://shopify/FulfillmentOrderLineItem/41', sku: 'A', remainingQuantity: 3 },
          { id: 'gid://shopify/FulfillmentOrderLineItem/42', sku: 'B', remainingQuantity: 2 },
        ],
      },
    ],
    cancelledAt: null,
    tags: [],
    refunds: [],
    credits: [],
    purchaseOrders: new Map([['earlier-order', 'open']]),
    kept: new Map(),
    effects: [],
  };
}
