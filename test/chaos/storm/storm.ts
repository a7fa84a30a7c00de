import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { partitionOf } from '#shared/bus/subjects.ts';
import { FAKE_TOKEN, FakeStore } from '#shared/connectors/testing/fake-store.ts';
import type { StorePlatform } from '#shared/contracts/sources.ts';
import { type MasterKey, readMasterKey, seal, sealText } from '#shared/runtime/seal.ts';
import { whatIsOpen } from '#shared/store/setup/drained.ts';
import { putCredential, putEndpoint, putStore } from '#shared/store/setup/installation.ts';
import { startWorld, type World } from '../../world.ts';
import { seededRandom } from '../synthetic.ts';
import { compareFacts, type Ends, failedDeliveries, type Gap, judgeVoids, readEnds } from './judge.ts';
import { type Door, inOrder, STANDARD_SECRET, sendAll, slugOf, stormOf } from './sender.ts';
import { shopifyShop } from './shopify-shop.ts';
import { StoreFollows } from './store-follows.ts';
import { DAY_MS, type Told } from './told.ts';
import { wooShop } from './woo-shop.ts';

/** The one shop whose actions are carried out. */
const LIVE = 'storm';
const AT_ONCE = 16;
const WOO_SHARE = 0.3;
const SECRET = 'storm-secret-of-32-bytes-0123456';
/** Struck one after the other while the storm goes on. */
const VICTIMS = ['gateway', 'context', 'coordinator'] as const;
const LOOK_MS = 200;
const BACK_MS = 20_000;

export interface StormOptions {
  /** Webhooks, each of which is sent one to five times. */
  readonly deliveries: number;
  readonly seed: number;
  /** How often each victim is killed. */
  readonly strikes: number;
  readonly quietMs: number;
  say(text: string): void;
}

export interface StormReport {
  readonly seed: number;
  readonly webhooks: number;
  readonly sendings: number;
  readonly turnedAway: number;
  readonly killed: readonly string[];
  readonly facts: number;
  readonly differences: readonly string[];
  readonly prices: Gap;
  readonly effects: number;
  readonly doubled: readonly string[];
  readonly voided: number;
  readonly faults: readonly string[];
  readonly ends: Readonly<Record<string, Ends>>;
  readonly seconds: number;
}

/** Two shops with the same life: the one is told in order, the other in a storm. */
interface Pair {
  readonly told: readonly Told[];
  readonly calm: string;
  readonly storm: string;
}

/**
 * A shop of Shopify's and one of WooCommerce's are told twice: once in order and once over, under other names, each webhook
 * one to five times, many at once, shuffled within an hour, one of a hundred a day late, while gateway, context and
 * coordinator are killed. What is believed in the end must be the same, and what was done must have been done once.
 */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const startedAt = performance.now();
  const random = seededRandom(options.seed);
  const startMs = Math.floor((Date.now() - 30 * DAY_MS) / 1_000) * 1_000;
  const woo = Math.round(options.deliveries * WOO_SHARE);
  const pairs: Pair[] = [
    { told: shopifyShop(random, options.deliveries - woo, startMs), calm: 'calm', storm: LIVE },
    { told: wooShop(random, woo, startMs), calm: 'woo-calm', storm: 'woo-storm' },
  ];
  const fake = new FakeStore();
  await fake.open();
  const world = await startWorld({ sandbox: 'silent' });
  try {
    await openShops(world, fake.url);
    const doorOf = (shop: string): Door => ({ baseUrl: world.publicUrl, shop, secret: SECRET });
    options.say('in order');
    for (const { told, calm } of pairs) await sendAll(doorOf(calm), inOrder(told), 1);
    const killer = new Killer(world, options);
    const storms = pairs.map(({ told, storm }) => ({ storm, postings: stormOf(told, random) }));
    const sendings = storms.reduce((sum, { postings }) => sum + postings.length, 0);
    options.say(`the storm: ${sendings} sendings`);
    const follows = new StoreFollows(fake.books);
    let sent = 0;
    const all = await Promise.all(
      storms.map(({ storm, postings }) =>
        sendAll(doorOf(storm), postings, AT_ONCE, ({ told }) => {
          killer.look(++sent / sendings);
          if (storm === LIVE) follows.take(told);
        }),
      ),
    );
    await killer.settled();
    options.say('waiting until all of it is decided');
    const shops = pairs.flatMap(({ calm, storm }) => [calm, storm]);
    await untilQuiet(world, shops, options.quietMs);
    const turnedAway = all.reduce((sum, { refused }) => sum + refused, 0);
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return {
      ...(await judge(world, fake, pairs)),
      seed: options.seed,
      webhooks: options.deliveries,
      sendings,
      turnedAway,
      killed: killer.killed,
      seconds,
    };
  } finally {
    await world.stop();
    await fake.close();
  }
}

