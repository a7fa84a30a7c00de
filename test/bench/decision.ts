import { sleep } from '#shared/runtime/clocks.ts';
import { startWorld, type World } from '../world.ts';
import { percentile, round } from './figures.ts';

const PER_SECOND = 10;
const SECONDS = 30;
/** Webhooks that warm compilers and caches up and are not counted. */
const WARM_UP = 50;
/** Commits on the way of a webhook to its decision: delivery, events, facts, answers, verdict. */
const COMMITS = 5;

/** Webhook to decision at a steady ten a second: half orders, half competitors' prices, real processes and a durable database. */
export async function decision(): Promise<object> {
  const world = await startWorld({ sandbox: 'silent', ownPostgres: true });
  try {
    await stockShelf(world);
    for (let n = 0; n < WARM_UP; n++) await send(world, n);
    await untilJudged(world);
    const [before] = await world.sql<{ head: number }[]>`select head from stores where store = ${world.store}`;
    const started = performance.now();
    const acks: number[] = [];
    for (let n = 0; n < PER_SECOND * SECONDS; n++) {
      await sleep(Math.max(0, started + (n * 1_000) / PER_SECOND - performance.now()));
      const sentAt = performance.now();
      void send(world, WARM_UP + n).then(() => acks.push(performance.now() - sentAt));
    }
    await untilJudged(world);
    const rows = await world.sql<{ ms: number; closed_as: string }[]>`
      select extract(epoch from r.closed_at - d.received_at) * 1000 as ms, r.closed_as
      from rounds r join events e using (store, seq) join deliveries d on d.id = e.delivery
      where r.store = ${world.store} and r.seq > ${before!.head} and cardinality(r.expected) > 0`;
    const ms = rows.map((row) => Number(row.ms));
    const floor = await commits(world);
    const p50Ms = percentile(ms, 50);
    return {
      name: 'decision',
      floor: round(floor),
      ours: round(p50Ms),
      ratio: round(p50Ms / floor),
      p99Ms: round(percentile(ms, 99)),
      ackP99Ms: round(percentile(acks, 99)),
      rounds: ms.length,
      completeShare: round(rows.filter((row) => row.closed_as === 'complete').length / rows.length),
    };
  } finally {
    await world.stop();
  }
}

/** Until everything is mapped and judged; actions are left waiting, for no store is attached that could take them. */
async function untilJudged(world: World): Promise<void> {
  for (let open = 1; open > 0; await sleep(50)) {
    const [row] = await world.sql<{ n: number }[]>`
      select (select count(*) from deliveries where state = 'received')
        + (select count(*) from rounds where closed_as is null)
        + (select max(s.head - p.seq) from stores s join positions p using (store)) as n`;
    open = Number(row?.n ?? 1);
  }
}

async function stockShelf(world: World): Promise<void> {
  await world.postShopify('products/create', {
    id: 1,
    admin_graphql_api_id: 'gid://shopify/Product/1',
    title: 'Candle',
    product_type: 'candles',
    vendor: 'acme',
    status: 'active',
    updated_at: new Date().toISOString(),
    variants: [
      {
        id: 11,
        admin_graphql_api_id: 'gid://shopify/ProductVariant/11',
        product_id: 1,
        sku: 'CANDLE',
        price: '10.00',
        inventory_item_id: 111,
        inventory_quantity: 5_000,
      },
    ],
  });
  await world.postShopify('inventory_items/update', {
    id: 111,
    admin_graphql_api_id: 'gid://shopify/InventoryItem/111',
    sku: 'CANDLE',
    cost: '4.00',
    updated_at: new Date().toISOString(),
  });
  await world.untilQuiet();
}

function send(world: World, n: number): Promise<Response> {
  const now = new Date().toISOString();
  if (n % 2 === 0)
    return world.postWorld('competitor.price-changed', {
      sku: 'CANDLE',
      competitor: `rival ${n % 7}`,
      priceMinor: 700 + (n % 300),
      currency: 'GBP',
    });
  const id = 5_000_000 + n;
  return world.postShopify('orders/create', {
    id,
    admin_graphql_api_id: `gid://shopify/Order/${id}`,
    name: `#${id}`,
    created_at: now,
    updated_at: now,
    currency: 'GBP',
    total_price: '20.00',
    current_total_price: '20.00',
    financial_status: 'paid',
    test: false,
    cancelled_at: null,
    customer: { id: 9_000 + (n % 50), admin_graphql_api_id: `gid://shopify/Customer/${9_000 + (n % 50)}` },
    line_items: [
      {
        id: id * 10,
        sku: 'CANDLE',
        variant_id: 11,
        quantity: 2,
        price: '10.00',
        requires_shipping: true,
        title: 'Candle',
      },
    ],
  });
}

/** The floor: as many small commits, one after the other, on the same database. */
async function commits(world: World): Promise<number> {
  await world.sql`create table if not exists floor (n int)`;
  const times: number[] = [];
  for (let n = 0; n < 200; n++) {
    const started = performance.now();
    for (let commit = 0; commit < COMMITS; commit++) await world.sql`insert into floor values (${n})`;
    times.push(performance.now() - started);
  }
  return percentile(times, 50);
}
