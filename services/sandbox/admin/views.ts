import { amount } from '../bodies/money.ts';
import { CURRENCY, LOCATION_ID, type Product, type Variant } from '../catalogue/goods.ts';
import {
  fulfillmentOrderId,
  gidOf,
  ID_BASE,
  lineId,
  numberOf,
  orderOfFulfillmentOrder,
} from '../catalogue/identity.ts';
import type { Order } from '../world/order.ts';
import type { Discount } from '../world/records.ts';
import type { World } from '../world/world.ts';
import { discountFields, discountNode, kindOf } from './discount-view.ts';
import {
  changedSince,
  customerFields,
  findRefund,
  itemFields,
  lineFields,
  orderFields,
  type PageArguments,
  pageOf,
  productFields,
  refundsOf,
  refundView,
} from './reads.ts';

/** The store in the shape of the Admin API's types; fields that cost work are functions, which the executor of GraphQL calls on demand. */
export class Views {
  readonly #world: World;
  readonly #nowMs: () => number;

  constructor(world: World, nowMs: () => number) {
    this.#world = world;
    this.#nowMs = nowMs;
  }

  node(gid: string): object | null {
    const kind = /^gid:\/\/shopify\/(\w+)\//.exec(gid)?.[1] ?? '';
    const views: Record<string, (id: string) => object | null> = {
      Product: (id) => this.productBy(id),
      ProductVariant: (id) => this.variantBy(id),
      InventoryItem: (id) => this.itemBy(id),
      Order: (id) => this.orderBy(id),
      FulfillmentOrder: (id) => this.fulfillmentOrderBy(id),
      Customer: (id) => this.customerBy(id),
      DiscountAutomaticNode: (id) => this.discountBy(id),
      DiscountCodeNode: (id) => this.discountBy(id),
      Refund: (id) => this.refundBy(id),
    };
    const view = views[kind]?.(gid) ?? null;
    return view === null ? null : { __typename: kind, ...view };
  }

  productBy(gid: string): object | null {
    const product = this.#world.catalogue.byProductId.get(numberOf(gid, 'Product') ?? 0);
    return product ? this.product(product) : null;
  }

  variantBy(gid: string): object | null {
    const variant = this.#world.catalogue.byVariantId.get(numberOf(gid, 'ProductVariant') ?? 0);
    return variant ? this.variant(variant) : null;
  }

  itemBy(gid: string): object | null {
    const variant = this.#world.catalogue.byItemId.get(numberOf(gid, 'InventoryItem') ?? 0);
    return variant ? this.item(variant) : null;
  }

  orderBy(gid: string): object | null {
    const order = this.#world.orders.get(numberOf(gid, 'Order') ?? 0);
    return order ? this.order(order) : null;
  }

  fulfillmentOrderBy(gid: string): object | null {
    const id = numberOf(gid, 'FulfillmentOrder');
    if (id === undefined) return null;
    const { order: orderId, part } = orderOfFulfillmentOrder(id);
    const order = this.#world.orders.get(orderId);
    return order && part < this.#world.parts(order).length ? this.fulfillmentOrder(order, part) : null;
  }

  discountBy(gid: string): object | null {
    const [, kind = '', number = ''] = /^gid:\/\/shopify\/(\w+)\/(\d+)$/.exec(gid) ?? [];
    const discount = this.#world.records.discount.get(number);
    return discount && kindOf(discount) === kind ? this.discount(discount) : null;
  }

  codeDiscountBy(code: string): object | null {
    const same = (each: Discount) => each.code?.toLowerCase() === code.toLowerCase();
    const discount = [...this.#world.records.discount.values()].find(same);
    return discount ? this.discount(discount) : null;
  }

  /** Understands `title:"…"` and `title:'…'`, the one search that is needed to find a discount again. */
  discountsBy(query: string | undefined, first: number): Discount[] {
    const title =
      query === undefined
        ? undefined
        : (/^title:\s*(?:"([^"]*)"|'([^']*)'|(\S+))$/
            .exec(query.trim())
            ?.slice(1)
            .find((part) => part !== undefined) ?? query);
    const found = [...this.#world.records.discount.values()].filter(
      (discount) => title === undefined || discount.title === title,
    );
    return found.slice(0, first);
  }

