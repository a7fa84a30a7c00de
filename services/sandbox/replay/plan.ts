import { isGoods, isShipping, writeOffCause } from '../catalogue/codes.ts';
import { deriveCatalogue } from '../catalogue/derive.ts';
import { type Draw, seededDraw } from '../catalogue/draw.ts';
import type { Catalogue } from '../catalogue/goods.ts';
import { ID_BASE, orderId } from '../catalogue/identity.ts';
import { type Customer, deriveCustomer } from '../catalogue/people.ts';
import { orderOf, stepsOfOrder } from '../world/expand.ts';
import type { Order, RefundLine } from '../world/order.ts';
import type { Pace, Step } from '../world/steps.ts';
import { marketSteps } from './market.ts';
import { OrderBook, type Returned } from './match.ts';
import type { Invoice, Row } from './read.ts';
import { syncSteps } from './sync.ts';

/** Where every invoice of the file went; nothing is dropped without being counted. */
export interface Account {
  invoices: number;
  orders: number;
  orderLines: number;
  units: number;
  cancellations: number;
  refunds: number;
  unmatchedRefunds: number;
  writeOffs: number;
  writtenOffUnits: number;
  found: number;
  skipped: Record<string, number>;
}

export interface Plan {
  readonly catalogue: Catalogue;
  readonly steps: readonly Step[];
  /** How many of the first steps are the catalogue; nothing else is sent before they are acknowledged. */
  readonly syncSteps: number;
  readonly account: Account;
}

export const REPLAY_PACE: Pace = { dayMs: 86_400_000 };
const HOUR_MS = 3_600_000;
const WITHIN_MINUTE_MS = 500;
const RESTOCKED_SHARE = 0.8;
const UNKNOWN_ORDERS = 2_000_000;

/** Everything that will happen in the replayed store, in the order of its time. Pure: the same file and seed, the same plan. */
export function planReplay(invoices: readonly Invoice[], seed: number): Plan {
  const draw = seededDraw(seed);
  const catalogue = deriveCatalogue(invoices, draw);
  const timed = spreadWithinMinutes(invoices);
  const sync = syncSteps(catalogue, Math.floor(timed[0]!.atMs / REPLAY_PACE.dayMs) * REPLAY_PACE.dayMs - HOUR_MS);
  const planner = new Planner(catalogue, draw);
  for (const invoice of timed) planner.add(invoice);
  const steps = [
    ...planner.steps,
    ...marketSteps(catalogue, planner.sales, [...planner.customers.values()], draw),
  ].sort((a, b) => a.atMs - b.atMs);
  const end: Step = { kind: 'end', atMs: (steps.at(-1)?.atMs ?? 0) + 1, ref: 'end' };
  return { catalogue, steps: [...sync, ...steps, end], syncSteps: sync.length, account: planner.account };
}

/** The file tells minutes; invoices of one minute follow each other by half a second, in the order of the file. */
function spreadWithinMinutes(invoices: readonly Invoice[]): Invoice[] {
  let minute = 0;
  let ordinal = 0;
  return invoices.map((invoice) => {
    ordinal = invoice.atMs === minute ? Math.min(ordinal + 1, 119) : 0;
    minute = invoice.atMs;
    return { ...invoice, atMs: invoice.atMs + ordinal * WITHIN_MINUTE_MS };
  });
}

export interface Sale {
  readonly atMs: number;
  readonly order: Order;
  readonly customer: Customer | null;
}

class Planner {
  readonly steps: Step[] = [];
  readonly sales: Sale[] = [];
  readonly customers = new Map<string, Customer>();
  readonly account: Account = {
    invoices: 0,
    orders: 0,
    orderLines: 0,
    units: 0,
    cancellations: 0,
    refunds: 0,
    unmatchedRefunds: 0,
    writeOffs: 0,
    writtenOffUnits: 0,
    found: 0,
    skipped: {},
  };
  readonly #catalogue: Catalogue;
  readonly #draw: Draw;
  readonly #book = new OrderBook();

  constructor(catalogue: Catalogue, draw: Draw) {
    this.#catalogue = catalogue;
    this.#draw = draw;
  }

  add(invoice: Invoice): void {
    this.account.invoices += 1;
    if (invoice.number.startsWith('A')) {
      this.#skip('bad-debt');
      return;
    }
    if (invoice.number.startsWith('C')) {
      this.#credit(invoice);
      return;
    }
    const goods = invoice.rows.filter((row) => isGoods(row.sku));
    if (goods.length === 0) {
      this.#skip('no-goods');
      return;
    }
    // A sale has a price or at least a buyer; whatever has neither is the stock-keeper's correction.
    const sold =
      goods.some((row) => row.units > 0 && row.priceMinor > 0) ||
      (invoice.customer !== '' && goods.some((row) => row.units > 0));
    const lines = sold ? goods.filter((row) => row.units > 0) : [];
    if (lines.length > 0) this.#order(invoice, lines);
    const rest = goods.filter((row) => !lines.includes(row));
    for (const [index, row] of rest.entries()) this.#adjust(invoice, row, index);
  }

