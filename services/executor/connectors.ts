import { BigCommerceReader } from '#shared/connectors/bigcommerce/bigcommerce-reader.ts';
import { CircuitBreaker, type CircuitState, guarded } from '#shared/connectors/circuit-breaker.ts';
import type { StoreConnector } from '#shared/connectors/connector.ts';
import { bigCommerceCredential, wooCredential } from '#shared/connectors/credentials.ts';
import { type Http, openHttp, storeOrigin } from '#shared/connectors/outbound.ts';
import type { StoreReader } from '#shared/connectors/reader.ts';
import { accessTokenOf } from '#shared/connectors/shopify/access-token.ts';
import { ShopifyConnector } from '#shared/connectors/shopify/shopify-admin.ts';
import { SupplierDesk } from '#shared/connectors/supplier-desk.ts';
import { WooCommerceConnector } from '#shared/connectors/woocommerce/woocommerce.ts';
import type { SourceName, StorePlatform } from '#shared/contracts/sources.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import type { Logger } from '#shared/runtime/logger.ts';
import { type MasterKey, unseal } from '#shared/runtime/seal.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readAccess, type StoreAccess } from '#shared/store/executor/errands.ts';

/** How one store is read, and written to where the platform is one that Parley acts on. */
interface Drivers {
  readonly connector?: StoreConnector;
  readonly reader: StoreReader;
}

/** What one platform's drivers make of a door and a credential. */
type OpenPlatform = (http: Http, credential: string, clocks: Clocks) => Drivers;

const both = <Driver extends StoreConnector & { reader(): StoreReader }>(connector: Driver): Drivers => ({
  connector,
  reader: connector.reader(),
});

const PLATFORMS: Readonly<Record<StorePlatform, OpenPlatform>> = {
  sandbox: (http, credential, clocks) => {
    const shop = { http, token: accessTokenOf(credential, http, clocks) };
    return both(new ShopifyConnector({ ...shop, suppliers: new SupplierDesk(shop, clocks) }, clocks));
  },
  shopify: (http, credential, clocks) =>
    both(new ShopifyConnector({ http, token: accessTokenOf(credential, http, clocks) }, clocks)),
  woocommerce: (http, credential, clocks) => both(new WooCommerceConnector(http, wooCredential(credential), clocks)),
  bigcommerce: (http, credential, clocks) => ({
    reader: new BigCommerceReader(http, bigCommerceCredential(credential), clocks),
  }),
};

interface Opened extends Drivers {
  readonly breaker: CircuitBreaker;
  readonly http: Http;
  readonly access: StoreAccess;
}

interface ConnectorDeps {
  readonly master: MasterKey;
  readonly clocks: Clocks;
  readonly logger: Logger;
  /** How a store's door is opened; tests have stores on their own machine. */
  readonly open?: (platform: StorePlatform, url: string) => Http;
}

const openDoor = (platform: StorePlatform, url: string) => openHttp(storeOrigin(platform, url));

/** The stores as this process reaches them: one door, one breaker and one connector each, kept as long as the credential stays the same. */
export class Connectors {
  readonly #opened = new Map<string, Opened>();
  readonly #deps: ConnectorDeps;

  constructor(deps: ConnectorDeps) {
    this.#deps = deps;
  }

  async of(tx: Transaction, store: string): Promise<StoreConnector> {
    const { connector, access } = (await this.#of(tx, store)) ?? {};
    if (!access) throw new PermanentError('not-permitted', 'No credential of this store is known');
    if (!connector) throw new PermanentError('not-supported', `Nothing can be done in a store of ${access.platform}`);
    return connector;
  }

  /** How a store is read, and as whose webhooks its answers come in; undefined where no credential of it is known. */
  async readerOf(tx: Transaction, store: string): Promise<{ reader: StoreReader; source: SourceName } | undefined> {
    const opened = await this.#of(tx, store);
    if (!opened) return undefined;
    const { platform } = opened.access;
    // The sandbox speaks as Shopify does, on both sides.
    return { reader: opened.reader, source: platform === 'sandbox' ? 'shopify' : platform };
  }

  /** Closed for a store that nobody has called yet. */
  stateOf(store: string): CircuitState {
    return this.#opened.get(store)?.breaker.state ?? 'closed';
  }

  /** Stores that have not been answering and are left alone. */
  get unavailable(): string[] {
    return [...this.#opened.keys()].filter((store) => this.stateOf(store) !== 'closed').sort();
  }

  close(): void {
    for (const { http } of this.#opened.values()) http.close();
    this.#opened.clear();
  }

  async #of(tx: Transaction, store: string): Promise<Opened | undefined> {
    const access = await readAccess(tx, store);
    if (!access) return undefined;
    const known = this.#opened.get(store);
    if (known && isSame(known.access, access)) return known;
    const opened = this.#open(store, access);
    known?.http.close();
    this.#opened.set(store, opened);
    return opened;
  }

  #open(store: string, access: StoreAccess): Opened {
    const { master, clocks, logger, open = openDoor } = this.#deps;
    const openPlatform = PLATFORMS[access.platform];
    const credential = unseal(master, `credential:${store}:${access.platform}`, Buffer.from(access.sealed)).toString();
    const breaker = new CircuitBreaker(clocks, (state) => {
      if (state === 'open') logger.warn({ store }, 'the store does not answer and is left alone for a while');
      else logger.info({ store }, 'the store answers again');
    });
    const http = guarded(open(access.platform, access.url), breaker);
    return { ...openPlatform(http, credential, clocks), breaker, http, access };
  }
}

function isSame(one: StoreAccess, other: StoreAccess): boolean {
  return (
    one.platform === other.platform &&
    one.url === other.url &&
    Buffer.from(one.sealed).equals(Buffer.from(other.sealed))
  );
}
