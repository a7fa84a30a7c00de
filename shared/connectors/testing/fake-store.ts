import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decimalText, parseMinor } from '#shared/kernel/money.ts';
import { sleep } from '#shared/runtime/clocks.ts';
import { GRAPHQL_READS, GRAPHQL_WRITES } from './fake-answers.ts';
import { type FakeBooks, newBooks } from './fake-books.ts';
import { type FakePlatform, type Given, lieOf, type Mishap, ownFolder } from './fake-platform.ts';

const PRICE_OF_A = 'gid://shopify/ProductVariant/11';
const LEVEL_OF_A = 'gid://shopify/InventoryItem/21';
const VARIANTS: Readonly<Record<string, string>> = { A: PRICE_OF_A, B: 'gid://shopify/ProductVariant/12' };

export interface Sent {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export const FAKE_TOKEN = 'fake-token';

/** A store in Shopify's shape, small enough to see through: for the connectors' contract, without network or database. */
export class FakeStore implements FakePlatform {
  readonly books: FakeBooks = newBooks();
  readonly sent: Sent[] = [];
  readonly mishaps: Mishap[] = [];
  delayMs = 0;
  asked = 0;
  readonly #folder = `/stores/${ownFolder()}`;
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
    if ('held' in state) this.books.parts[0]!.holds.push({ id: 'hold-1', handle: state.held });
    else if (state.running.length > 0) {
      const longer = (sku: string) => `gid://shopify/ProductVariant/${state.sells?.[`sku:${sku}`]?.variant}`;
      const variants = state.running.map((sku) => VARIANTS[sku] ?? longer(sku));
      const id = 'gid://shopify/DiscountAutomaticNode/61';
      this.books.discounts.push({ id, title: 'Candle week #abcdef', status: 'ACTIVE', variants });
    }
  }

  get onSale(): string[] {
    const running = this.books.discounts.filter(({ status }) => status !== 'EXPIRED');
    return running.flatMap(({ variants }) => variants.map((variant) => variant.split('/').at(-1)!));
  }

  get priceMinor(): number {
    return parseMinor(this.books.prices.get(PRICE_OF_A)!, 'GBP');
  }

  set priceMinor(minor: number) {
    this.books.prices.set(PRICE_OF_A, decimalText(minor, 'GBP'));
  }

  get level(): number {
    return this.books.levels.get(LEVEL_OF_A)!;
  }

  set level(units: number) {
    this.books.levels.set(LEVEL_OF_A, units);
  }

  effectsOf(action: string): number {
    return this.books.effects.filter((effect) => effect === action).length;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    if (!request.url?.startsWith(`${this.#folder}/`)) return end(response, 503, {});
    if (request.headers['x-shopify-access-token'] !== FAKE_TOKEN) return end(response, 401, {});
    this.asked += 1;
    const path = request.url.slice(this.#folder.length);
    const isRead = request.method === 'GET' || /"query":"query /.test(body);
    const mishap = isRead ? undefined : this.mishaps.shift();
    if (mishap === 'drop-request') return void request.socket.destroy();
    if (mishap === 'unavailable') return end(response, 503, {});
    if (mishap === 'server-error') return end(response, 502, {});
    const lie = lieOf(mishap);
    if (lie && !lie.isAfter) return end(response, 200, lie.says('{}'));
    const action = String(request.headers['x-parley-action']);
    if (this.delayMs > 0) await sleep(this.delayMs);
    const [status, answer] = path.startsWith('/suppliers/')
      ? this.#desk(request, path, body, action, mishap)
      : [200, this.#graphql(body, action, mishap)];
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (mishap === 'drop-answer') return void request.socket.destroy();
    end(response, lie ? 200 : status, lie ? lie.says(JSON.stringify(answer)) : answer);
  }

  #graphql(body: string, action: string, mishap: Mishap | undefined): object {
    const { query, variables } = JSON.parse(body) as Sent;
    this.sent.push({ query, variables });
    const name = /^(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '';
    const status = { maximumAvailable: 1_000, currentlyAvailable: mishap === 'throttle' ? 0 : 900, restoreRate: 500 };
    const extensions = { cost: { requestedQueryCost: 10, throttleStatus: status } };
    if (mishap === 'throttle') {
      return { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions };
    }
    if (mishap === 'refuse') {
      return {
        data: { any: { userErrors: [{ message: 'No such thing', code: 'PRODUCT_DOES_NOT_EXIST' }] } },
        extensions,
      };
    }
    const read = GRAPHQL_READS[name];
    if (read) return { data: read(this.books, variables), extensions };
    const write = GRAPHQL_WRITES[name];
    if (!write) return { errors: [{ message: `Unknown operation ${name}` }] };
    const key = typeof variables.key === 'string' ? variables.key : undefined;
    const kept = key === undefined ? undefined : this.books.kept.get(key);
    if (kept) return { data: kept, extensions };
    const data = write(this.books, variables, () => this.books.effects.push(action));
    if (key !== undefined) this.books.kept.set(key, data);
    return { data, extensions };
  }

  #desk(
    request: IncomingMessage,
    path: string,
    body: string,
    action: string,
    mishap: Mishap | undefined,
  ): [number, object] {
    if (mishap === 'throttle') return [429, {}];
    if (mishap === 'refuse') return [404, {}];
    const { purchaseOrders, effects } = this.books;
    if (request.method === 'POST') {
      const order = JSON.parse(body) as { key: string };
      if (!purchaseOrders.has(order.key)) effects.push(action);
      purchaseOrders.set(order.key, 'open');
      return [201, order];
    }
    const key = decodeURIComponent(path.split('/').at(-1)!);
    const state = purchaseOrders.get(key);
    if (state === undefined) return [404, {}];
    if (request.method === 'DELETE' && state === 'open') {
      effects.push(action);
      purchaseOrders.set(key, 'cancelled');
    }
    return [200, { key, state: purchaseOrders.get(key) }];
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function end(response: ServerResponse, status: number, body: object | string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
