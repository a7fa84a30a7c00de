import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { type FrontDesk, ShopifyDesk, WooCommerceDesk } from '#shared/connectors/testing/front-desks.ts';
import { PermanentError } from '#shared/kernel/errors.ts';
import { unseal, unsealText } from '#shared/runtime/seal.ts';
import { readCredentials, readEndpoint } from '#shared/store/setup/connections.ts';
import type { UsageError } from '../command.ts';
import { storeAddWith } from '../commands/store-add.ts';
import { openShelf, type Ran, type Shelf } from './testing.ts';

/** A store `candles` that is connected anew before each test of the suite it is called in. */
export interface Stall {
  readonly shelf: Shelf;
  /** The fake platform; a test may put another in its place. */
  desk: FrontDesk;
  /** The store is one of WooCommerce's instead of Shopify's. */
  withWoo(): Promise<void>;
  secrets(endpoint?: string): Promise<string[] | undefined>;
  credential(): Promise<string | undefined>;
  delivered(endpoint: string, state?: string, minutesAgo?: number): Promise<unknown>;
}

const SHOPS = {
  shopify: { shop: 'candles', keys: 'client_secret=shpss_1\ntoken=shpat_right' },
  woocommerce: { shop: 'candles.example', keys: 'consumer_key=ck_right\nconsumer_secret=cs_right' },
} as const;

export function setUpStall(): Stall {
  let shelf: Shelf;
  const empty = async (...tables: string[]) => {
    for (const table of tables) await shelf.database.sql.unsafe(`delete from ${table}`);
  };
  const begin = async (platform: keyof typeof SHOPS, made: FrontDesk) => {
    stall.desk = made;
    made.currency = 'GBP';
    made.zone = 'Europe/London';
    await made.open();
    const { shop, keys } = SHOPS[platform];
    const file = shelf.file('keys.env', keys);
    const words = `candles --platform ${platform} --shop ${shop} --credentials ${file} --rules RULES`;
    const { code } = await shelf.run(storeAddWith, words);
    assert.equal(code, 0, String(code));
  };
  const stall: Stall = {
    desk: new ShopifyDesk(),
    get shelf() {
      return shelf;
    },
    withWoo: async () => {
      await stall.desk.close();
      await empty('credentials', 'endpoints', 'stores');
      await begin('woocommerce', new WooCommerceDesk());
    },
    secrets: async (endpoint = 'candles') =>
      (await readEndpoint(shelf.database.sql, endpoint))?.secrets.map((sealed) =>
        unsealText(shelf.door.masterKey, `endpoint:${endpoint}`, sealed),
      ),
    credential: async () => {
      const [row] = await readCredentials(shelf.database.sql, ['candles']);
      return row && unseal(shelf.door.masterKey, `credential:candles:${row.platform}`, row.sealed).toString();
    },
    delivered: (endpoint, state = 'mapped', minutesAgo = 5) => shelf.database.sql`
      insert into deliveries (id, store, endpoint, key, topic, headers, body, state, received_at)
      values (gen_random_uuid(), 'candles', ${endpoint}, gen_random_uuid()::text, 'orders/create', '{}', '{}'::bytea, ${state},
        now() - ${minutesAgo} * interval '1 minute')`,
  };
  before(async () => {
    shelf = await openShelf(() => stall.desk);
  });
  after(() => shelf.close());
  beforeEach(() => begin('shopify', new ShopifyDesk()));
  afterEach(async () => {
    await stall.desk.close();
    await empty('credentials', 'endpoints', 'deliveries', 'polls', 'stores');
  });
  return stall;
}

export function refused(
  ran: Ran,
  pattern: RegExp,
  kind: typeof PermanentError | typeof UsageError = PermanentError,
): void {
  assert.ok(ran.code instanceof kind, `${ran.code}`);
  assert.match(ran.code.message, pattern);
}