async function judge({ sql }: World, fake: FakeStore, pairs: readonly Pair[]) {
  const differences: string[] = [];
  const prices = { missing: 0, of: 0 };
  const faults: string[] = [];
  const ends: Record<string, Ends> = {};
  let facts = 0;
  let voided = 0;
  for (const { calm, storm } of pairs) {
    const compared = await compareFacts(sql, calm, storm);
    differences.push(...compared.differences);
    prices.missing += compared.prices.missing;
    prices.of += compared.prices.of;
    facts += compared.facts;
    for (const shop of [calm, storm]) {
      const voids = await judgeVoids(sql, shop);
      voided += voids.looked;
      faults.push(...voids.faults, ...(await failedDeliveries(sql, shop)));
      ends[shop] = await readEnds(sql, shop);
    }
  }
  const { effects } = fake.books;
  const doubled = [...Map.groupBy(effects, (action) => action)].flatMap(([action, all]) =>
    all.length > 1 ? [`${action} ${all.length} times`] : [],
  );
  return { differences, prices, faults, ends, facts, voided, effects: effects.length, doubled };
}

/** Only the shop in the storm is live; the others are watched, so that every effect that there is was the storm's. */
async function openShops({ sql, dataPath }: World, storeUrl: string): Promise<void> {
  const key = readMasterKey(join(dataPath, 'master.key'));
  for (const shop of ['calm', LIVE]) {
    await openShop(sql, key, shop, 'sandbox', ['shopify', 'stripe', 'easypost', 'standard']);
    await putCredential(
      sql,
      shop,
      'sandbox',
      seal(key, `credential:${shop}:sandbox`, Buffer.from(FAKE_TOKEN)),
      storeUrl,
    );
  }
  for (const shop of ['woo-calm', 'woo-storm']) await openShop(sql, key, shop, 'woocommerce', ['woocommerce']);
}

async function openShop(
  sql: World['sql'],
  key: MasterKey,
  store: string,
  platform: StorePlatform,
  sources: readonly Told['source'][],
): Promise<void> {
  const mode = store === LIVE ? 'live' : 'watch';
  const clock = new Date().toISOString();
  const place = { partition: partitionOf(store), currency: 'GBP', zone: 'Europe/London' };
  await putStore(sql, { store, platform, clockKind: 'live', clock, mode, ...place });
  for (const source of sources) {
    const endpoint = slugOf(store, source);
    const secret = source === 'standard' ? STANDARD_SECRET : SECRET;
    await putEndpoint(sql, {
      endpoint,
      store,
      platform: source,
      secrets: [sealText(key, `endpoint:${endpoint}`, secret)],
    });
  }
}

/** Kills each victim so many times, at even shares of what is sent. */
class Killer {
  readonly killed: string[] = [];
  readonly #world: World;
  readonly #plan: { at: number; victim: string }[];
  readonly #say: (text: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(world: World, { strikes, say }: StormOptions) {
    this.#world = world;
    this.#say = say;
    const total = strikes * VICTIMS.length;
    this.#plan = Array.from({ length: total }, (_, n) => ({
      at: (n + 1) / (total + 1),
      victim: VICTIMS[n % VICTIMS.length]!,
    }));
  }

  look(share: number): void {
    while (this.#plan[0] && share >= this.#plan[0].at) {
      const { victim } = this.#plan.shift()!;
      this.#last = this.#last.then(() => this.#strike(victim));
    }
  }

  /** Until all that was planned has been struck, and is back. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #strike(victim: string): Promise<void> {
    const until = performance.now() + BACK_MS;
    let pid = this.#world.system.pids()[victim];
    for (; pid === undefined && performance.now() < until; pid = this.#world.system.pids()[victim]) await sleep(20);
    this.#world.kill(victim);
    this.killed.push(victim);
    this.#say(`killed ${victim}`);
    while (performance.now() < until) {
      const back = this.#world.system.pids()[victim];
      if (back !== undefined && back !== pid) return;
      await sleep(20);
    }
  }
}

/** Questions to people and what waits for its time stay open; everything else has come to its end. */
async function untilQuiet({ sql }: World, shops: readonly string[], limitMs: number): Promise<void> {
  const until = performance.now() + limitMs;
  let open: Record<string, unknown> = {};
  while (performance.now() < until) {
    open = {};
    for (const shop of shops) {
      const {
        escalations: _asked,
        timers: _timers,
        actions: _waiting,
        unknownActions: _looked,
        mails: _mails,
        ...rest
      } = await whatIsOpen(sql, shop);
      const [due] = await sql<{ n: number }[]>`
        select count(*)::int as n from actions where store = ${shop} and (state = 'calling' or state = 'pending' and not_before <= now()
          and (next_look_at is null or next_look_at <= now()))`;
      if (due!.n > 0) rest.actions = due!.n;
      if (Object.keys(rest).length > 0) open[shop] = rest;
    }
    if (Object.keys(open).length === 0) return;
    await sleep(LOOK_MS);
  }
  throw new Error(`Not quiet after ${limitMs / 1_000} s: ${JSON.stringify(open)}`);
}
