import type { Random } from '../synthetic.ts';
import { HOUR_MS, Life, MINUTE_MS, type Told } from './told.ts';

const PRODUCTS = 10;
const CUSTOMERS = 12;
const PACE_MS = 3 * MINUTE_MS;

interface Product {
  readonly id: number;
  readonly sku: string;
  name: string;
  priceMinor: number;
  saleMinor: number | undefined;
  stock: number;
  status: 'publish' | 'draft';
}

interface Order {
  readonly id: number;
  readonly createdAt: string;
  readonly customer: number;
  readonly lines: readonly { product: Product; units: number; priceMinor: number }[];
  status: string;
  paidAt: string | null;
  completedAt: string | null;
  refunds: { id: number; total: string }[];
}

const money = (minor: number) => (minor / 100).toFixed(2);

/** A small shop of WooCommerce's: every save sends the whole thing again. */
export function wooShop(random: Random, wanted: number, startMs: number): readonly Told[] {
  const life = new Life(startMs);
  const shop = new Shop(life, random);
  shop.open();
  while (life.told.length < wanted && life.next());
  return life.told.slice(0, wanted);
}

class Shop {
  readonly #life: Life;
  readonly #random: Random;
  readonly #products: Product[];
  readonly #countries = new Map<number, string>();
  #orders = 0;

