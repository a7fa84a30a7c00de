import { DateTime } from 'luxon';
import { ZONE } from '../catalogue/goods.ts';
import type { Order } from '../world/order.ts';

/** Units of one SKU that a credit invoice gives back, at the price at which it does. */
export interface Returned {
  readonly sku: string;
  readonly units: number;
  readonly priceMinor: number;
}

export interface MatchedLine extends Returned {
  readonly order: Order | null;
  readonly index: number | null;
}

const dayOf = (ms: number) => DateTime.fromMillis(ms, { zone: ZONE }).toISODate();

/** Finds, among a customer's earlier orders, what a credit invoice takes back. Guests are never matched: nobody knows who they are. */
export class OrderBook {
  readonly #byCustomer = new Map<string, Order[]>();
  readonly #returned = new Map<string, number>();
  readonly #cancelled = new Set<number>();

  add(customer: string, order: Order): void {
    if (customer === '') return;
    const orders = this.#byCustomer.get(customer);
    if (orders) orders.push(order);
    else this.#byCustomer.set(customer, [order]);
  }

  /** The order that is taken back whole: same customer, same day, the same units of the same SKUs, nothing returned before. */
  cancelWhole(customer: string, atMs: number, rows: readonly Returned[]): Order | undefined {
    const wanted = signature(rows.map((row) => [row.sku, row.units]));
    const day = dayOf(atMs);
    const found = (this.#byCustomer.get(customer) ?? []).findLast(
      (order) =>
        !this.#cancelled.has(order.id) &&
        order.atMs <= atMs &&
        dayOf(order.atMs) === day &&
        signature(order.lines.map((line) => [line.variant.sku, line.units])) === wanted &&
        order.lines.every((_, index) => !this.#returned.has(`${order.id}|${index}`)),
    );
    if (found) this.#cancelled.add(found.id);
    return found;
  }

  /** Newest order first; what no known order explains belongs to one from before the file. */
  match(customer: string, atMs: number, rows: readonly Returned[]): MatchedLine[] {
    const orders = (this.#byCustomer.get(customer) ?? []).filter(
      (order) => order.atMs <= atMs && !this.#cancelled.has(order.id),
    );
    return rows.flatMap((row) => this.#matchRow(orders, row));
  }

  #matchRow(orders: readonly Order[], row: Returned): MatchedLine[] {
    const found: MatchedLine[] = [];
    let rest = row.units;
    for (let place = orders.length - 1; place >= 0 && rest > 0; place--) {
      const order = orders[place]!;
      for (const [index, line] of order.lines.entries()) {
        if (rest === 0) break;
        if (line.variant.sku !== row.sku) continue;
        const key = `${order.id}|${index}`;
        const before = this.#returned.get(key) ?? 0;
        const units = Math.min(rest, line.units - before);
        if (units <= 0) continue;
        this.#returned.set(key, before + units);
        found.push({ ...row, units, order, index });
        rest -= units;
      }
    }
    if (rest > 0) found.push({ ...row, units: rest, order: null, index: null });
    return found;
  }
}

function signature(lines: readonly (readonly [string, number])[]): string {
  const units = new Map<string, number>();
  for (const [sku, count] of lines) units.set(sku, (units.get(sku) ?? 0) + count);
  return JSON.stringify([...units].sort(([a], [b]) => (a < b ? -1 : 1)));
}
