import type { ReadKind } from '#shared/contracts/sources.ts';
import { type Instant, parseInstant, toInstant } from '#shared/kernel/time.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Call } from '../call.ts';
import { byCursor, type Page, wholeByCursor } from '../pages.ts';
import { notRead, type ReadItem, type StoreReader } from '../reader.ts';
import type { AdminClient } from './admin-client.ts';
import { gid } from './operation.ts';
import {
  LIST_ORDERS,
  LIST_PRODUCTS,
  READ_CUSTOMER,
  READ_ORDER,
  READ_ORDER_LINES,
  READ_REFUND,
  READ_STOCK,
  READ_WHOLE_PRODUCT,
} from './reader-documents.ts';

interface OrderNode {
  readonly id: string;
  readonly updatedAt: string;
  readonly cancelledAt: string | null;
  readonly displayFulfillmentStatus: string;
  readonly refunds: readonly { readonly id: string }[];
  readonly lineItems: Page<unknown>;
}

interface ProductNode {
  readonly id: string;
  readonly updatedAt: string;
  readonly variants: Page<unknown>;
}

interface RefundNode {
  readonly refundLineItems: Page<unknown>;
}

/** Reads through the connector's own client, in the lane behind whatever an action needs. */
export class ShopifyReader implements StoreReader {
  /** A sale is an update of its product too, so products carry the stock. https://shopify.dev/docs/api/admin-graphql/latest/objects/Product */
  readonly listed = ['product', 'order'] as const;
  readonly #admin: AdminClient;
  readonly #clocks: Clocks;

  constructor(admin: AdminClient, clocks: Clocks) {
    this.#admin = admin;
    this.#clocks = clocks;
  }

  async read(kind: ReadKind, ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    switch (kind) {
      case 'order':
        return this.#order(ref, signal);
      case 'product':
        return this.#product(ref, signal);
      case 'stock':
        return this.#stock(ref, signal);
      case 'customer':
        return this.#customer(ref, signal);
      case 'coupon':
        return notRead(kind);
    }
  }

  async *changedSince(kind: ReadKind, since: Instant, signal: AbortSignal): AsyncIterable<ReadItem> {
    const query = `updated_at:>='${since}'`;
    if (kind === 'order') yield* this.#changedOrders(query, signal);
    if (kind === 'product') yield* this.#changedProducts(query, signal);
  }

  async *#changedOrders(query: string, signal: AbortSignal): AsyncGenerator<ReadItem> {
    const pages = this.#pages(signal, (after) =>
      this.#ask<{ orders: Page<{ id: string }> }>(LIST_ORDERS, { query, after }, signal).then(({ orders }) => orders),
    );
    for await (const { id } of pages) {
      const item = await this.#order(refOf(id), signal);
      if (item) yield item;
    }
  }

  async *#changedProducts(query: string, signal: AbortSignal): AsyncGenerator<ReadItem> {
    const pages = this.#pages(signal, async (after) => {
      const readAt = this.#now();
      const { products } = await this.#ask<{ products: Page<ProductNode> }>(LIST_PRODUCTS, { query, after }, signal);
      return { ...products, nodes: products.nodes.map((node) => ({ node, readAt })) };
    });
    for await (const { node, readAt } of pages) {
      const { variants, ...product } = node;
      const isWhole = !variants.pageInfo.hasNextPage;
      const item = isWhole ? productItem(product, variants.nodes, readAt) : await this.#product(refOf(node.id), signal);
      if (item) yield item;
    }
  }

  async #order(ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const id = gid('Order', ref);
    const { order } = await this.#ask<{ order: OrderNode | null }>(READ_ORDER, { id, after: null }, signal);
    if (!order) return undefined;
    const { lineItems, refunds, ...about } = order;
    const lines = await this.#rest(lineItems, signal, (after) =>
      this.#ask<{ order: OrderNode }>(READ_ORDER_LINES, { id, after }, signal).then((more) => more.order.lineItems),
    );
    const whole: unknown[] = [];
    for (const refund of refunds) whole.push(await this.#refund(refund.id, signal));
    const isOpen = about.cancelledAt === null && about.displayFulfillmentStatus !== 'FULFILLED';
    return { ref, version: parseInstant(about.updatedAt), body: { order: about, lines, refunds: whole }, isOpen };
  }

  async #refund(id: string, signal: AbortSignal): Promise<unknown> {
    const page = (after: string | null) =>
      this.#ask<{ node: RefundNode }>(READ_REFUND, { id, after }, signal).then(({ node }) => node);
    const { refundLineItems, ...about } = await page(null);
    const lines = await this.#rest(refundLineItems, signal, async (after) => (await page(after)).refundLineItems);
    return { ...about, lines };
  }

  async #product(ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const readAt = this.#now();
    const page = (after: string | null) =>
      this.#ask<{ product: ProductNode | null }>(READ_WHOLE_PRODUCT, { id: gid('Product', ref), after }, signal);
    const { product } = await page(null);
    if (!product) return undefined;
    const { variants, ...about } = product;
    const all = await this.#rest(variants, signal, async (after) => (await page(after)).product!.variants);
    return productItem(about, all, readAt);
  }

  async #stock(ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const readAt = this.#now();
    const id = gid('InventoryItem', ref);
    const { inventoryItem: item } = await this.#ask<{ inventoryItem: object | null }>(READ_STOCK, { id }, signal);
    return item ? { ref, version: readAt, body: { ...item, readAt }, isOpen: true } : undefined;
  }

  async #customer(ref: string, signal: AbortSignal): Promise<ReadItem | undefined> {
    const id = gid('Customer', ref);
    const { customer } = await this.#ask<{ customer: { updatedAt: string } | null }>(READ_CUSTOMER, { id }, signal);
    return customer ? { ref, version: parseInstant(customer.updatedAt), body: customer, isOpen: true } : undefined;
  }

  #ask<Data>(document: string, variables: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Data> {
    const call: Call = { action: 'read', signal, lane: 'background' };
    return this.#admin.read<Data>(document, variables, call);
  }

  #pages<Node>(signal: AbortSignal, page: (after: string | null) => Promise<Page<Node>>): AsyncGenerator<Node> {
    return byCursor((after) => {
      signal.throwIfAborted();
      return page(after);
    });
  }

  /** What a list holds beyond its first page as well. */
  #rest<Node>(first: Page<Node>, signal: AbortSignal, page: (after: string) => Promise<Page<Node>>): Promise<Node[]> {
    return wholeByCursor(async (after) => {
      signal.throwIfAborted();
      return after === null ? first : page(after);
    });
  }

  #now(): Instant {
    return toInstant(this.#clocks.nowMs());
  }
}

const refOf = (id: string) => id.slice(id.lastIndexOf('/') + 1);

function productItem(product: Omit<ProductNode, 'variants'>, variants: readonly unknown[], readAt: Instant): ReadItem {
  const version = parseInstant(product.updatedAt);
  return { ref: refOf(product.id), version, body: { product, variants, readAt }, isOpen: true };
}
