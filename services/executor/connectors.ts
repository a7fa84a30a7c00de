import type { StoreConnector } from '#shared/connectors/connector.ts';
import { ShopifyConnector } from '#shared/connectors/shopify/shopify-admin.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import type { Clocks } from '#shared/runtime/clocks.ts';
import { type MasterKey, unseal } from '#shared/runtime/seal.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { readAccess } from '#shared/store/executor/errands.ts';

interface Kept {
  readonly connector: StoreConnector;
  readonly url: string;
  readonly sealed: Buffer;
}

/** One connector a store, opened from its sealed credential and kept as long as that stays the same. */
export class Connectors {
  readonly #kept = new Map<string, Kept>();
  readonly #master: MasterKey;
  readonly #clocks: Clocks;

  constructor(master: MasterKey, clocks: Clocks) {
    this.#master = master;
    this.#clocks = clocks;
  }

  async of(tx: Transaction, store: string): Promise<StoreConnector> {
    const access = await readAccess(tx, store);
    if (!access) throw new PermanentError('not-permitted', 'No credential of this store is known');
    const kept = this.#kept.get(store);
    const sealed = Buffer.from(access.sealed);
    if (kept && kept.url === access.url && kept.sealed.equals(sealed)) return kept.connector;
    const token = unseal(this.#master, `credential:${store}:${access.platform}`, sealed).toString();
    const connector = new ShopifyConnector({ url: access.url.replace(/\/+$/, ''), token }, this.#clocks);
    this.#kept.set(store, { connector, url: access.url, sealed });
    return connector;
  }
}
