import { z } from 'zod';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import {
  type Ability,
  clockAheadMs,
  type RegisteredWebhook,
  type Registering,
  type Registration,
  type ShopCard,
  type StoreConcierge,
} from '../concierge.ts';
import { inStep } from '../faults.ts';
import { JsonDesk, shaped } from '../json-desk.ts';
import type { Http } from '../outbound.ts';
import { byNumber } from '../pages.ts';
import { WOOCOMMERCE_OPERATIONS } from './woocommerce.ts';

const API = '/wp-json/wc/v3';
/** The longest list that the platform gives at once. */
const PAGE = 100;

/** The topics that Parley understands; a test holds them against what the gateway maps. */
export const WOOCOMMERCE_TOPICS = [
  'order.created',
  'order.updated',
  'order.deleted',
  'order.restored',
  'product.created',
  'product.updated',
  'product.deleted',
  'product.restored',
  'customer.created',
  'customer.updated',
  'coupon.created',
  'coupon.updated',
  'coupon.deleted',
  'coupon.restored',
] as const;

const indexShape = z.object({
  name: z.string(),
  home: z.string().optional(),
  url: z.url(),
  timezone_string: z.string().optional(),
  gmt_offset: z.coerce.number().optional(),
  namespaces: z.array(z.string()),
});
const currencyShape = z.object({ code: z.string().regex(/^[A-Z]{3}$/) });
const webhookShape = z.object({
  id: z.int(),
  topic: z.string(),
  delivery_url: z.string(),
  status: z.string(),
});

interface WantedWebhook {
  readonly topic: string;
  readonly address: string;
  readonly secret: string;
  readonly renew: boolean;
}

const READ = 'Read';
const READ_WRITE = 'Read/Write';
/** What the connector carries out by writing to the shop; a reservation is kept in our own books. */
const WRITES = [...WOOCOMMERCE_OPERATIONS.keys()].filter((type) => type !== 'stock.reserve');

/** Connects a WooCommerce shop by a key of its REST API. */
export class WooCommerceConcierge implements StoreConcierge {
  readonly whereScopesAre = 'WooCommerce, Settings, Advanced, REST API: the permissions of the key';
  readonly #desk: JsonDesk;
  readonly #clocks: Clocks;

  constructor(http: Http, { key, secret }: { readonly key: string; readonly secret: string }, clocks: Clocks) {
    const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
    this.#desk = new JsonDesk(http, { authorization, 'cache-control': 'no-cache' });
    this.#clocks = clocks;
  }

