import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Envelope } from '#shared/contracts/envelope.ts';
import { systemClocks } from '#shared/runtime/clocks.ts';
import { createLogger } from '#shared/runtime/logger.ts';
import { seal } from '#shared/runtime/seal.ts';
import { readEventsAfter } from '#shared/store/read-events.ts';
import { inStores } from '#shared/store/transaction.ts';
import { createDatabase, type TestDatabase } from '#shared/testing/database.ts';
import type { Stored } from '../../services/context/fold.ts';
import { changesOf, project } from '../../services/context/project.ts';
import { Connectors } from '../../services/executor/connectors.ts';
import { Counts } from '../../services/executor/counts.ts';
import type { Deps } from '../../services/executor/deps.ts';
import { FetchLoop } from '../../services/executor/fetch-loop.ts';
import { PollLoop } from '../../services/executor/poll-loop.ts';
import { SHOPIFY_SECRET, startHarness } from '../../services/gateway/fixtures/harness.ts';
import { startSandbox } from '../../services/sandbox/service.ts';

const STORE = 'shop';
const ORDERS = 150;
const DAY_MS = 86_400_000;
const NEVER = new AbortController().signal;
/** One in twenty, as a platform loses them: the sender is told that all is well. */
const LOST_OF = 20;
const LOSES = /^(?:orders|products|inventory_levels|inventory_items|refunds|fulfillments)\//;
const NAME_OTHERS = [
  'inventory_levels/update',
  'fulfillments/create',
  'fulfillments/update',
  'fulfillment_events/create',
  'disputes/create',
];
const SECRETS = {
  shopifySecret: SHOPIFY_SECRET,
  worldSecret: `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`,
  accessToken: 'token',
};
const logger = createLogger('missed-webhooks', 'silent');

type Harness = Awaited<ReturnType<typeof startHarness>>;

/**
 * Nine days of trade, in the form in which a shop's file has it; every ninth order is cancelled. All of it has been shipped by
 * now: what is told as of later is taken as of when it came, which differs from one gateway to the other.
 */
function invoices(): string {
  const first = Date.now() - 28 * DAY_MS;
  const rows = ['InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'];
  for (let n = 0; n < ORDERS; n++) {
    const at = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
    const placedMs = first + Math.floor((n / ORDERS) * 9 * DAY_MS);
    const line = (item: number, units: number) =>
      `${30_000 + item}A,THING ${item},${units},${at(placedMs)},${(1 + item / 4).toFixed(2)},${50_000 + (n % 40)},United Kingdom`;
    rows.push(`${700_000 + n},${line(n % 12, 1 + (n % 5))}`, `${700_000 + n},${line(12 + (n % 7), 2)}`);
    if (n % 9 === 0)
      rows.push(`C${800_000 + n},${line(n % 12, -(1 + (n % 5)))}`.replace(at(placedMs), at(placedMs + DAY_MS / 2)));
  }
  return `${rows.join('\n')}\n`;
}

/** Passes everything to one gateway, and all but what gets lost to the other. */
class LossyRoad {
  readonly lost: { id: string; topic: string; body: Record<string, unknown> }[] = [];
  readonly #server: Server;

