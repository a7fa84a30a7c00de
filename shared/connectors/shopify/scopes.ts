import type { Ability } from '../concierge.ts';

/**
 * The topics that Parley understands and what each asks for, as the schema of the Admin API says. A test holds them against
 * what the gateway maps.
 */
export const WEBHOOK_TOPICS: readonly { readonly topic: string; readonly scope?: string }[] = [
  ...of('read_orders', [
    'ORDERS_CREATE',
    'ORDERS_UPDATED',
    'ORDERS_PAID',
    'ORDERS_CANCELLED',
    'ORDERS_DELETE',
    'ORDERS_RISK_ASSESSMENT_CHANGED',
    'REFUNDS_CREATE',
  ]),
  ...of('read_products', ['PRODUCTS_CREATE', 'PRODUCTS_UPDATE', 'PRODUCTS_DELETE']),
  ...of('read_inventory', ['INVENTORY_ITEMS_UPDATE', 'INVENTORY_LEVELS_UPDATE']),
  ...of('read_customers', ['CUSTOMERS_CREATE', 'CUSTOMERS_UPDATE', 'CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE']),
  ...of('read_discounts', ['DISCOUNTS_CREATE', 'DISCOUNTS_UPDATE', 'DISCOUNTS_DELETE']),
  ...of('read_fulfillments', ['FULFILLMENTS_CREATE', 'FULFILLMENTS_UPDATE', 'FULFILLMENT_EVENTS_CREATE']),
  ...of('read_merchant_managed_fulfillment_orders', [
    'FULFILLMENT_ORDERS_PLACED_ON_HOLD',
    'FULFILLMENT_ORDERS_HOLD_RELEASED',
  ]),
  ...of('read_shopify_payments_disputes', ['DISPUTES_CREATE', 'DISPUTES_UPDATE']),
  { topic: 'APP_UNINSTALLED' },
];

function of(scope: string, topics: readonly string[]) {
  return topics.map((topic) => ({ topic, scope }));
}

type Asked = Omit<Ability, 'granted'>;

const ABILITIES: readonly Asked[] = [
  { can: 'read orders, refunds and cancellations', scope: 'read_orders', essential: true, actions: [] },
  { can: 'read products and prices', scope: 'read_products', essential: true, actions: [] },
  { can: 'read stock and cost', scope: 'read_inventory', essential: true, actions: [] },
  { can: 'see where stock lies', scope: 'read_locations', essential: false, actions: ['stock.correct'] },
  { can: 'read customers and their consent', scope: 'read_customers', essential: false, actions: [] },
  { can: 'see discounts', scope: 'read_discounts', essential: false, actions: [] },
  { can: 'follow parcels', scope: 'read_fulfillments', essential: false, actions: [] },
  {
    can: 'see orders on hold',
    scope: 'read_merchant_managed_fulfillment_orders',
    essential: false,
    actions: ['order.hold', 'order.release', 'order.split'],
  },
  { can: 'see disputed payments', scope: 'read_shopify_payments_disputes', essential: false, actions: [] },
  {
    can: 'change prices and archive products',
    scope: 'write_products',
    essential: false,
    actions: ['price.set', 'product.archive'],
  },
  {
    can: 'start and end promotions',
    scope: 'write_discounts',
    essential: false,
    actions: ['promotion.launch', 'promotion.pause', 'promotion.end', 'coupon.give'],
  },
  { can: 'correct stock', scope: 'write_inventory', essential: false, actions: ['stock.correct'] },
  {
    can: 'cancel, refund and tag orders',
    scope: 'write_orders',
    essential: false,
    actions: ['order.cancel', 'refund.issue', 'order.tag'],
  },
  {
    can: 'hold, release and split orders',
    scope: 'write_merchant_managed_fulfillment_orders',
    essential: false,
    actions: ['order.hold', 'order.release', 'order.split'],
  },
  {
    can: 'give store credit',
    scope: 'write_store_credit_account_transactions',
    essential: false,
    actions: ['credit.give'],
  },
];

/** A scope to write includes the one to read. */
export function hasScope(granted: ReadonlySet<string>, scope: string): boolean {
  return granted.has(scope) || granted.has(scope.replace(/^read_/, 'write_'));
}

export function abilitiesOf(granted: ReadonlySet<string>): Ability[] {
  return ABILITIES.map((asked) => ({ ...asked, granted: hasScope(granted, asked.scope) }));
}
