import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The part of a platform that connecting a store speaks to: who it is, what the credential may do, its webhooks. */
export interface FrontDesk {
  readonly url: string;
  /** As the credential's row has it, opened. */
  readonly credential: string;
  /** A credential that the platform does not know. */
  readonly wrongCredential: string;
  readonly webhooks: Hook[];
  /** Scopes that the credential has; a desk that knows no scopes by name has its own. */
  readonly scopes: Set<string>;
  /** One ability's scope that is not essential, as the platform calls it. */
  readonly optionalScope: string;
  /** From then on every change is refused. */
  broken: boolean;
  currency: string;
  /** The platform's own id of the shop; at WooCommerce its address. */
  id: string;
  name: string;
  zone: string;
  clockAheadMs: number;
  /** Secrets that were sent along with webhooks, by topic. */
  readonly secrets: Map<string, string>;
  /** Called when a webhook is saved, as by a platform that tries the address. */
  onSave: (address: string, id: number) => Promise<void>;
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Hook {
  readonly id: number;
  topic: string;
  address: string;
  active: boolean;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

interface Told {
  readonly status: number;
  readonly location?: string;
  readonly body?: unknown;
}

abstract class Desk implements FrontDesk {
  abstract id: string;
  readonly webhooks: Hook[] = [];
  readonly secrets = new Map<string, string>();
  readonly scopes = new Set<string>();
  abstract readonly optionalScope: string;
  abstract readonly credential: string;
  abstract readonly wrongCredential: string;
  broken = false;
  currency = 'EUR';
  name = 'Candles & Co';
  zone = 'Europe/Berlin';
  clockAheadMs = 0;
  onSave = async (_address: string, _id: number): Promise<void> => {};
  #nextId = 1;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const url = new URL(request.url ?? '/', 'http://desk');
      const told = await this.answer({
        method: request.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }).catch((thrown: unknown): Told => ({ status: 500, body: { message: String(thrown) } }));
      response.setHeader('date', new Date(Date.now() + this.clockAheadMs).toUTCString());
      if (told.location) response.setHeader('location', told.location);
      response.writeHead(told.status, { 'content-type': 'application/json' });
      response.end(told.body === undefined ? '' : JSON.stringify(told.body));
    });
  }

  protected abstract answer(asked: Asked): Promise<Told>;

  protected async add(topic: string, address: string): Promise<Hook> {
    const hook = { id: this.#nextId++, topic, address, active: true };
    this.webhooks.push(hook);
    await this.onSave(address, hook.id);
    return hook;
  }

  protected drop(id: number): boolean {
    const at = this.webhooks.findIndex((hook) => hook.id === id);
    if (at >= 0) this.webhooks.splice(at, 1);
    return at >= 0;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  open(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const SHOPIFY_SCOPES = [
  'write_orders',
  'write_products',
  'write_inventory',
  'read_locations',
  'read_customers',
  'write_discounts',
  'read_fulfillments',
  'write_merchant_managed_fulfillment_orders',
  'read_shopify_payments_disputes',
  'write_store_credit_account_transactions',
];

/** `app`: it gives tokens for an id and a secret; else it has one token for ever. */
export class ShopifyDesk extends Desk {
  override readonly scopes = new Set(SHOPIFY_SCOPES);
  id = 'gid://shopify/Shop/7';
  readonly optionalScope = 'read_fulfillments';
  readonly credential: string;
  readonly wrongCredential: string;
  readonly #token: string;
  /** How many tokens it has given. */
  granted = 0;

  constructor(kind: 'token' | 'app' = 'token') {
    super();
    this.credential = kind === 'token' ? 'shpat_right' : JSON.stringify({ clientId: 'id', clientSecret: 'right' });
    this.wrongCredential = kind === 'token' ? 'shpat_wrong' : JSON.stringify({ clientId: 'id', clientSecret: 'wrong' });
    this.#token = kind === 'token' ? 'shpat_right' : 'for-a-day';
  }

  protected async answer({ path, headers, body }: Asked): Promise<Told> {
    if (path === '/admin/oauth/access_token') {
      const form = new URLSearchParams(body);
      const right = form.get('client_secret') === 'right' && form.get('grant_type') === 'client_credentials';
      if (!right) return { status: 400, body: { error: 'invalid_client' } };
      this.granted++;
      return { status: 200, body: { access_token: this.#token, scope: '', expires_in: 86_399 } };
    }
    if (!path.startsWith('/admin/api/')) return { status: 404 };
    if (headers['x-shopify-access-token'] !== this.#token) return { status: 401, body: { errors: 'Invalid API key' } };
    const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, string> };
    return { status: 200, body: { data: await this.#data(query, variables) } };
  }

  async #data(query: string, variables: Record<string, string>): Promise<object> {
    if (query.includes('webhookSubscriptionCreate')) {
      const { topic, uri } = variables as { topic: string; uri: string };
      if (this.broken) return { webhookSubscriptionCreate: refused('Address is not allowed') };
      const { id } = await this.add(topic, uri);
      return { webhookSubscriptionCreate: { webhookSubscription: { id: `${id}` }, userErrors: [] } };
    }
    if (query.includes('webhookSubscriptionDelete')) {
      this.drop(Number(variables.id));
      return { webhookSubscriptionDelete: { deletedWebhookSubscriptionId: variables.id, userErrors: [] } };
    }
    if (query.includes('webhookSubscriptions')) {
      // Pages of five, so that a driver which reads only one is seen.
      const from = Number(variables.after ?? 0);
      const nodes = this.webhooks.slice(from, from + 5);
      const hasNextPage = this.webhooks.length > from + 5;
      return {
        webhookSubscriptions: {
          nodes: nodes.map(({ id, topic, address }) => ({ id: `${id}`, topic, uri: address })),
          pageInfo: { hasNextPage, endCursor: hasNextPage ? `${from + 5}` : null },
        },
      };
    }
    if (query.includes('accessScopes'))
      return { currentAppInstallation: { accessScopes: [...this.scopes].map((handle) => ({ handle })) } };
    return {
      shop: {
        id: this.id,
        name: this.name,
        myshopifyDomain: 'candles.myshopify.com',
        currencyCode: this.currency,
        ianaTimezone: this.zone,
      },
    };
  }
}

const refused = (message: string) => ({ webhookSubscription: null, userErrors: [{ field: ['topic'], message }] });

export class WooCommerceDesk extends Desk {
  override readonly scopes = new Set(['Read', 'Read/Write']);
  id = 'https://candles.example';
  readonly optionalScope = 'Read/Write';
  /** Where it sends everybody on to. */
  movedTo: string | undefined;
  /** The folder of its host that it lies in. */
  folder = '';
  readonly credential = JSON.stringify({ key: 'ck_right', secret: 'cs_right' });
  readonly wrongCredential = JSON.stringify({ key: 'ck_right', secret: 'cs_wrong' });

  protected async answer(asked: Asked): Promise<Told> {
    const { method, headers } = asked;
    if (this.movedTo) return { status: 301, location: `${this.movedTo}${asked.path}` };
    if (!asked.path.startsWith(`${this.folder}/wp-json/`)) return { status: 404 };
    const path = asked.path.slice(this.folder.length);
    if (path === '/wp-json/') return { status: 200, body: this.#index() };
    const right = `Basic ${Buffer.from('ck_right:cs_right').toString('base64')}`;
    if (headers.authorization !== right)
      return { status: 401, body: { code: 'x', message: 'Consumer secret is invalid.' } };
    const may = this.scopes.has('Read/Write');
    if (method !== 'GET' && (!may || this.broken))
      return {
        status: 401,
        body: {
          code: 'woocommerce_rest_authentication_error',
          message: 'The API key provided does not have write permissions.',
        },
      };
    if (path === '/wp-json/wc/v3/data/currencies/current') return { status: 200, body: { code: this.currency } };
    if (path === '/wp-json/wc/v3/orders') return { status: 200, body: [] };
    if (path === '/wp-json/wc/v3/products/batch') return { status: 200, body: {} };
    return await this.#hooks(asked);
  }

  #index(): object {
    return {
      name: this.name,
      url: this.id,
      home: 'https://candles.example',
      ...(this.zone.includes('/') ? { timezone_string: this.zone } : { timezone_string: '', gmt_offset: this.zone }),
      namespaces: ['wp/v2', 'wc/v3'],
    };
  }

  async #hooks({ method, path, query, body }: Asked): Promise<Told> {
    const id = Number(/\/webhooks\/(\d+)$/.exec(path)?.[1]);
    if (method === 'GET') {
      const per = Number(query.get('per_page') ?? 10);
      const from = (Number(query.get('page') ?? 1) - 1) * per;
      return { status: 200, body: this.webhooks.slice(from, from + per).map(wooHook) };
    }
    if (method === 'DELETE') return { status: this.drop(id) ? 200 : 404, body: {} };
    const sent = JSON.parse(body) as { topic: string; delivery_url: string; secret: string; status: string };
    const hook =
      method === 'PUT' ? this.webhooks.find((one) => one.id === id) : await this.add(sent.topic, sent.delivery_url);
    if (!hook) return { status: 404, body: { message: 'Invalid ID.' } };
    hook.active = sent.status === 'active';
    this.secrets.set(hook.topic, sent.secret);
    return { status: method === 'PUT' ? 200 : 201, body: wooHook(hook) };
  }
}

const wooHook = ({ id, topic, address, active }: Hook) => ({
  id,
  topic,
  delivery_url: address,
  status: active ? 'active' : 'disabled',
});

export class BigCommerceDesk extends Desk {
  override readonly scopes = new Set(['Orders: read-only', 'Products: read-only', 'Customers: read-only']);
  id = 'a-b-c';
  readonly optionalScope = 'Customers: read-only';
  readonly credential = JSON.stringify({ token: 'right' });
  readonly wrongCredential = JSON.stringify({ token: 'wrong' });

  protected async answer({ method, path, query, headers, body }: Asked): Promise<Told> {
    if (headers['x-auth-token'] !== 'right') return { status: 401, body: { title: 'Unauthorized' } };
    const scope = {
      '/v2/orders': 'Orders: read-only',
      '/v3/catalog/products': 'Products: read-only',
      '/v3/customers': 'Customers: read-only',
    }[path];
    if (scope)
      return this.scopes.has(scope) ? { status: scope.startsWith('O') ? 204 : 200, body: {} } : { status: 403 };
    if (path === '/v2/store')
      return {
        status: 200,
        body: {
          id: this.id,
          name: this.name,
          domain: 'candles.example',
          currency: this.currency,
          timezone: { name: this.zone },
        },
      };
    const id = Number(/\/hooks\/(\d+)$/.exec(path)?.[1]);
    if (method === 'GET') {
      // Pages of three, whatever was asked for, so that a driver which reads only one is seen.
      const from = (Number(query.get('page')) - 1) * 3;
      const pages = Math.ceil(this.webhooks.length / 3);
      const data = this.webhooks.slice(from, from + 3).map(bigHook);
      return { status: 200, body: { data, meta: { pagination: { total_pages: pages } } } };
    }
    if (this.broken) return { status: 422, body: { title: 'Destination is not allowed' } };
    if (method === 'DELETE') return { status: this.drop(id) ? 200 : 404, body: {} };
    const sent = JSON.parse(body) as { scope: string; destination: string; is_active: boolean };
    const hook =
      method === 'PUT' ? this.webhooks.find((one) => one.id === id) : await this.add(sent.scope, sent.destination);
    if (hook) hook.active = sent.is_active;
    return { status: hook ? 200 : 404, body: { data: hook && bigHook(hook) } };
  }
}

const bigHook = ({ id, topic, address, active }: Hook) => ({
  id,
  scope: topic,
  destination: address,
  is_active: active,
});
