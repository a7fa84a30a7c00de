import { randomBytes } from 'node:crypto';
import type { Bus } from '#shared/bus/bus.ts';
import type { Letter, MailSender } from '#shared/connectors/mail/mail-sender.ts';
import { openHttp } from '#shared/connectors/outbound.ts';
import { type ProductIds, SHOPIFY_IDS } from '#shared/connectors/testing/contract.ts';
import type { FakePlatform } from '#shared/connectors/testing/fake-platform.ts';
import { FAKE_TOKEN, FakeStore } from '#shared/connectors/testing/fake-store.ts';
import { FAKE_WOO_KEY, FakeWoo, WOO_IDS } from '#shared/connectors/testing/woocommerce/fake-woo.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { sealPerson } from '#shared/runtime/personal.ts';
import { type MasterKey, seal } from '#shared/runtime/seal.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import { Connectors } from '../connectors.ts';
import { Counts } from '../counts.ts';
import type { Deps } from '../deps.ts';
import { Seldom } from '../seldom.ts';

export const STORE = 'shop';
export const START = '2026-11-21T10:00:00.000Z';

/** Mail that goes nowhere: what left, and what is to go wrong next. */
class FakeMail implements MailSender {
  readonly left: Letter[] = [];
  readonly faults: Error[] = [];

  async send(letter: Letter): Promise<void> {
    const fault = this.faults.shift();
    if (fault) throw fault;
    this.left.push(letter);
  }

  close(): void {}
}

/** A platform's fake store, and what a credential of it holds. */
export interface Shop<Store extends FakePlatform> {
  readonly platform: StorePlatform;
  readonly credential: string;
  readonly ids: ProductIds;
  fake(): Store;
}

export const SANDBOX: Shop<FakeStore> = {
  platform: 'sandbox',
  credential: FAKE_TOKEN,
  ids: SHOPIFY_IDS,
  fake: () => new FakeStore(),
};

export const WOOCOMMERCE: Shop<FakeWoo> = {
  platform: 'woocommerce',
  credential: JSON.stringify(FAKE_WOO_KEY),
  ids: WOO_IDS,
  fake: () => new FakeWoo(),
};

/** One executor on a real database, with a fake store and a fake mail server. */
export interface Bench<Store extends FakePlatform = FakeStore> {
  readonly database: TestDatabase;
  readonly store: Store;
  readonly mail: FakeMail;
  readonly published: Envelope[];
  readonly master: MasterKey;
  /** Another life of the executor on the same rows. */
  life(owner?: string): Deps;
  close(): Promise<void>;
}

export function openBench(): Promise<Bench> {
  return openBenchOf(SANDBOX);
}

/** The fake's own address is on this machine, where no real platform may be. */
const nearby = (_platform: StorePlatform, url: string) => openHttp({ url: new URL(url), mayBeInside: true });

export async function openBenchOf<Store extends FakePlatform>(shop: Shop<Store>): Promise<Bench<Store>> {
  const database = await createDatabase();
  const store = shop.fake();
  await store.open();
  const mail = new FakeMail();
  const master: MasterKey = { bytes: randomBytes(32) };
  const published: Envelope[] = [];
  const bus = {
    publish: async (_subject: string, payload: string) => void published.push(JSON.parse(payload)),
    signal: () => {},
  } as unknown as Bus;
  const sql = database.open('executor');
  await fill(database, store.url, master, shop);
  const logger = createLogger('executor', 'silent');
  return {
    database,
    store,
    mail,
    published,
    master,
    life: (owner = 'executor@test') => ({
      sql,
      bus,
      clocks: systemClocks,
      logger,
      master,
      mail,
      connectors: new Connectors({ master, clocks: systemClocks, logger, open: nearby }),
      counts: new Counts(),
      seldom: new Seldom(),
      owner,
      links: { base: 'http://127.0.0.1:4000', local: true },
    }),
    close: async () => {
      await store.close();
      await database.close();
    },
  };
}