  customerBy(gid: string): object | null {
    const id = numberOf(gid, 'Customer');
    const customer = id === undefined ? undefined : this.#world.customers.get(id);
    if (id === undefined || !customer) return null;
    return {
      ...customerFields(this.#world, customer),
      id: gid,
      tags: this.#world.records.tags.get(gid) ?? [],
      storeCreditAccounts: () => {
        const given = this.#world.records.credit.get(String(id))?.given ?? [];
        return { nodes: given.length > 0 ? [creditAccount(id, given)] : [] };
      },
    };
  }

  refundBy(gid: string): object | null {
    const refund = findRefund(this.#world, numberOf(gid, 'Refund') ?? 0);
    return refund ? refundView(refund) : null;
  }

  ordersBy(query: string | null | undefined, page: PageArguments): object {
    const touchedAt = (order: Order) => this.#world.touchedAt(`order:${order.id}`, order.atMs);
    const placed = [...this.#world.orders.values()].filter((order) => order.state.placed);
    const found = changedSince(placed, touchedAt, query);
    return pageOf(
      found.map((order) => this.order(order)),
      page,
    );
  }

  productsBy(query: string | null | undefined, page: PageArguments): object {
    const { catalogue, openedMs } = this.#world;
    const touchedAt = (product: Product) => this.#world.touchedAt(`product:${product.id}`, openedMs);
    const found = changedSince(catalogue.products, touchedAt, query);
    return pageOf(
      found.map((product) => this.product(product)),
      page,
    );
  }

  product(product: Product): object {
    return {
      ...productFields(this.#world, product),
      id: gidOf('Product', product.id),
      title: product.title,
      status: this.#world.status(product).toUpperCase(),
      variants: (page: PageArguments) =>
        pageOf(
          product.variants.map((variant) => this.variant(variant)),
          page,
        ),
    };
  }

  variant(variant: Variant): object {
    const compareAt = this.#world.compareAt(variant);
    return {
      id: gidOf('ProductVariant', variant.variantId),
      sku: variant.sku,
      title: variant.option,
      price: amount(this.#world.price(variant)),
      compareAtPrice: compareAt === null ? null : amount(compareAt),
      inventoryQuantity: this.#world.level(variant.itemId),
      inventoryItem: () => this.item(variant),
      product: () => this.productBy(gidOf('Product', variant.productId)),
    };
  }

  item(variant: Variant): object {
    const id = gidOf('InventoryItem', variant.itemId);
    const quantities = ({ names }: { names: string[] }) =>
      names.map((name) => ({ id: `${id}?${name}`, name, quantity: this.#world.level(variant.itemId) }));
    const level = {
      id: `gid://shopify/InventoryLevel/${LOCATION_ID}?inventory_item_id=${variant.itemId}`,
      location: { id: gidOf('Location', LOCATION_ID) },
      quantities,
    };
    return {
      ...itemFields(variant),
      variants: (page: PageArguments) => pageOf([this.variant(variant)], page),
      id,
      sku: variant.sku,
      tracked: true,
      inventoryLevels: { nodes: [level] },
      inventoryLevel: ({ locationId }: { locationId: string }) =>
        numberOf(locationId, 'Location') === LOCATION_ID ? level : null,
    };
  }

  order(order: Order): object {
    const world = this.#world;
    const writes = world.writes(order.id);
    const cancelledAt = world.cancelledAt(order);
    const parts = world.parts(order);
    const left = order.state.fulfilled.size;
    return {
      ...orderFields(world, order),
      id: gidOf('Order', order.id),
      name: order.name,
      cancelledAt: cancelledAt === null ? null : new Date(cancelledAt).toISOString(),
      cancelReason:
        cancelledAt === null
          ? null
          : order.state.cancelledAtMs !== null
            ? 'CUSTOMER'
            : writes.cancelled?.reason.toUpperCase(),
      tags: writes.tags,
      closed: false,
      displayFulfillmentStatus: left === 0 ? 'UNFULFILLED' : left < parts.length ? 'PARTIALLY_FULFILLED' : 'FULFILLED',
      displayFinancialStatus: order.state.paid ? 'PAID' : 'PENDING',
      totalPriceSet: { shopMoney: money(order.totalMinor) },
      totalRefundedSet: { shopMoney: money(writes.refunds.reduce((sum, refund) => sum + refund.minor, 0)) },
      fulfillmentOrders: () => ({ nodes: parts.map((_, part) => this.fulfillmentOrder(order, part)) }),
      lineItems: (page: PageArguments) =>
        pageOf(
          order.lines.map((_, index) => this.line(order, index)),
          page,
        ),
      transactions: () => [
        {
          id: gidOf('OrderTransaction', order.id + ID_BASE.transaction),
          kind: 'SALE',
          status: order.state.paid ? 'SUCCESS' : 'PENDING',
          gateway: order.gateway,
          amountSet: { shopMoney: money(order.totalMinor) },
        },
      ],
      refunds: () => refundsOf(world, order).map(refundView),
    };
  }

  line(order: Order, index: number): object {
    const line = order.lines[index]!;
    const left = this.refundable(order, index);
    return {
      ...lineFields(order, index),
      id: gidOf('LineItem', lineId(order.id, index)),
      sku: line.variant.sku,
      quantity: line.units,
      currentQuantity: left,
      refundableQuantity: left,
    };
  }

  /** Units of a line that nobody has given back yet, neither by the plan nor by a write. */
  refundable(order: Order, index: number): number {
    const written = this.#world
      .writes(order.id)
      .refunds.flatMap((refund) => refund.lines)
      .filter((line) => line.index === index);
    return (
      order.lines[index]!.units -
      (order.state.refunded.get(index) ?? 0) -
      written.reduce((sum, line) => sum + line.units, 0)
    );
  }

  refund(refund: { id: number; note: string; minor: number; atMs: number }): object {
    return {
      id: gidOf('Refund', refund.id),
      note: refund.note,
      createdAt: new Date(refund.atMs).toISOString(),
      totalRefundedSet: { shopMoney: money(refund.minor) },
    };
  }

  fulfillmentOrder(order: Order, part: number): object {
    const world = this.#world;
    const holds = world.writes(order.id).holds.filter((hold) => hold.part === part);
    const closed = order.state.fulfilled.has(part);
    const status =
      world.cancelledAt(order) !== null ? 'CANCELLED' : closed ? 'CLOSED' : holds.length > 0 ? 'ON_HOLD' : 'OPEN';
    return {
      id: gidOf('FulfillmentOrder', fulfillmentOrderId(order.id, part)),
      status,
      orderId: gidOf('Order', order.id),
      fulfillmentHolds: holds.map((hold) => holdView(hold)),
      lineItems: () => ({
        nodes: [...world.parts(order)[part]!].map(([index, units]) => ({
          id: gidOf('FulfillmentOrderLineItem', lineId(order.id, index)),
          sku: order.lines[index]!.variant.sku,
          totalQuantity: units,
          remainingQuantity: closed ? 0 : units,
        })),
      }),
    };
  }

  #nodes(kind: string, ids: readonly number[]): object[] {
    return ids.flatMap((id) => this.node(gidOf(kind, id)) ?? []);
  }

  #timesOf({ id, createdAtMs }: Discount) {
    return { nowMs: this.#nowMs(), touchedMs: this.#world.touchedAt(`discount:${id}`, createdAtMs) };
  }

  discount(discount: Discount): object {
    return discountNode(discount, this.#timesOf(discount), (kind, ids) => this.#nodes(kind, ids));
  }

  /** As one of all kinds, under a name that is no kind's own. */
  anyDiscount(discount: Discount): object {
    const fields = discountFields(discount, this.#timesOf(discount), (kind, ids) => this.#nodes(kind, ids));
    return { id: gidOf('DiscountNode', discount.id), discount: fields };
  }
}

function creditAccount(customer: number, given: readonly { id: number; minor: number; atMs: number }[]): object {
  let balance = 0;
  const transactions = given.map((credit) => {
    balance += credit.minor;
    return {
      id: gidOf('StoreCreditAccountCreditTransaction', credit.id),
      amount: money(credit.minor),
      balanceAfterTransaction: money(balance),
      createdAt: new Date(credit.atMs).toISOString(),
    };
  });
  const page = ({ first = 50, reverse = false }) => ({
    nodes: (reverse ? transactions.toReversed() : transactions).slice(0, first),
  });
  return { id: gidOf('StoreCreditAccount', customer), balance: money(balance), transactions: page };
}

export function holdView(hold: { id: number; handle: string; reason: string; notes: string | null }): object {
  return {
    id: gidOf('FulfillmentHold', hold.id),
    handle: hold.handle,
    reason: hold.reason,
    reasonNotes: hold.notes,
    heldByRequestingApp: true,
    displayReason: hold.reason,
  };
}

export function money(minor: number): { amount: string; currencyCode: string } {
  return { amount: amount(minor), currencyCode: CURRENCY };
}