  #skip(reason: string): void {
    this.account.skipped[reason] = (this.account.skipped[reason] ?? 0) + 1;
  }

  #customer(invoice: Invoice): { customer: Customer | null; first: boolean } {
    if (!/^\d{1,9}$/.test(invoice.customer)) return { customer: null, first: false };
    const known = this.customers.get(invoice.customer);
    if (known) return { customer: known, first: false };
    const customer = deriveCustomer(invoice.customer, invoice.country, this.#draw);
    this.customers.set(invoice.customer, customer);
    this.steps.push({ kind: 'customer', atMs: invoice.atMs - 1, ref: customer.key, customer });
    return { customer, first: true };
  }

  #order(invoice: Invoice, rows: readonly Row[]): void {
    const { customer, first } = this.#customer(invoice);
    const shippingMinor = invoice.rows
      .filter((row) => isShipping(row.sku))
      .reduce((sum, row) => sum + row.units * row.priceMinor, 0);
    const root = {
      id: orderId(Number(invoice.number.replace(/\D/g, '')) % UNKNOWN_ORDERS),
      name: `#${invoice.number}`,
      atMs: invoice.atMs,
      customer: invoice.customer,
      country: invoice.country,
      lines: rows.map((row) => [row.sku, row.units, row.priceMinor] as const),
      shippingMinor: Math.max(0, shippingMinor),
    };
    const order = orderOf(root, this.#catalogue, customer, this.#draw, REPLAY_PACE);
    this.steps.push(...stepsOfOrder(order, first, this.#draw, REPLAY_PACE));
    this.#book.add(invoice.customer, order);
    this.sales.push({ atMs: invoice.atMs, order, customer });
    this.account.orders += 1;
    this.account.orderLines += rows.length;
    this.account.units += rows.reduce((sum, row) => sum + row.units, 0);
  }

  #adjust(invoice: Invoice, row: Row, index: number): void {
    const variant = this.#catalogue.bySku.get(row.sku)!;
    const at = { atMs: invoice.atMs, ref: `${invoice.number}|${index}` };
    if (row.units < 0 && row.priceMinor === 0) {
      this.steps.push({ ...at, kind: 'write-off', variant, units: -row.units, cause: writeOffCause(row.description) });
      this.account.writeOffs += 1;
      this.account.writtenOffUnits -= row.units;
    } else if (row.units > 0) {
      this.steps.push({ ...at, kind: 'found', variant, units: row.units });
      this.account.found += 1;
    } else this.#skip('negative-sale');
  }

  #credit(invoice: Invoice): void {
    const rows = invoice.rows
      .filter((row) => isGoods(row.sku) && row.units < 0)
      .map((row): Returned => ({ sku: row.sku, units: -row.units, priceMinor: row.priceMinor }));
    if (rows.length === 0) {
      this.#skip('credit-without-goods');
      return;
    }
    const whole = invoice.customer === '' ? undefined : this.#book.cancelWhole(invoice.customer, invoice.atMs, rows);
    if (whole) {
      this.steps.push({ kind: 'cancel', atMs: invoice.atMs, ref: invoice.number, order: whole });
      this.account.cancellations += 1;
      return;
    }
    const otherMinor = invoice.rows
      .filter((row) => !isGoods(row.sku))
      .reduce((sum, row) => sum - row.units * row.priceMinor, 0);
    this.#refund(invoice, rows, Math.max(0, otherMinor));
  }

  #refund(invoice: Invoice, rows: readonly Returned[], otherMinor: number): void {
    const number = Number(invoice.number.replace(/\D/g, ''));
    const byOrder = Map.groupBy(this.#book.match(invoice.customer, invoice.atMs, rows), (line) => line.order);
    let part = 0;
    for (const [order, matched] of byOrder) {
      const name = `${invoice.number}|${part}`;
      const lines = matched.map((line, place): RefundLine => {
        const restocked = this.#draw.chance(`restock|${name}|${place}`, RESTOCKED_SHARE);
        return {
          variant: this.#catalogue.bySku.get(line.sku)!,
          index: line.index,
          units: line.units,
          priceMinor: line.priceMinor,
          restocked,
        };
      });
      const refund = {
        id: ID_BASE.refund + number * 100 + part,
        orderId: order?.id ?? orderId(UNKNOWN_ORDERS + number),
        order,
        lines,
        otherMinor: part === 0 ? otherMinor : 0,
        note:
          order === null
            ? `Credit note ${invoice.number} for an order from before the file`
            : `Credit note ${invoice.number}`,
      };
      this.steps.push({ kind: 'refund', atMs: invoice.atMs, ref: name, refund });
      this.account.refunds += 1;
      if (order === null) this.account.unmatchedRefunds += 1;
      part += 1;
    }
  }
}