/** A replayed store whose clock stands still, its products, one customer who agreed to mails and one who did not. */
async function fill<Store extends FakePlatform>(
  { sql }: TestDatabase,
  url: string,
  master: MasterKey,
  { platform, credential, ids }: Shop<Store>,
): Promise<void> {
  await sql`
    insert into stores (store, platform, clock_kind, clock, partition, mode, currency, zone)
    values (${STORE}, ${platform}, 'replay', ${START}, 1, 'live', 'GBP', 'Europe/London')`;
  const sealed = seal(master, `credential:${STORE}:${platform}`, Buffer.from(credential));
  await sql`insert into credentials (store, platform, sealed, url) values (${STORE}, ${platform}, ${sealed}, ${url})`;
  const facts = [
    ...Object.entries(ids).map(([leaf, product]) => [leaf, 'product', product] as const),
    ['customer:5', 'consent', { email: true }],
    ['customer:6', 'consent', { email: false }],
  ] as const;
  for (const [resource, attribute, value] of facts) {
    await sql`
      insert into facts (store, resource, attribute, value, version, time, source, observed_at)
      values (${STORE}, ${resource}, ${attribute}, ${sql.json(value)}, 1, ${START}, 'test', ${START})`;
  }
  for (const customer of ['customer:5', 'customer:6']) {
    const row = sealPerson(master, STORE, customer, { email: `${customer.replace(':', '')}@example.invalid` });
    await sql`insert into personal (store, subject, key, sealed) values (${STORE}, ${customer}, ${row.key}, ${row.sealed})`;
  }
}

export interface ActionSeed {
  readonly action: string;
  readonly type: string;
  readonly leaves: readonly string[];
  readonly params: object;
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly state?: string;
  readonly owner?: string;
  readonly inverse?: object;
  readonly writes?: readonly object[];
}

const CORRELATION = '0197a1b2-0000-7000-8000-000000000001';

export async function seedAction({ sql }: TestDatabase, seed: ActionSeed): Promise<void> {
  await sql`
    insert into actions (store, action, type, agent, params, leaves, writes, inverse, cause, not_before, not_after, state, owner, call_by, correlation, depth)
    values (${STORE}, ${seed.action}, ${seed.type}, 'orders', ${sql.json(seed.params as never)}, ${seed.leaves as string[]},
      ${sql.json((seed.writes ?? []) as never)}, ${seed.inverse ? sql.json(seed.inverse as never) : null}, 'order:9',
      ${seed.notBefore ?? START}, ${seed.notAfter ?? null}, ${seed.state ?? 'pending'}, ${seed.owner ?? null},
      ${seed.state === 'calling' ? new Date(Date.now() + 30_000).toISOString() : null}, ${CORRELATION}, 1)`;
}

export async function seedClaim(
  { sql }: TestDatabase,
  action: string,
  resource: string,
  endedAs: string | null,
): Promise<void> {
  await sql`
    insert into claims (store, claim, resource, aspect, during, exclusive, owner, layer, action, ended_as)
    values (${STORE}, ${`${action}/${resource}/price`}, ${resource}, 'price', tstzrange(${START}::timestamptz, null), false, 'orders', '{}', ${action}, ${endedAs})`;
}

export interface ActionRow {
  readonly state: string;
  readonly reason: string | null;
  readonly outcome: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
}

export async function actionRow({ sql }: TestDatabase, action: string): Promise<ActionRow> {
  const [row] = await sql<
    ActionRow[]
  >`select state, reason, outcome, attempts from actions where store = ${STORE} and action = ${action}`;
  return row!;
}

/** The ends that events tell of one action, in order. */
export async function toldEnds({ sql }: TestDatabase, action: string): Promise<string[]> {
  const rows = await sql<
    { type: string }[]
  >`select type from events where store = ${STORE} and cause = ${action} order by seq`;
  return rows.map((row) => row.type);
}