  constructor(life: Life, random: Random) {
    this.#life = life;
    this.#random = random;
    this.#products = Array.from({ length: PRODUCTS }, (_, n) => ({
      id: 300 + n,
      sku: `W${n}`,
      name: `Jar ${n}`,
      priceMinor: 1_200 + 40 * n,
      saleMinor: undefined,
      stock: 50,
      status: 'publish',
    }));
  }

  open(): void {
    for (const product of this.#products) this.#tellProduct(product, 'product.created');
    for (let n = 0; n < CUSTOMERS; n++) this.#tellCustomer(60 + n, 'customer.created');
    this.#tick();
  }

  #tick(): void {
    this.#life.later(PACE_MS * (0.5 + this.#random()), () => {
      this.#happen();
      this.#tick();
    });
  }

  #happen(): void {
    const dice = this.#random();
    const product = this.#products[this.#whole(PRODUCTS)]!;
    if (dice < 0.45) {
      this.#order();
      return;
    }
    if (dice < 0.9) {
      if (dice < 0.58) product.stock = this.#whole(80);
      else if (dice < 0.7) product.priceMinor = 900 + 10 * this.#whole(80);
      else if (dice < 0.78) product.saleMinor = product.saleMinor === undefined ? product.priceMinor - 200 : undefined;
      else if (dice < 0.84) product.name = `Jar ${product.id} ${this.#whole(1_000)}`;
      else product.status = product.status === 'publish' ? 'draft' : 'publish';
      this.#tellProduct(product, 'product.updated');
      return;
    }
    this.#countries.set(60 + this.#whole(CUSTOMERS), ['GB', 'DE', 'FR'][this.#whole(3)]!);
    this.#tellCustomer(60 + this.#whole(CUSTOMERS), 'customer.updated');
  }

  #order(): void {
    const life = this.#life;
    const chosen = new Set(Array.from({ length: 1 + this.#whole(3) }, () => this.#whole(PRODUCTS)));
    const order: Order = {
      id: 9_000 + this.#orders++,
      createdAt: life.now,
      customer: 60 + this.#whole(CUSTOMERS),
      lines: [...chosen].map((n) => {
        const product = this.#products[n]!;
        return { product, units: 1 + this.#whole(3), priceMinor: product.priceMinor };
      }),
      status: 'pending',
      paidAt: null,
      completedAt: null,
      refunds: [],
    };
    this.#tellOrder(order, 'order.created');
    const to = (inMs: number, status: string, change: () => void = () => {}) =>
      life.later(inMs, () => {
        if (order.status === 'cancelled') return;
        change();
        order.status = status;
        this.#tellOrder(order, 'order.updated');
      });
    const paid = () => {
      order.paidAt = life.now;
      for (const { product, units } of order.lines) {
        product.stock = Math.max(0, product.stock - units);
        this.#tellProduct(product, 'product.updated');
      }
    };
    const dice = this.#random();
    if (dice < 0.1) {
      to(30 * MINUTE_MS, 'cancelled');
      return;
    }
    to(MINUTE_MS, 'processing', paid);
    if (dice < 0.2) {
      to(20 * MINUTE_MS, 'on-hold');
      to(2 * HOUR_MS, 'processing');
    }
    if (dice > 0.85) to(HOUR_MS * (1 + this.#random()), 'cancelled');
    to(HOUR_MS * (3 + 10 * this.#random()), 'completed', () => {
      order.completedAt = life.now;
    });
    if (dice > 0.3 && dice < 0.4)
      to(15 * HOUR_MS, 'refunded', () => {
        order.refunds.push({ id: order.id + 50_000, total: `-${money(this.#totalOf(order))}` });
      });
  }

  #tellOrder(order: Order, topic: string): void {
    const total = money(this.#totalOf(order));
    this.#life.tell('woocommerce', topic, {
      id: order.id,
      number: String(order.id),
      status: order.status,
      currency: 'GBP',
      prices_include_tax: true,
      created_via: 'checkout',
      date_created_gmt: gmt(order.createdAt),
      date_modified_gmt: gmt(this.#life.now),
      date_paid_gmt: order.paidAt && gmt(order.paidAt),
      date_completed_gmt: order.completedAt && gmt(order.completedAt),
      total,
      customer_id: order.customer,
      billing: {
        first_name: 'Ada',
        last_name: String(order.customer),
        country: 'GB',
        email: `w${order.customer}@example.invalid`,
      },
      shipping: { country: 'GB' },
      payment_method: 'stripe',
      line_items: order.lines.map(({ product, units, priceMinor }) => ({
        sku: product.sku,
        product_id: product.id,
        quantity: units,
        subtotal: money(priceMinor * units),
        subtotal_tax: '0.00',
      })),
      shipping_lines: [],
      fee_lines: [],
      refunds: order.refunds,
      meta_data: [],
    });
  }

  #tellProduct(product: Product, topic: string): void {
    this.#life.tell('woocommerce', topic, {
      id: product.id,
      parent_id: 0,
      name: product.name,
      type: 'simple',
      status: product.status,
      sku: product.sku,
      price: money(product.saleMinor ?? product.priceMinor),
      regular_price: money(product.priceMinor),
      sale_price: product.saleMinor === undefined ? '' : money(product.saleMinor),
      date_created_gmt: '2020-01-01T00:00:00',
      date_modified_gmt: gmt(this.#life.now),
      date_on_sale_from_gmt: null,
      date_on_sale_to_gmt: null,
      manage_stock: true,
      stock_quantity: product.stock,
      categories: [{ id: 1, name: 'Jars', slug: 'jars' }],
      brands: [],
      attributes: [],
      variations: [],
      meta_data: [],
    });
  }

  #tellCustomer(id: number, topic: string): void {
    this.#life.tell('woocommerce', topic, {
      id,
      email: `w${id}@example.invalid`,
      username: `w${id}`,
      first_name: 'Ada',
      last_name: String(id),
      date_created_gmt: '2020-01-01T00:00:00',
      date_modified_gmt: gmt(this.#life.now),
      billing: { country: this.#countries.get(id) ?? 'GB' },
    });
  }

  #totalOf({ lines }: Order): number {
    return lines.reduce((sum, { units, priceMinor }) => sum + units * priceMinor, 0);
  }

  #whole(below: number): number {
    return Math.floor(this.#random() * below);
  }
}

/** WooCommerce's times in UTC carry no offset. */
const gmt = (at: string) => at.replace('Z', '');
