import type { Random } from '../synthetic.ts';
import {
  type Customer,
  gid,
  money,
  type Order,
  orderBody,
  type Product,
  personOf,
  productBody,
  totalOf,
} from './shopify-bodies.ts';
import { DAY_MS, HOUR_MS, Life, MINUTE_MS, type Told } from './told.ts';

type DisputeState = 'open' | 'won' | 'lost';

const PRODUCTS = 12;
const CUSTOMERS = 20;
/** Some forty deliveries an hour, so that an hour's disorder turns many of them round. */
const PACE_MS = 4 * MINUTE_MS;

/** A small shop of Shopify's, with Stripe, EasyPost and a watcher of competitors beside it; at least so many webhooks, in order. */
export function shopifyShop(random: Random, wanted: number, startMs: number): readonly Told[] {
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
  readonly #customers: Customer[];
  #orders = 0;

  constructor(life: Life, random: Random) {
    this.#life = life;
    this.#random = random;
    this.#products = Array.from({ length: PRODUCTS }, (_, n) => ({
      n,
      sku: `S${n}`,
      title: `Thing ${n}`,
      priceMinor: 1_000 + 50 * n,
      costMinor: 500 + 20 * n,
      level: 40,
      status: 'active',
    }));
    this.#customers = Array.from({ length: CUSTOMERS }, (_, n) => ({ id: 7_000 + n, subscribed: n % 3 > 0, tags: [] }));
  }

  open(): void {
    for (const product of this.#products) {
      this.#tellProduct(product, 'products/create');
      this.#tellCost(product);
      this.#tellLevel(product);
    }
    for (const customer of this.#customers) this.#tellCustomer(customer, 'customers/create');
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
    const product = this.#pick(this.#products);
    if (dice < 0.42) {
      this.#order();
      return;
    }
    if (dice < 0.56) {
      product.level = Math.max(0, product.level + this.#whole(30) - 10);
      this.#tellLevel(product);
      return;
    }
    if (dice < 0.68) {
      product.priceMinor = 800 + 10 * this.#whole(60);
      this.#tellProduct(product, 'products/update');
      return;
    }
    if (dice < 0.73) {
      product.costMinor = 400 + 10 * this.#whole(40);
      this.#tellCost(product);
      return;
    }
    if (dice < 0.78) {
      product.status = product.status === 'active' ? 'draft' : 'active';
      this.#tellProduct(product, 'products/update');
      return;
    }
    if (dice < 0.82) {
      product.title = `Thing ${product.n} ${this.#whole(1_000)}`;
      this.#tellProduct(product, 'products/update');
      return;
    }
    if (dice < 0.9) {
      this.#changeCustomer();
      return;
    }
    this.#tellWorld('competitor.price-changed', {
      sku: product.sku,
      competitor: `rival-${this.#whole(2)}`,
      priceMinor: 700 + this.#whole(500),
      currency: 'GBP',
    });
  }

  #changeCustomer(): void {
    const customer = this.#pick(this.#customers);
    if (this.#random() < 0.5) customer.subscribed = !customer.subscribed;
    else customer.tags = customer.tags.length > 0 ? [] : [`tag-${this.#whole(5)}`];
    this.#tellCustomer(customer, 'customers/update');
  }

  #order(): void {
    const life = this.#life;
    const chosen = new Set(Array.from({ length: 1 + this.#whole(3) }, () => this.#pick(this.#products)));
    const order: Order = {
      id: 50_000 + this.#orders++,
      createdAt: life.now,
      customer: this.#pick(this.#customers),
      lines: [...chosen].map((product) => ({ product, units: 1 + this.#whole(4), priceMinor: product.priceMinor })),
      promisedAt: new Date(life.nowMs + 3 * DAY_MS).toISOString(),
      paid: false,
      cancelledAt: null,
      sent: 0,
      tags: [],
    };
    this.#tellOrder(order, 'orders/create');
    for (const { product, units } of order.lines) {
      product.level -= units;
      if (this.#random() < 0.7) this.#tellLevel(product);
    }
    const unlessGone = (inMs: number, work: () => void) =>
      life.later(inMs, () => {
        if (order.cancelledAt === null) work();
      });
    if (this.#random() < 0.85)
      unlessGone(2 * MINUTE_MS, () => {
        order.paid = true;
        this.#tellOrder(order, 'orders/paid');
        this.#tellOrder(order, 'orders/updated');
      });
    if (this.#random() < 0.3) unlessGone(3 * MINUTE_MS, () => this.#tellRisk(order));
    if (this.#random() < 0.2)
      unlessGone(10 * MINUTE_MS + this.#random() * 2 * HOUR_MS, () => {
        order.tags = order.tags.length > 0 ? [] : ['gift'];
        this.#tellOrder(order, 'orders/updated');
      });
    if (this.#random() < 0.15) unlessGone(5 * MINUTE_MS + this.#random() * 3 * HOUR_MS, () => this.#cancel(order));
    else this.#send(order, unlessGone);
    if (this.#random() < 0.06) life.later(HOUR_MS + this.#random() * DAY_MS, () => this.#dispute(order));
  }

  #cancel(order: Order): void {
    order.cancelledAt = this.#life.now;
    this.#tellOrder(order, 'orders/cancelled');
    this.#tellOrder(order, 'orders/updated');
    for (const { product, units } of order.lines) {
      product.level += units;
      this.#tellLevel(product);
    }
  }

  #send(order: Order, unlessGone: (inMs: number, work: () => void) => void): void {
    const sendMs = HOUR_MS + this.#random() * 20 * HOUR_MS;
    unlessGone(sendMs, () => {
      const parts = order.lines.length > 1 && this.#random() < 0.3 ? 2 : 1;
      this.#fulfil(order, 0, parts === 1 ? order.lines : order.lines.slice(0, 1));
      if (parts === 2) unlessGone(2 * HOUR_MS, () => this.#fulfil(order, 1, order.lines.slice(1)));
      if (this.#random() < 0.12) unlessGone(5 * HOUR_MS, () => this.#refund(order));
    });
  }

  #fulfil(order: Order, part: number, lines: Order['lines']): void {
    const life = this.#life;
    const id = order.id * 10 + part;
    const code = `TRK${id}`;
    life.tell('shopify', 'fulfillments/create', {
      id,
      admin_graphql_api_id: gid('Fulfillment', id),
      order_id: order.id,
      status: 'success',
      created_at: life.now,
      updated_at: life.now,
      tracking_company: 'DPD',
      tracking_number: code,
      tracking_numbers: [code],
      line_items: lines.map(({ product, units }) => ({
        sku: product.sku,
        quantity: units,
        product_id: 8_000 + product.n,
      })),
    });
    order.sent += 1;
    if (this.#random() < 0.2)
      life.later(10 * HOUR_MS, () =>
        this.#track(id, code, 'in_transit', new Date(life.nowMs + 5 * DAY_MS).toISOString()),
      );
    life.later(DAY_MS, () => this.#track(id, code, 'delivered', null));
  }

  #track(id: number, code: string, status: string, expectedAt: string | null): void {
    const life = this.#life;
    life.tell('easypost', 'tracker.updated', {
      id: `evt_${id}_${status}`,
      object: 'Event',
      mode: 'production',
      description: 'tracker.updated',
      result: {
        id: `trk_${id}`,
        object: 'Tracker',
        tracking_code: code,
        status,
        status_detail: status,
        carrier: 'DPD',
        updated_at: life.now,
        est_delivery_date: expectedAt,
        tracking_details: [{ status, datetime: life.now }],
      },
    });
  }

  #refund(order: Order): void {
    const life = this.#life;
    const { product, units, priceMinor } = order.lines[0]!;
    const restocked = this.#random() < 0.7;
    life.tell('shopify', 'refunds/create', {
      id: order.id + 100_000,
      admin_graphql_api_id: gid('Refund', order.id + 100_000),
      order_id: order.id,
      created_at: life.now,
      refund_line_items: [
        { quantity: 1, restock_type: restocked ? 'return' : 'no_restock', line_item: { sku: product.sku } },
      ],
      transactions: [{ kind: 'refund', status: 'success', amount: money(priceMinor), currency: 'GBP' }],
    });
    if (!restocked || units === 0) return;
    product.level += 1;
    this.#tellLevel(product);
  }

  /** Half of them close soon, so that a storm tells of the end first; a third is told of by a sender of no platform. */
  #dispute(order: Order): void {
    const tell = this.#random() < 0.33 ? this.#tellDispute : this.#tellStripe;
    tell.call(this, order, 'open');
    if (this.#random() < 0.5)
      this.#life.later(MINUTE_MS + this.#random() * HOUR_MS, () =>
        tell.call(this, order, this.#random() < 0.5 ? 'won' : 'lost'),
      );
  }

  #tellDispute(order: Order, state: DisputeState): void {
    this.#tellWorld('payment.disputed', {
      order: order.id,
      dispute: `d-${order.id}`,
      amountMinor: totalOf(order),
      currency: 'GBP',
      state,
      customer: order.customer.id,
    });
  }

  #tellStripe(order: Order, state: DisputeState): void {
    const created = Math.floor(this.#life.nowMs / 1_000);
    const type = `charge.dispute.${state === 'open' ? 'created' : 'closed'}`;
    this.#life.tell('stripe', type, {
      id: `evt_${order.id}_${state}`,
      object: 'event',
      type,
      livemode: true,
      created,
      data: {
        object: {
          id: `dp_${order.id}`,
          object: 'dispute',
          amount: totalOf(order),
          currency: 'gbp',
          status: state === 'open' ? 'needs_response' : state,
          charge: `ch_${order.id}`,
          payment_intent: `pi_${order.id}`,
          metadata: { order_id: String(order.id) },
        },
      },
    });
  }

  #tellRisk(order: Order): void {
    const high = this.#random() < 0.4;
    this.#life.tell('shopify', 'orders/risk_assessment_changed', {
      order_id: order.id,
      admin_graphql_api_order_id: gid('Order', order.id),
      provider_id: 1,
      risk_level: high ? 'high' : 'low',
      created_at: this.#life.now,
      facts: high ? [{ description: 'Billing and shipping differ', sentiment: 'negative' }] : [],
    });
  }

  #tellOrder(order: Order, topic: string): void {
    this.#life.tell('shopify', topic, orderBody(order, this.#life.now));
  }

  #tellProduct(product: Product, topic: string): void {
    this.#life.tell('shopify', topic, productBody(product, this.#life.now));
  }

  #tellCost(product: Product): void {
    this.#life.tell('shopify', 'inventory_items/update', {
      id: 4_600 + product.n,
      sku: product.sku,
      cost: money(product.costMinor),
      updated_at: this.#life.now,
    });
  }

  #tellLevel(product: Product): void {
    const item = 4_600 + product.n;
    this.#life.tell('shopify', 'inventory_levels/update', {
      inventory_item_id: item,
      location_id: 1,
      available: product.level,
      updated_at: this.#life.now,
      admin_graphql_api_id: `gid://shopify/InventoryLevel/1?inventory_item_id=${item}`,
    });
  }

  #tellCustomer(customer: Customer, topic: string): void {
    this.#life.tell('shopify', topic, {
      ...personOf(customer),
      tags: customer.tags.join(', '),
      updated_at: this.#life.now,
      default_address: { country_code: 'GB' },
      email_marketing_consent: { state: customer.subscribed ? 'subscribed' : 'unsubscribed' },
    });
  }

  #tellWorld(type: string, data: object): void {
    this.#life.tell('standard', type, { type, timestamp: this.#life.now, data });
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#whole(items.length)]!;
  }

  #whole(below: number): number {
    return Math.floor(this.#random() * below);
  }
}
