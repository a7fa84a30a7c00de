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
import { faultOfStatus } from '../faults.ts';
import { JsonDesk, shaped } from '../json-desk.ts';
import type { Http } from '../outbound.ts';

const PAGE = 250;

/**
 * One hook for each family: BigCommerce allows few hooks a scope, and `*` takes in what a family will have later. A test
 * holds them against what the gateway maps.
 */
export const BIGCOMMERCE_SCOPES = [
  'store/order/*',
  'store/product/*',
  'store/sku/*',
  'store/inventory/*',
  'store/customer/*',
  'store/shipment/*',
] as const;

const storeShape = z.object({
  id: z.coerce.string(),
  name: z.string(),
  domain: z.string(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  timezone: z.object({ name: z.string() }),
});
const hookShape = z.object({ id: z.int(), scope: z.string(), destination: z.string(), is_active: z.boolean() });
const hooksShape = z.object({
  data: z.array(hookShape),
  meta: z.object({ pagination: z.object({ total_pages: z.int() }) }).optional(),
});

/** What is tried to see whether it may be read; a store-level API account does not say what it may do. */
const TRIED: readonly (Omit<Ability, 'granted' | 'actions'> & { readonly path: string })[] = [
  { can: 'read orders and refunds', scope: 'Orders: read-only', essential: true, path: '/v2/orders?limit=1' },
  {
    can: 'read products, prices and stock',
    scope: 'Products: read-only',
    essential: true,
    path: '/v3/catalog/products?limit=1',
  },
  {
    can: 'read customers and their consent',
    scope: 'Customers: read-only',
    essential: false,
    path: '/v3/customers?limit=1',
  },
];

/** Connects a BigCommerce store by a store-level API account. Parley reads there and writes nothing but its own webhooks. */
export class BigCommerceConcierge implements StoreConcierge {
  readonly whereScopesAre =
    'Settings, Store-level API accounts: the OAuth scopes of the account (a new account is made for new scopes)';
  readonly #desk: JsonDesk;
  readonly #clocks: Clocks;

  constructor(http: Http, { token }: { readonly token: string }, clocks: Clocks) {
    this.#desk = new JsonDesk(http, { 'x-auth-token': token });
    this.#clocks = clocks;
  }

  async whoIsThere(): Promise<ShopCard> {
    const answer = await this.#desk.look('GET', '/v2/store');
    if (answer.status !== 200) throw faultOfStatus(answer.status, 'read');
    const store = shaped(storeShape, answer.body);
    return {
      id: store.id,
      name: store.name,
      currency: store.currency,
      zone: store.timezone.name,
      domain: store.domain,
      clockAheadMs: clockAheadMs(answer.date, this.#clocks.nowMs()),
    };
  }

  async scopes(): Promise<readonly Ability[]> {
    const abilities: Ability[] = [];
    for (const { path, ...asked } of TRIED) {
      const { status } = await this.#desk.look('GET', path);
      // An empty list of the old API is 204.
      abilities.push({ ...asked, granted: status === 200 || status === 204, actions: [] });
    }
    return abilities;
  }

  async topics(): Promise<readonly string[]> {
    return BIGCOMMERCE_SCOPES;
  }

  async webhooks(): Promise<readonly RegisteredWebhook[]> {
    const found: RegisteredWebhook[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const { data, meta } = shaped(hooksShape, await this.#desk.ask('GET', `/v3/hooks?limit=${PAGE}&page=${page}`));
      pages = meta?.pagination.total_pages ?? 1;
      for (const { id, scope, destination, is_active: active } of data)
        found.push({ id: String(id), topic: scope, address: destination, active });
    }
    return found;
  }

  /** BigCommerce signs with the client secret of the account, so that none is sent along. */
  async register(address: string, _secret: string, { stop }: Registering = {}): Promise<Registration> {
    const there = (await this.webhooks()).filter((row) => row.address === address);
    const made: string[] = [];
    const kept: string[] = [];
    const refused: { topic: string; why: string }[] = [];
    for (const scope of BIGCOMMERCE_SCOPES) {
      stop?.throwIfAborted();
      const own = there.find((row) => row.topic === scope);
      if (own?.active) {
        kept.push(scope);
        continue;
      }
      const hook = { scope, destination: address, is_active: true, headers: {} };
      try {
        if (own) await this.#desk.ask('PUT', `/v3/hooks/${own.id}`, hook);
        else await this.#desk.ask('POST', '/v3/hooks', hook);
        made.push(scope);
      } catch (thrown) {
        // A store's plan may not know a family.
        if (!(thrown instanceof PermanentError)) throw thrown;
        refused.push({ topic: scope, why: thrown.message });
      }
    }
    return { made, kept, refused };
  }

  async unregister(address: string): Promise<number> {
    const ours = (await this.webhooks()).filter((row) => row.address === address);
    for (const { id } of ours) await this.#desk.ask('DELETE', `/v3/hooks/${id}`);
    return ours.length;
  }

  close(): void {
    this.#desk.close();
  }
}