  constructor(whole: string, lossy: string) {
    this.#server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const body = Buffer.concat(parts);
      const headers = Object.fromEntries(
        Object.entries(request.headers).filter(([name]) => name !== 'host' && name !== 'connection'),
      ) as Record<string, string>;
      const post = (base: string) => fetch(`${base}${request.url}`, { method: 'POST', headers, body });
      const topic = headers['x-shopify-topic'] ?? '';
      const id = headers['x-shopify-webhook-id'] ?? '';
      const isLost = LOSES.test(topic) && createHash('sha256').update(id).digest()[0]! % LOST_OF === 0;
      if (isLost) this.lost.push({ id, topic, body: JSON.parse(body.toString()) });
      const answers = await Promise.all([post(whole), ...(isLost ? [] : [post(lossy)])]);
      const worst = answers.find((answer) => !answer.ok) ?? answers[0]!;
      response.writeHead(worst.status).end();
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** What names a product or an order waits for whoever introduces it, and that was lost; everything else is mapped. */
async function mapped({ sql }: Harness): Promise<void> {
  for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const [row] =
      await sql`select count(*)::int as n from deliveries where state = 'received' and topic <> all(${NAME_OTHERS})`;
    if (row!.n === 0) return;
  }
  throw new Error('deliveries are still waiting to be mapped');
}

/** What the events of a store come to, without what rests on when each was told. */
async function factsOf({ sql }: Harness): Promise<Record<string, unknown>> {
  const events: Envelope[] = await inStores(sql, [STORE], (tx) => readEventsAfter(tx, STORE, 0, 1_000_000));
  const current = new Map<string, Stored>();
  const { facts } = project(changesOf(events), (key) => current.get(key));
  const entries = [...facts].flatMap(([key, { value }]): [string, unknown][] => {
    const attribute = key.split('\n')[1]!;
    if (attribute === 'price-history' || attribute === 'stock') return [];
    if (attribute === 'available') return [[key, (value as { units: number }).units]];
    if (attribute === 'paid') return [[key, (value as { minor: number }).minor]];
    return [[key, value]];
  });
  return Object.fromEntries(entries.sort());
}

describe('one webhook in twenty is lost, and nobody says so', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-missed-'));
  let database: TestDatabase;
  let whole: Harness;
  let lossy: Harness;
  let road: LossyRoad;
  let sandbox: Awaited<ReturnType<typeof startSandbox>>;
  let keepingUp: NodeJS.Timeout;

  before(async () => {
    database = await createDatabase();
    [whole, lossy] = await Promise.all([startHarness(), startHarness()]);
    // No coordinator runs here, and a gateway waits for one that falls behind.
    keepingUp = setInterval(() => {
      for (const { sql } of [whole, lossy])
        void sql`insert into positions (store, service, seq) select store, 'coordinator', head from stores
          on conflict (store, service) do update set seq = excluded.seq`.catch(() => {});
    }, 50);
    road = new LossyRoad(whole.base, lossy.base);
    const file = join(folder, 'trade.csv');
    writeFileSync(file, invoices());
    sandbox = await startSandbox({
      sql: database.open('sandbox'),
      logger,
      store: STORE,
      seed: 1,
      speed: 'max',
      replayFile: file,
      gatewayUrl: await road.open(),
      secrets: SECRETS,
      host: '127.0.0.1',
      port: 0,
    });
    await ended(sandbox.port);
    await Promise.all([whole.settled(), mapped(lossy)]);
  });
  after(async () => {
    clearInterval(keepingUp);
    await sandbox.stop();
    road.close();
    await Promise.all([whole.stop(), lossy.stop()]);
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ended = async (port: number) => {
    for (
      const until = Date.now() + 90_000;
      Date.now() < until;
      await new Promise((resolve) => setTimeout(resolve, 100))
    ) {
      const headers = { 'x-shopify-access-token': SECRETS.accessToken };
      const answer = await fetch(`http://127.0.0.1:${port}/stores/${STORE}/progress`, { headers });
      const progress = (await answer.json()) as { ended: boolean; pending: number };
      if (progress.ended && progress.pending === 0) return;
    }
    throw new Error('the replay did not end');
  };

  /** The executor's own loops, with its own connectors, over HTTP. */
  const executor = async (work: (deps: Deps) => Promise<void>) => {
    const { sql, master } = lossy;
    const url = `http://127.0.0.1:${sandbox.port}/stores/${STORE}`;
    const sealed = seal(master, `credential:${STORE}:sandbox`, Buffer.from(SECRETS.accessToken));
    await sql`insert into credentials (store, platform, sealed, url) values (${STORE}, 'sandbox', ${sealed}, ${url}) on conflict do nothing`;
    const connectors = new Connectors({ master, clocks: systemClocks, logger });
    await work({ sql, master, logger, connectors, clocks: systemClocks, counts: new Counts() } as unknown as Deps);
    connectors.close();
    await lossy.settled();
  };
  const answer = () =>
    executor(async (deps) => {
      await lossy.sql`update fetches set due_at = clock_timestamp() where state = 'waiting'`;
      const loop = new FetchLoop(deps, () => [STORE]);
      await loop.tick(NEVER);
      await loop.idle();
    });
  const poll = (beganAt?: string) =>
    executor(async (deps) => {
      // It has been connected for a month: what was sent or cancelled since counts as well.
      const began = new Date(Date.now() - 30 * DAY_MS).toISOString();
      for (const kind of ['product', 'order'])
        await lossy.sql`insert into polls (store, kind, until, polled_at, began_at) values (${STORE}, ${kind}, ${began}, 'epoch', ${began}) on conflict do nothing`;
      await lossy.sql`update polls set until = ${began}, polled_at = 'epoch', began_at = ${beganAt ?? began}`;
      const loop = new PollLoop(deps, 10);
      await loop.tick(NEVER);
      await loop.idle();
    });
  const found = async () =>
    (await lossy.sql`select kind, found, fault from polls order by kind`).map((row) => ({ ...row }));

  test('a level of an item that nobody has introduced leads to its product', async () => {
    const { body } = road.lost.find(({ topic }) => topic === 'products/create')!;
    const told = () =>
      lossy.sql`select subject from events where type = 'product.changed' and data ->> 'product' = ${String(body.id)}`;
    assert.equal((await told()).length, 0);
    // Its minute is over; then the stock says of which product it is, and the product what it is.
    await lossy.sql`update deliveries set received_at = received_at - interval '2 minutes' where state = 'received'`;
    await lossy.settled();
    await answer();
    await answer();
    assert.equal((await told()).length, (body.variants as unknown[]).length);
  });

  test('one poll finds all of it', async () => {
    const topics = new Set(road.lost.map(({ topic }) => topic));
    assert.ok(topics.has('orders/create') && topics.size >= 3, `lost: ${[...topics]}`);
    const expected = await factsOf(whole);
    assert.notDeepEqual(await factsOf(lossy), expected, 'what is lost must be missing');
    await poll();
    assert.deepEqual(await factsOf(lossy), expected);
  });

  test('what was found is counted, and a second look finds nothing', async () => {
    const counted = await found();
    const [row] = await lossy.sql`select count(*)::int as n from deliveries where via = 'poll' and state = 'mapped'`;
    assert.equal(
      counted.reduce((sum, { found: n }) => sum + Number(n), 0),
      row!.n,
    );
    const orders = new Set(road.lost.filter(({ topic }) => topic === 'orders/create').map(({ body }) => body.id));
    assert.ok(Number(counted.find(({ kind }) => kind === 'order')!.found) >= orders.size);
    assert.deepEqual(
      counted.map(({ fault }) => fault),
      [null, null],
    );
    const metrics = await (await fetch(`${lossy.operator}/metrics`)).text();
    for (const { kind, found: n } of counted)
      assert.match(metrics, new RegExp(`parley_found_total\\{kind="${kind}"\\} ${n}\\n`));
    await poll();
    assert.deepEqual(await found(), counted);
  });

  test('a catalogue that comes with a new store is no find', async () => {
    const before = await found();
    await lossy.sql`delete from versions`;
    await lossy.sql`delete from events where type = 'price.changed'`;
    await lossy.sql`delete from deliveries where via = 'poll'`;
    await poll(new Date().toISOString());
    const [row] = await lossy.sql`select count(*)::int as n from deliveries where via = 'poll' and state = 'mapped'`;
    assert.ok(row!.n > 0);
    assert.deepEqual(await found(), before);
  });

  test('an order that was lost is told by one event, as its webhook would have told it', async () => {
    const { id } = road.lost.find(({ topic }) => topic === 'orders/create')!.body;
    const events = async ({ sql }: Harness) =>
      (await sql`select time, data from events where type = 'order.placed' and subject = ${`order:${id}`}`).map(
        (row) => ({ ...row }),
      );
    assert.deepEqual(await events(lossy), await events(whole));
  });
});
