import type { Catalogue, Product, Variant } from '../catalogue/goods.ts';
import type { Customer } from '../catalogue/people.ts';
import type { Order } from './order.ts';
import { NO_WRITES, type OrderWrites, type Records } from './records.ts';

/**
 * The store as it is now: what the plan has made of it so far, and what was written to it. The first is folded anew from the
 * plan after a restart, the second is read from its table, so neither needs a row per order while the replay runs.
 */
export class World {
  readonly store: string;
  readonly seed: number;
  readonly catalogue: Catalogue;
  readonly records: Records;
  readonly orders = new Map<number, Order>();
  readonly customers = new Map<number, Customer>();
  readonly consent = new Map<number, boolean>();
  /** Store time: that of the newest step. */
  clockMs: number;
  /** Levels by the plan alone. */
  readonly levels: Map<number, number>;
  /** Store time when it opened, and when each thing (`order:1`, `product:2`) was last touched since. */
  readonly openedMs: number;
  readonly #touched = new Map<string, number>();
  /** While true, steps are presented without moving stock: they did that before the restart. */
  frozen = false;
  /** What the step under way moved, for the journal of live trading. */
  moved: [itemId: number, units: number][] = [];

  constructor(store: string, seed: number, catalogue: Catalogue, records: Records, clockMs: number) {
    this.store = store;
    this.seed = seed;
    this.catalogue = catalogue;
    this.records = records;
    this.clockMs = clockMs;
    this.openedMs = clockMs;
    this.levels = new Map([...catalogue.byItemId].map(([itemId, variant]) => [itemId, variant.startStock]));
  }

  /** Webhooks tell of things by their keys; an item's stock is a change of its product too. */
  touch(keys: readonly string[], atMs: number): void {
    for (const key of keys) {
      this.#touchOne(key, atMs);
      const variant = key.startsWith('item:') ? this.catalogue.byItemId.get(Number(key.slice(5))) : undefined;
      if (variant) this.#touchOne(`product:${variant.productId}`, atMs);
    }
  }

  #touchOne(key: string, atMs: number): void {
    this.#touched.set(key, Math.max(this.#touched.get(key) ?? 0, atMs));
  }

  touchedAt(key: string, otherwiseMs: number): number {
    return this.#touched.get(key) ?? otherwiseMs;
  }

  level(itemId: number): number {
    return (this.levels.get(itemId) ?? 0) + (this.records.level.get(String(itemId)) ?? 0);
  }

  move(itemId: number, units: number): void {
    if (this.frozen) return;
    this.levels.set(itemId, (this.levels.get(itemId) ?? 0) + units);
    this.moved.push([itemId, units]);
  }

  price(variant: Variant): number {
    return this.records.price.get(String(variant.variantId)) ?? variant.priceMinor;
  }

  compareAt(variant: Variant): number | null {
    return this.records.compareAt.get(String(variant.variantId)) ?? null;
  }

  status(product: Product): string {
    return this.records.status.get(String(product.id)) ?? 'active';
  }

  writes(order: number): OrderWrites {
    return this.records.order.get(String(order)) ?? NO_WRITES;
  }

  subscribed(customer: Customer): boolean {
    return this.consent.get(customer.id) ?? customer.subscribed;
  }

  /** When the order was cancelled, by its customer or by a write; null while it stands. */
  cancelledAt(order: Order): number | null {
    return order.state.cancelledAtMs ?? this.writes(order.id).cancelled?.atMs ?? null;
  }

  /** Units by line of each part of an order. */
  parts(order: Order): ReadonlyMap<number, number>[] {
    const { parts } = this.writes(order.id);
    if (parts.length === 0) return [new Map(order.lines.map((line, index) => [index, line.units]))];
    return parts.map((part) => new Map(Object.entries(part).map(([index, units]) => [Number(index), units])));
  }

  isHeld(order: Order, part: number, atMs: number): boolean {
    return this.writes(order.id).holds.some((hold) => hold.part === part && hold.atMs <= atMs);
  }
}
