import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decimalText, parseMinor } from '#shared/kernel/money.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { holdMeta, saleMeta } from '../../woocommerce/marks.ts';
import type { ProductIds } from '../contract.ts';
import { type FakePlatform, type Given, lieOf, type Mishap, ownFolder } from '../fake-platform.ts';
import { type Answer, WOO_ROUTES, wpError } from './woo-answers.ts';
import { newWooBooks, product, type WooBooks } from './woo-books.ts';

export const FAKE_WOO_KEY = { key: 'ck_fake', secret: 'cs_fake' };
const AUTHORIZATION = `Basic ${Buffer.from(`${FAKE_WOO_KEY.key}:${FAKE_WOO_KEY.secret}`).toString('base64')}`;
const API = '/wp-json/wc/v3';

const same = (id: string) => ({ product: id, variant: id, inventoryItem: id });
export const WOO_IDS: ProductIds = {
  'sku:A': same('11'),
  'sku:B': same('12'),
  'sku:C-RED': { product: '30', variant: '31', inventoryItem: '31' },
  'sku:C-BLUE': { product: '30', variant: '32', inventoryItem: '32' },
};

const DAY_MS = 86_400_000;

/**
 * A shop in the shape of WooCommerce's REST API v3, built after its source: no idempotency, no lock, refusals in
 * WordPress's words. Small enough to see through; for the connectors' contract, without a network or a database.
 */
export class FakeWoo implements FakePlatform {
  readonly books: WooBooks = newWooBooks();
  readonly mishaps: Mishap[] = [];
  /** Requests as they came: method and path. */
  readonly requests: string[] = [];
  /** What happens in the shop between a look and the next write. */
  beforeWrite: (() => void) | undefined;
  /** Instead of the platform's own answer to the next request. */
  readonly said: { status: number; text: string; headers?: Record<string, string> }[] = [];
  /** Pages that a cache before the shop has kept, by address; without one, undefined. */
  cache: Map<string, Answer> | undefined;
  delayMs = 0;
  asked = 0;
  /** WordPress often lives in a folder. */
  readonly #folder = `/${ownFolder()}`;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((thrown: unknown) => {
        response.statusCode = 500;
        response.end(String(thrown));
      });
    });
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#folder}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  given(state: Given): void {
    if ('held' in state) {
      const order = this.books.orders.get(9)!;
      order.status = 'on-hold';
      order.meta_data = [holdMeta(state.held, 'processing')];
      return;
    }
    for (const [leaf, { variant }] of Object.entries(state.sells ?? {})) {
      this.books.products.set(Number(variant), product(Number(variant), leaf.slice('sku:'.length), '2.00', 5));
    }
    for (const sku of state.running) {
      const product = this.product(sku);
      const saleMinor = Math.round(Number(product.regular_price) * 85);
      const window = { startsAt: new Date(0).toISOString(), endsAt: new Date(Date.now() + 7 * DAY_MS).toISOString() };
      const named = { mark: 'parley-earlier', title: 'Candle week #abcdef', discountBasisPoints: 1_500 };
      product.sale_price = decimalText(saleMinor, 'GBP');
      product.date_on_sale_to_gmt = window.endsAt.slice(0, 19);
      product.meta_data = [saleMeta({ ...named, saleMinor, ...window })];
    }
  }

  product(sku: string) {
    return [...this.books.products.values()].find((product) => product.sku === sku)!;
  }

  get onSale(): string[] {
    return [...this.books.products.values()].filter((each) => each.sale_price !== '').map(({ id }) => String(id));
  }

  get priceMinor(): number {
    return parseMinor(this.product('A').regular_price, 'GBP');
  }

  set priceMinor(minor: number) {
    this.product('A').regular_price = decimalText(minor, 'GBP');
  }

  get level(): number {
    return this.product('A').stock_quantity!;
  }

  set level(units: number) {
    this.product('A').stock_quantity = units;
  }

  effectsOf(action: string): number {
    return this.books.effects.filter((effect) => effect === action).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (!request.url?.startsWith(`${this.#folder}/`)) return end(response, [503, '']);
    if (request.headers.authorization !== AUTHORIZATION) {
      return end(response, wpError(401, 'woocommerce_rest_cannot_view', 'Sorry, you cannot list resources.'));
    }
    this.asked += 1;
    this.requests.push(`${request.method} ${request.url}`);
    const said = this.said.shift();
    if (said) return void response.writeHead(said.status, said.headers).end(said.text);
    const isWrite = request.method !== 'GET';
    const mishap = isWrite ? this.mishaps.shift() : undefined;
    if (mishap === 'drop-request') return void request.socket.destroy();
    if (mishap === 'throttle') return end(response, wpError(429, 'too_many_requests', 'Slow down.'));
    // As WordPress under maintenance; a proxy that lost its backend names no time.
    if (mishap === 'unavailable') return end(response, [503, '<h1>Back in a moment</h1>'], { 'retry-after': '1' });
    if (mishap === 'server-error') return end(response, [502, '<h1>Bad gateway</h1>']);
    if (mishap === 'refuse') return end(response, wpError(404, 'rest_no_route', 'No route was found.'));
    const lie = lieOf(mishap);
    if (lie && !lie.isAfter) return end(response, [200, lie.says('{}')]);
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (isWrite) this.beforeWrite?.();
    const kept = isWrite ? undefined : this.cache?.get(request.url ?? '');
    const answer = kept ?? this.#shop(request, Buffer.concat(chunks).toString());
    if (!isWrite) this.cache?.set(request.url ?? '', structuredClone(answer));
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (mishap === 'drop-answer') return void request.socket.destroy();
    end(response, lie ? [200, lie.says(JSON.stringify(answer[1]))] : answer);
  }

  #shop(request: IncomingMessage, text: string): Answer {
    const url = new URL(request.url ?? '/', 'http://shop.invalid');
    const api = `${this.#folder}${API}`;
    const path = url.pathname.slice(api.length);
    const route = WOO_ROUTES[`${request.method} ${path.replace(/\d+/g, '#')}`];
    if (!url.pathname.startsWith(api) || !route) return wpError(404, 'rest_no_route', 'No route was found.');
    return route({
      books: this.books,
      ids: (path.match(/\d+/g) ?? []).map(Number),
      query: url.searchParams,
      body: text === '' ? {} : JSON.parse(text),
      nowMs: Date.now(),
      effect: () => this.books.effects.push(String(request.headers['x-parley-action'])),
    });
  }
}

function end(response: ServerResponse, [status, body]: Answer, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