  async whoIsThere(): Promise<ShopCard> {
    const answer = await this.#desk.look('GET', '/wp-json/');
    if (answer.status >= 300 && answer.status < 400) throw sentOn(answer.location);
    const index = indexShape.safeParse(answer.body);
    if (!index.success)
      throw new PermanentError(
        'unknown-shape',
        'No WordPress REST API answers there. Is this the address of the shop, and are "pretty permalinks" on (Settings, Permalinks: anything but Plain)?',
      );
    if (!index.data.namespaces.includes('wc/v3'))
      throw new PermanentError('not-supported', 'WordPress answers there, without WooCommerce 3.5 or newer');
    const currency = shaped(currencyShape, await this.#desk.ask('GET', `${API}/data/currencies/current`));
    const { name, home, url } = index.data;
    return {
      id: placeOf(url),
      name: name || url,
      currency: currency.code,
      zone: zoneOf(index.data),
      domain: new URL(home || url).host,
      clockAheadMs: clockAheadMs(answer.date, this.#clocks.nowMs()),
    };
  }

  /**
   * A key does not say what it may do, so it is tried: a list is read, and an empty batch is sent, which changes nothing
   * and which a key without the right to write is refused.
   */
  async scopes(): Promise<readonly Ability[]> {
    const read = await this.#desk.look('GET', `${API}/orders?per_page=1&_fields=id`);
    const hooks = await this.#desk.look('GET', `${API}/webhooks?per_page=1&_fields=id`);
    const write = await this.#desk.look('POST', `${API}/products/batch`, {});
    const granted = ({ status }: { status: number }) => status >= 200 && status < 300;
    return [
      {
        can: 'read orders, products, stock and customers',
        scope: READ,
        granted: granted(read),
        essential: true,
        actions: [],
      },
      {
        can: 'register its own webhooks',
        // A key that only reads may list them, and is refused when it saves one.
        scope: `${READ_WRITE}, for a user who may manage the shop`,
        granted: granted(hooks) && granted(write),
        essential: false,
        actions: [],
        forWebhooks: true,
      },
      {
        can: 'change prices, stock, sales, coupons and orders',
        scope: READ_WRITE,
        granted: granted(write),
        essential: false,
        actions: WRITES,
      },
    ];
  }

  async topics(): Promise<readonly string[]> {
    return WOOCOMMERCE_TOPICS;
  }

  async webhooks(): Promise<readonly RegisteredWebhook[]> {
    const rows = await byNumber(async (page) => {
      const answer = await this.#desk.ask('GET', `${API}/webhooks?per_page=${PAGE}&page=${page}`);
      return shaped(z.array(webhookShape), answer);
    }, PAGE);
    return rows.map(({ id, topic, delivery_url: address, status }) => ({
      id: String(id),
      topic,
      address,
      active: status === 'active',
    }));
  }

  /** The receiver chooses the secret here. Saving sends an unsigned ping, which the endpoint answers. */
  async register(address: string, secret: string, { renew = false, stop }: Registering = {}): Promise<Registration> {
    const there = (await this.webhooks()).filter((row) => row.address === address);
    const made: string[] = [];
    const kept: string[] = [];
    for (const topic of WOOCOMMERCE_TOPICS) {
      stop?.throwIfAborted();
      const own = there.filter((row) => row.topic === topic);
      try {
        const isNew = await this.#registerOne({ topic, address, secret, renew }, own);
        (isNew ? made : kept).push(topic);
      } catch (thrown) {
        throw inStep(`the webhook ${topic}`, thrown);
      }
    }
    return { made, kept, refused: [] };
  }

  /** True where something was changed. */
  async #registerOne(wanted: WantedWebhook, [own, ...double]: readonly RegisteredWebhook[]): Promise<boolean> {
    const { topic, address, secret, renew } = wanted;
    for (const { id } of double) await this.#remove(id);
    if (!own) {
      const webhook = { name: `Parley: ${topic}`, topic, delivery_url: address, secret, status: 'active' };
      await this.#desk.ask('POST', `${API}/webhooks`, webhook);
    } else if (renew || !own.active) {
      await this.#desk.ask('PUT', `${API}/webhooks/${own.id}`, { secret, status: 'active' });
    } else return false;
    return true;
  }

  async unregister(address: string): Promise<number> {
    const ours = (await this.webhooks()).filter((row) => row.address === address);
    for (const { id } of ours) await this.#remove(id);
    return ours.length;
  }

  close(): void {
    this.#desk.close();
  }

  /** Webhooks have no bin, so that WooCommerce wants it said. */
  async #remove(id: string): Promise<void> {
    await this.#desk.ask('DELETE', `${API}/webhooks/${id}?force=true`);
  }
}

/** With and without www, and the old domain, are often two addresses of one shop; the API is at one of them. */
function sentOn(location: string | undefined): PermanentError {
  const to = location !== undefined && URL.canParse(location) ? new URL(location) : undefined;
  const where = to ? `${to.origin}${to.pathname.replace(/\/wp-json.*$/, '')}` : undefined;
  return new PermanentError(
    'bad-input',
    `The shop sends on to ${where ?? 'another address'}, which a key is not taken along to. Give the address that it ends at.`,
  );
}

/** WordPress has no other id than its address; how that is written (http, www) may change while the shop stays. */
function placeOf(address: string): string {
  const url = new URL(address);
  return `${url.host.replace(/^www\./, '')}${url.pathname.replace(/\/+$/, '')}`;
}

/** A shop names its zone, or says only how far it is from UTC, then without a summer time. */
function zoneOf({ timezone_string: zone, gmt_offset: hours = 0 }: z.infer<typeof indexShape>): string {
  if (zone) return zone;
  if (hours === 0) return 'UTC';
  const minutes = Math.round(Math.abs(hours) * 60);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${hours < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
